"""Each text column says whether it is personal, and one place empties those that are."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Enum, String

from app.models import Activation, Base, BulkOrderRow
from app.paths import ROOT

COLUMNS = [column for table in Base.metadata.tables.values() for column in table.columns]
PERSONAL: list[Column[Any]] = [column for column in COLUMNS if column.info.get("personal")]


def holds_text(column: Column[Any]) -> bool:
    return isinstance(column.type, String) and not isinstance(column.type, Enum)


def emptied(tree: ast.AST) -> Iterator[str]:
    """Name what a module sets to None: an attribute of a row, or a column of an UPDATE."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.value, "value", ...) is None:
            yield from (target.attr for target in node.targets if isinstance(target, ast.Attribute))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "values":
            yield from (word.arg or "" for word in node.keywords if getattr(word.value, "value", ...) is None)


def test_each_text_column_says_whether_it_is_personal() -> None:
    silent = [str(column) for column in COLUMNS if holds_text(column) and "personal" not in column.info]
    assert silent == []


def test_what_is_personal_belongs_to_an_activation_or_an_order_and_can_be_emptied() -> None:
    assert PERSONAL
    assert {column.table for column in PERSONAL} == {Activation.__table__, BulkOrderRow.__table__}
    assert all(column.nullable for column in PERSONAL)


def test_nothing_but_the_one_eraser_empties_a_personal_column() -> None:
    names = {column.key for column in PERSONAL}
    wrong = [
        f"{path.relative_to(ROOT)} empties {name}"
        for path in Path(ROOT, "app").rglob("*.py")
        for name in emptied(ast.parse(path.read_text()))
        if name in names
    ]
    assert wrong == []

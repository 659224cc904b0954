"""Rows whose columns are read by name, each with its type: no order, and no equal name, can mix them up."""

from typing import Any, Protocol, TypeVar

from sqlalchemy import Result, SQLColumnExpression

T = TypeVar("T")


class TypedRow(Protocol):
    """One row: `row[Activation.state]` is an `ActivationState`, a column that was not selected a KeyError."""

    def __getitem__(self, column: SQLColumnExpression[T], /) -> T:
        """Return the value of a column."""


class TypedColumns:
    """The columns of a statement, attributes or labelled expressions: the same objects are the keys."""

    def __init__(self, *columns: SQLColumnExpression[Any]) -> None:
        self.columns = columns

    def rows(self, result: Result[*tuple[Any, ...]]) -> list[TypedRow]:
        """Return the rows of a statement that selects these columns."""
        # A dictionary is read in C, a class with a `__getitem__` of its own in Python.
        return [dict(zip(self.columns, row, strict=True)) for row in result.all()]

    def first(self, result: Result[*tuple[Any, ...]]) -> TypedRow | None:
        """Return the first of these rows; None where there is none."""
        return next(iter(self.rows(result)), None)

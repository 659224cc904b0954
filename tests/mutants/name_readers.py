"""Which lines read a name: what a module makes when it is loaded shows where functions use it."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.mutants.mutations import ROOT

Place = tuple[Path, int]
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


class NameReaders:
    """The lines within functions that read what stands in none, directly or by way of another name."""

    def __init__(self, paths: Iterable[Path], is_run_while_loading: Callable[[Path, int], bool]) -> None:
        self._sources = {path: path.read_text() for path in paths}
        self._is_run_while_loading = is_run_while_loading

    def of_names(self, path: Path, lines: range) -> Mapping[str, set[Place]]:
        """Return who reads each name that these lines bind, and each that names the row of a table."""
        return {name: {*self._readers(path, name)} for name in _names_at(_parse(path), lines.start)}

    @cache  # noqa: B019, there is one
    def users_of(self, path: Path) -> Sequence[Path]:
        """Return a file and those that import it."""
        imports = importing(str(path.relative_to(ROOT)))
        return [one for one, source in self._sources.items() if one == path or imports.search(source)]

    def _readers(self, path: Path, name: str) -> Iterator[Place]:
        waiting, known = [(path, name)], {(path, name)}
        while waiting:
            made_in, name = waiting.pop()
            for user in self.users_of(made_in):
                for line in _mentions(user).get(name, ()):
                    is_called = line in called_lines(user)
                    if is_called:
                        yield user, line
                    if not is_called or self._is_run_while_loading(user, line):
                        further = {(user, other) for other in _names_at(_parse(user), line)} - known
                        known |= further
                        waiting.extend(further)


def importing(path: str) -> re.Pattern[str]:
    """Return what stands in a file that imports this one."""
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    package, _, module = name.rpartition(".")
    return re.compile(rf"{re.escape(name)}\b|from {re.escape(package)} import .*\b{module}\b")


@cache
def called_lines(path: Path) -> set[int]:
    """Return the lines within functions; whichever test comes first runs the others."""
    functions = (node for node in ast.walk(_parse(path)) if isinstance(node, _FUNCTIONS))
    parts = (part for one in functions for part in (one.body if isinstance(one.body, list) else [one.body]))
    return {line for part in parts for line in _range(part)}


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _mentions(path: Path) -> Mapping[str, Sequence[int]]:
    lines = defaultdict[str, list[int]](list)
    for node in ast.walk(_parse(path)):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                lines[name].append(node.lineno)
    return lines


def _names_at(scope: ast.Module | ast.ClassDef, line: int) -> set[str]:
    """Return what the statement on this line binds, and what the row of a table is for."""
    for statement in scope.body:
        if line in _range(statement):
            return {*_row_names(statement, line)} | _bound_names(statement, line)
    return set()


def _row_names(statement: ast.stmt, line: int) -> Iterator[str]:
    for table in ast.walk(statement):
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values, strict=True):
                if key and (line in _range(key) or line in _range(value)):
                    yield from (part.attr for part in ast.walk(key) if isinstance(part, ast.Attribute))


def _bound_names(statement: ast.stmt, line: int) -> set[str]:
    match statement:
        case ast.ClassDef():
            # What makes an object of a class is called by its name.
            methods = {name for name in _names_at(statement, line) if not name.startswith("__")}
            return methods or {statement.name}
        case ast.FunctionDef():
            return {statement.name}
        case ast.Assign() | ast.AnnAssign():
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = (part for target in targets for part in ast.walk(target))
            return {part.id for part in names if isinstance(part, ast.Name)}
    return set()


def _range(node: ast.stmt | ast.expr) -> range:
    first = min((one.lineno for one in getattr(node, "decorator_list", ())), default=node.lineno)
    return range(first, (node.end_lineno or 0) + 1)

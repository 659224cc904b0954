"""The small faults that a line can have: another comparison, a wrong constant, a call that is missing."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("domain", "services", "bank", "mail", "web")
_PAIRS = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.FloorDiv), (ast.BitOr, ast.BitAnd)),
)
_SWAPPED: Mapping[type, Any] = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
#: What says something to readers and type checkers alone.
_UNREAD = {"annotation", "returns", "decorator_list", "bases", "exc"}
_SKIPPED = (ast.Import, ast.ImportFrom, ast.Assert)
#: A sentence that differs is in no catalogue, which a test notices that reads the files.
_SENTENCES = ("_", "_l", "_label")


def product_files() -> Sequence[Path]:
    """Return the files that faults are put into, in one order."""
    return [path for name in _PACKAGES for path in sorted((ROOT / "app" / name).rglob("*.py"))]


@dataclass(frozen=True)
class Mutant:
    """One fault: the part of a file that it changes, and what stands there then."""

    path: str
    place: int
    fault: int
    lines: range
    change: str

    @property
    def name(self) -> str:
        """Name it so that other lines may come and go."""
        return f"{self.path}: {self.change}"

    def tree(self) -> ast.Module:
        """Return the file with its fault."""
        tree = ast.parse((ROOT / self.path).read_text())
        parent, field, at, node = [*_places(tree)][self.place]
        faulty = ast.copy_location([*_faults(node)][self.fault], node)
        if at is None:
            setattr(parent, field, faulty)
        else:
            getattr(parent, field)[at] = faulty
        return ast.fix_missing_locations(tree)


def find_mutants(path: Path, root: Path = ROOT) -> Iterator[Mutant]:
    """Yield every fault that a file can have."""
    for place, (_parent, _field, _at, node) in enumerate(_places(ast.parse(path.read_text()))):
        for fault, after in enumerate(_faults(node)):
            change = f"{_write(node)} -> {_write(after)}"
            lines = range(node.lineno, (node.end_lineno or 0) + 1)
            yield Mutant(str(path.relative_to(root)), place, fault, lines, change)


def _places(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, Any]]:
    """Walk through what a program runs, which docstrings, types and messages of errors are not."""
    for field, value in ast.iter_fields(parent):
        if field not in _UNREAD and not (field == "args" and _is_sentence(parent)):
            for at, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                quoted = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
                if isinstance(node, ast.AST) and not quoted and not isinstance(node, _SKIPPED):
                    yield parent, field, at, node
                    yield from _places(node)


def _is_sentence(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _SENTENCES


def _faults(node: Any) -> Iterator[ast.AST]:
    for kind, make in _KINDS.items():
        if isinstance(node, kind):
            yield from make(node)


def _of_operator(node: Any) -> Iterator[ast.AST]:
    if type(node.op) in _SWAPPED:
        yield type(node)(**{**dict(ast.iter_fields(node)), "op": _SWAPPED[type(node.op)]()})


def _of_constant(node: ast.Constant) -> Iterator[ast.AST]:
    match node.value:
        case bool() as truth:
            yield ast.Constant(not truth)
        case int() as number:
            yield ast.Constant(number + 1)
        case str() as text if text:
            yield ast.Constant(f"{text}x")


def _of_call(node: ast.Call) -> Iterator[ast.AST]:
    if ast.unparse(node.func) not in ("cast", "TypeVar"):
        for one in node.keywords:
            yield ast.Call(node.func, node.args, [other for other in node.keywords if other is not one])


_KINDS: Mapping[type, Callable[[Any], Iterator[ast.AST]]] = {
    ast.Compare: lambda node: iter(
        [ast.Compare(node.left, [_SWAPPED[type(node.ops[0])](), *node.ops[1:]], node.comparators)]
    ),
    ast.BoolOp: _of_operator,
    ast.BinOp: _of_operator,
    ast.Constant: _of_constant,
    ast.UnaryOp: lambda node: iter([node.operand] if isinstance(node.op, ast.Not) else []),
    ast.Return: lambda node: iter([ast.Return(ast.Constant(None))] if not _is_none(node.value) else []),
    ast.If: lambda node: iter([ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)]),
    ast.IfExp: lambda node: iter([ast.IfExp(node.test, node.orelse, node.body)]),
    ast.Expr: lambda node: iter([ast.Pass()] if isinstance(node.value, ast.Call) else []),
    ast.Call: _of_call,
}


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _write(node: ast.AST) -> str:
    """Write a part of a program in one line."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())

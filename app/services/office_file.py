"""An office's file as a table: CSV or workbook, its headings wherever they stand, each cell checked."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Generic, TypeVar

from app.domain.banks import BANKS, find_bank
from app.domain.cards import looks_like_card_number
from app.domain.file_rules import FileFault, FileProblem, InvalidCell, InvalidFile
from app.domain.order_rules import ActionRefused, parse_account, parse_email_address
from app.domain.typed_text import fold_keyword, plain_text, visible_text
from app.services.csv_rows import FileRow, Sheet, read_csv
from app.services.workbook_rows import MOST_COLUMNS, read_workbook

ColumnT = TypeVar("ColumnT", bound=StrEnum)

#: Above the headings may stand a title, a day, remarks.
_HEAD_ROWS = 20
_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"
#: What a spreadsheet makes of a long number that it takes for one: 6,12E+09.
_REWRITTEN = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]\d{2,}")

#: What stands between the words of a heading, or does not, and tells no column from another.
_BETWEEN_WORDS = re.compile(r" |\b(?:de|du|des|d|la|le|les|l|van|het|der|die|das|den|the|of)\b")


def fold_heading(text: str) -> str:
    """Return a heading as it is compared: E-mail van de kaarthouder is emailkaarthouder."""
    return _BETWEEN_WORDS.sub("", fold_keyword(text))


@dataclass(frozen=True)
class ColumnRule:
    """How a column may be headed, the likeliest words first, and what its cells must hold, if anything.

    `clean` takes off the dress in which the cell came; what it leaves empty is empty.
    """

    headings: tuple[str, ...]
    check: Callable[[str], str] = str
    clean: Callable[[str], str] = plain_text

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The headings as they are compared."""
        return tuple(map(fold_heading, self.headings))


@dataclass(frozen=True)
class FileCells(Generic[ColumnT]):
    """The cells of one row, by their columns."""

    line: int
    cells: Mapping[ColumnT, str]

    def check_cells(
        self, rules: Mapping[ColumnT, ColumnRule]
    ) -> tuple[dict[ColumnT, str], dict[ColumnT, InvalidCell]]:
        """Return what the cells hold, and why others cannot be taken."""
        good: dict[ColumnT, str] = {}
        bad: dict[ColumnT, InvalidCell] = {}
        for column, cell in self.cells.items():
            try:
                good[column] = check_cell(rules[column], cell)
            except InvalidCell as invalid:
                bad[column] = invalid
        return good, bad


@dataclass(frozen=True)
class OfficeFile(Generic[ColumnT]):
    """The headings as they were written, and the rows of which any of our cells is filled in."""

    headings: Mapping[ColumnT, str]
    rows: list[FileCells[ColumnT]]


def read_office_file(
    raw: bytes,
    rules: Mapping[ColumnT, ColumnRule],
    *,
    most_rows: int,
    optional: frozenset[ColumnT] = frozenset(),
) -> OfficeFile[ColumnT]:
    """Read a file of these columns, others are left alone; raise InvalidFile where that is no such file."""
    sheet, header, places = _find_headings(_open_sheets(raw, most_rows), rules)
    missing = [column for column in rules if column not in places and column not in optional]
    if missing:
        raise InvalidFile(
            *(FileFault(FileProblem.COLUMN_MISSING, header.line, about=column) for column in missing)
        )
    headings = {column: visible_text(header.cells[place]) for column, place in places.items()}
    rows: list[FileCells[ColumnT]] = []
    for row in sheet():
        if row.line > header.line and (found := _pick_cells(row, places)):
            rows.append(FileCells(row.line, found))
        if len(rows) > most_rows:
            raise InvalidFile(FileFault(FileProblem.TOO_MANY_ROWS, about=most_rows))
    if not rows:
        raise InvalidFile(FileFault(FileProblem.NO_ROWS, header.line + 1))
    return OfficeFile(headings, rows)


def _open_sheets(raw: bytes, most_rows: int) -> list[Sheet]:
    if raw.startswith(_OLD_EXCEL):
        raise InvalidFile(FileFault(FileProblem.OLD_WORKBOOK))
    return read_workbook(raw, most_rows) if raw.startswith(_ZIP) else read_csv(raw)


def _find_headings(
    sheets: list[Sheet], rules: Mapping[ColumnT, ColumnRule]
) -> tuple[Sheet, FileRow, dict[ColumnT, int]]:
    """Return the row that names most of the columns, and where; raise InvalidFile where none names two."""
    best: tuple[Sheet, FileRow, dict[ColumnT, int]] | None = None
    for sheet in sheets:
        # What breaks further down is told once it is known that this is the sheet.
        with suppress(InvalidFile):
            for row in islice(sheet(), _HEAD_ROWS):
                places = _locate_columns(row, rules)
                if len(places) > (len(best[2]) if best else 1):
                    best = sheet, row, places
    if best is None:
        _raise_what_breaks(sheets)
        raise InvalidFile(FileFault(FileProblem.NO_HEADINGS, about=",".join(rules)))
    _refuse_doubled_headings(best[1], best[2])
    return best


def _raise_what_breaks(sheets: list[Sheet]) -> None:
    """Raise why a file without headings cannot be read at all, where that is why."""
    for row in islice(sheets[0](), _HEAD_ROWS) if sheets else ():
        if any(row.cells[MOST_COLUMNS:]):
            raise InvalidFile(FileFault(FileProblem.TOO_MANY_COLUMNS, row.line, about=MOST_COLUMNS))


def _locate_columns(row: FileRow, rules: Mapping[ColumnT, ColumnRule]) -> dict[ColumnT, int]:
    """Find each column by the likeliest of its headings that stands there."""
    words = [fold_heading(cell) for cell in row.cells[:MOST_COLUMNS]]
    found = {
        column: next((words.index(heading) for heading in rule.folded if heading in words), None)
        for column, rule in rules.items()
    }
    return {column: place for column, place in found.items() if place is not None}


def _refuse_doubled_headings(row: FileRow, places: Mapping[ColumnT, int]) -> None:
    words = [fold_keyword(cell) for cell in row.cells]
    doubled = [row.cells[place] for place in places.values() if words.count(words[place]) > 1]
    if doubled:
        raise InvalidFile(*(FileFault(FileProblem.COLUMN_TWICE, row.line, heading) for heading in doubled))
    if any(row.cells[MOST_COLUMNS:]):
        raise InvalidFile(FileFault(FileProblem.TOO_MANY_COLUMNS, row.line, about=MOST_COLUMNS))


def _pick_cells(row: FileRow, places: Mapping[ColumnT, int]) -> dict[ColumnT, str]:
    """Return our cells of a row; none where all of them are empty."""
    cells = {c: row.cells[place] if place < len(row.cells) else "" for c, place in places.items()}
    return cells if any(cell.strip() for cell in cells.values()) else {}


def is_rewritten(text: str) -> bool:
    """Tell whether a spreadsheet has made a rounded number of it."""
    return bool(_REWRITTEN.fullmatch(text))


def check_cell(rule: ColumnRule, cell: str) -> str:
    """Return what a cell holds as it is kept; raise InvalidCell."""
    if isinstance(cell, FileProblem):
        raise InvalidCell(cell)
    text = rule.clean(cell)
    if not text:
        raise InvalidCell(FileProblem.EMPTY)
    if is_rewritten(text):
        raise InvalidCell(FileProblem.REWRITTEN)
    return rule.check(text)


def check_free_text(longest: int) -> Callable[[str], str]:
    """Return a check of a text that may be anything but too long, and no card number."""

    def check(cell: str) -> str:
        if looks_like_card_number(cell):
            raise InvalidCell(FileProblem.CARD_NUMBER)
        if len(cell) > longest:
            raise InvalidCell(FileProblem.TOO_LONG, longest)
        return cell

    return check


@contextmanager
def as_cell_problem() -> Iterator[None]:
    """Tell what a rule of the domain refuses as the problem of a cell."""
    try:
        yield
    except ActionRefused as refused:
        raise InvalidCell(refused.problem) from None


def check_address(cell: str) -> str:
    """Return one address in lower case."""
    with as_cell_problem():
        return parse_email_address(cell).lower()


def check_bank(cell: str) -> str:
    """Return the key of a bank that is named by its name, one of its other names, or its BIC."""
    bank = find_bank(cell)
    if bank is None:
        raise InvalidCell(FileProblem.UNKNOWN_BANK, ", ".join(bank.name for bank in BANKS.values()))
    return bank.key


def check_iban(cell: str) -> str:
    """Return a compact IBAN."""
    with as_cell_problem():
        return parse_account(cell)

"""Reading an office's file of dossiers: its columns, what each cell must hold, every fault with its line."""

import csv
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO

from app.domain.banks import BANKS, find_bank
from app.domain.identifiers import may_be_held_at
from app.domain.order_rules import ActionRefused, OrderProblem, parse_account, parse_email_address
from app.domain.spreadsheet_cells import unguard_cell
from app.domain.typed_text import fold_keyword, plain_text, visible_text
from app.models.office import MandateState


class InvalidCell(ValueError):
    """The cell cannot be taken; the text says why and never repeats what stands in it."""


class CsvColumn(StrEnum):
    """The seven columns of a dossier file."""

    OFFICE = "office"
    EMAIL = "accountant e-mail"
    CODE = "code"
    NAME = "name"
    BANK = "bank"
    IBAN = "iban"
    STATE = "state"


@dataclass(frozen=True)
class ColumnRule:
    """How a column may be headed, in French and English, and what its cells must hold.

    `clean` takes off the dress in which the cell came; what it leaves empty is empty.
    """

    headings: frozenset[str]
    check: Callable[[str], str]
    clean: Callable[[str], str] = plain_text


_STATES: Mapping[str, MandateState] = {
    "actif": MandateState.ACTIVE,
    "active": MandateState.ACTIVE,
    "archive": MandateState.ARCHIVED,
    "archived": MandateState.ARCHIVED,
}


def clean_name(cell: str) -> str:
    """Return a name as it is kept, without what cannot be seen; refuse one that runs over a line."""
    if any(unicodedata.category(letter) == "Cc" for letter in cell.strip()):
        raise InvalidCell("has a line break or another control character")
    return unguard_cell(visible_text(cell))


def clean_code(cell: str) -> str:
    """Return a dossier code as it is kept, without the signs by which a spreadsheet keeps it a text."""
    kept = re.sub(r'^="([^"]*)"$', r"\1", clean_name(cell))
    return kept.removeprefix("'").strip()


def _check_text(longest: int) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if len(cell) > longest:
            raise InvalidCell(f"is longer than {longest} characters")
        return cell

    return check


def _check_email(cell: str) -> str:
    with _as_cell_error("is not an e-mail address"):
        return parse_email_address(cell).lower()


def _check_bank(cell: str) -> str:
    bank = find_bank(cell)
    if bank is None:
        raise InvalidCell(f"is not a bank that carries CARO: {', '.join(b.name for b in BANKS.values())}")
    return bank.key


def _check_iban(cell: str) -> str:
    with _as_cell_error("is not an IBAN"):
        return parse_account(cell)


#: What a file is told of a fault, behind what the cell is not.
_CAUSES: Mapping[OrderProblem, str] = {
    OrderProblem.ADDRESS_ACCENT: "there is an accent or another special letter before the @",
    OrderProblem.ADDRESS_COMMA: "there is a comma in it",
    OrderProblem.ADDRESS_SPACE: "there is a space in it",
    OrderProblem.SEVERAL_ADDRESSES: "there is more than one @",
    OrderProblem.BAD_IBAN: "its length or its check digits are wrong",
    OrderProblem.IBAN_LETTER: "there is a letter among its digits",
    OrderProblem.IBAN_LENGTH: "it is too short or too long",
    OrderProblem.OLD_ACCOUNT_NUMBER: "it is the old number of the account",
}


@contextmanager
def _as_cell_error(reason: str) -> Iterator[None]:
    try:
        yield
    except ActionRefused as refused:
        cause = _CAUSES.get(refused.problem)
        raise InvalidCell(f"{reason}: {cause}" if cause else reason) from None


def _check_state(cell: str) -> str:
    state = _STATES.get(fold_keyword(cell))
    if state is None:
        raise InvalidCell("is neither active (actif) nor archived (archivé)")
    return state


KINDS: Mapping[CsvColumn, ColumnRule] = {
    CsvColumn.OFFICE: ColumnRule(frozenset({"office", "bureau"}), _check_text(120), clean_name),
    CsvColumn.EMAIL: ColumnRule(
        frozenset({"accountant email", "accountant e mail", "e mail comptable", "email comptable"}),
        _check_email,
    ),
    CsvColumn.CODE: ColumnRule(
        frozenset({"code", "dossier code", "code dossier"}), _check_text(40), clean_code
    ),
    CsvColumn.NAME: ColumnRule(
        frozenset({"name", "nom", "dossier name", "nom du dossier"}), _check_text(120), clean_name
    ),
    CsvColumn.BANK: ColumnRule(frozenset({"bank", "banque"}), _check_bank),
    CsvColumn.IBAN: ColumnRule(frozenset({"iban"}), _check_iban),
    CsvColumn.STATE: ColumnRule(
        frozenset({"state", "etat", "mandate state", "etat du mandat"}), _check_state
    ),
}


@dataclass(frozen=True)
class LineError:
    """One thing that is wrong with a file: its line, the heading of its column, and why."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


class InvalidDossierFile(Exception):
    """The file cannot be taken, and nothing of it was; carries every fault, in the order of the lines."""

    def __init__(self, faults: list[LineError]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = faults


@dataclass(frozen=True)
class DossierLine:
    """One line: a mandate, the dossier that it is of, and the person of the office who looks after it."""

    line: int
    office: str
    email: str
    code: str
    name: str
    bank: str
    iban: str
    state: MandateState


@dataclass(frozen=True)
class DossierFile:
    """A file whose every line is good, with its headings as they were written."""

    headings: Mapping[CsvColumn, str]
    entries: list[DossierLine]


_Reads = Callable[[DossierLine], Hashable]

#: What two lines must agree on: the column at fault, when they speak of the same thing, what they say of it.
_AGREEMENTS: tuple[tuple[CsvColumn, _Reads, _Reads, str], ...] = (
    (CsvColumn.NAME, lambda e: (e.office, e.code), lambda e: e.name, "the same dossier has another name"),
    (CsvColumn.EMAIL, lambda e: e.email, lambda e: e.office, "the same accountant is of another office"),
    (
        CsvColumn.STATE,
        lambda e: (e.office, e.code, e.iban),
        lambda e: (e.bank, e.state),
        "the same account has another bank or state",
    ),
)


def parse_dossier_file(raw: bytes) -> DossierFile:
    """Read a whole file; raise InvalidDossierFile with all its faults."""
    records = _read_lines(_decode_csv(raw))
    line, header = next(records, (1, []))
    places = _locate_columns(line, header)
    headings = {column: visible_text(header[place]) for column, place in places.items()}
    faults: list[LineError] = []
    entries: list[DossierLine] = []
    for line, cells in records:
        entry = _parse_line(
            line, {column: cells[i] if i < len(cells) else "" for column, i in places.items()}
        )
        if isinstance(entry, DossierLine):
            entries.append(entry)
        else:
            faults += [LineError(line, headings[column], reason) for column, reason in entry.items()]
    faults += _find_contradictions(entries, headings)
    if faults:
        raise InvalidDossierFile(sorted(faults, key=lambda fault: fault.line))
    if not entries:
        raise InvalidDossierFile(
            [LineError(line + 1, headings[CsvColumn.CODE], "there is no dossier in this file")]
        )
    return DossierFile(headings, entries)


def _decode_csv(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InvalidDossierFile(
            [LineError(1, "1", "the file is UTF-16; save it as 'CSV UTF-8' or as 'CSV'")]
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidDossierFile(
            [LineError(line, "1", "the text is neither UTF-8 nor Windows-1252")]
        ) from None


def _read_lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that holds anything, with the number that an editor shows for it."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        reason = "a quotation mark is missing or too many, or a cell has no end"
        raise InvalidDossierFile([LineError(line, "1", reason)]) from None


def _locate_columns(line: int, header: list[str]) -> dict[CsvColumn, int]:
    """Find each column by its heading; raise InvalidDossierFile for those that are missing or stand twice."""
    found = {
        column: [place for place, heading in enumerate(header) if fold_keyword(heading) in kind.headings]
        for column, kind in KINDS.items()
    }
    faults = [
        LineError(line, column, "this column is missing" if not places else "this column stands twice")
        for column, places in found.items()
        if len(places) != 1
    ]
    if faults:
        raise InvalidDossierFile(faults)
    return {column: places[0] for column, places in found.items()}


def _parse_line(line: int, cells: Mapping[CsvColumn, str]) -> DossierLine | dict[CsvColumn, str]:
    """Return the line's entry, or why not, by column."""
    good: dict[CsvColumn, str] = {}
    reasons: dict[CsvColumn, str] = {}
    for column, cell in cells.items():
        try:
            good[column] = _check_cell(column, cell)
        except InvalidCell as bad:
            reasons[column] = str(bad)
    if not reasons and not may_be_held_at(BANKS[good[CsvColumn.BANK]], good[CsvColumn.IBAN]):
        reasons[CsvColumn.IBAN] = "is an account at another bank"
    if reasons:
        return reasons
    return DossierLine(
        line=line,
        office=good[CsvColumn.OFFICE],
        email=good[CsvColumn.EMAIL],
        code=good[CsvColumn.CODE],
        name=good[CsvColumn.NAME],
        bank=good[CsvColumn.BANK],
        iban=good[CsvColumn.IBAN],
        state=MandateState(good[CsvColumn.STATE]),
    )


def _check_cell(column: CsvColumn, cell: str) -> str:
    text = KINDS[column].clean(cell)
    if not text:
        raise InvalidCell("is empty")
    return KINDS[column].check(text)


def _find_contradictions(
    entries: list[DossierLine], headings: Mapping[CsvColumn, str]
) -> Iterator[LineError]:
    for column, subject, statement, reason in _AGREEMENTS:
        first: dict[Hashable, DossierLine] = {}
        for entry in entries:
            earlier = first.setdefault(subject(entry), entry)
            if statement(earlier) != statement(entry):
                yield LineError(entry.line, headings[column], f"{reason} on line {earlier.line}")

"""An office's file of dossiers: its columns, what each cell must hold, what its lines must agree on."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.banks import BANKS
from app.domain.file_rules import FileFault, FileProblem, InvalidCell, InvalidFile
from app.domain.identifiers import may_be_held_at
from app.domain.spreadsheet_cells import unguard_cell
from app.domain.typed_text import fold_keyword, fold_text, visible_text
from app.models.office import MandateState
from app.services.office_file import (
    ColumnRule,
    FileCells,
    check_address,
    check_bank,
    check_free_text,
    check_iban,
    read_office_file,
)


class CsvColumn(StrEnum):
    """The seven columns of a dossier file."""

    OFFICE = "office"
    EMAIL = "accountant e-mail"
    CODE = "code"
    NAME = "name"
    BANK = "bank"
    IBAN = "iban"
    STATE = "state"


#: How people write the two states, in each language.
STATES: Mapping[str, MandateState] = {
    **dict.fromkeys(("active", "actif", "actief", "aktiv"), MandateState.ACTIVE),
    **dict.fromkeys(
        ("archived", "archive", "archivee", "gearchiveerd", "archiviert", "inactive", "inactif", "inactief"),
        MandateState.ARCHIVED,
    ),
    "inaktiv": MandateState.ARCHIVED,
}


def clean_name(cell: str) -> str:
    """Return a name as it is kept, without what cannot be seen; refuse one that runs over a line."""
    if any(unicodedata.category(letter) == "Cc" for letter in cell.strip()):
        raise InvalidCell(FileProblem.CONTROL_CHARACTER)
    return unguard_cell(visible_text(cell))


def clean_code(cell: str) -> str:
    """Return a dossier code as it is kept, without the signs by which a spreadsheet keeps it a text."""
    kept = re.sub(r'^="([^"]*)"$', r"\1", clean_name(cell))
    return kept.removeprefix("'").strip()


def compare_code(code: str) -> str:
    """Return a code as people compare it: DOS01 is dos01, 00123 is 123, as spreadsheets write it."""
    folded = fold_text(code)
    return folded.lstrip("0") or "0" if folded.isdecimal() else folded


def _check_state(cell: str) -> str:
    state = STATES.get(fold_keyword(cell))
    if state is None:
        raise InvalidCell(FileProblem.UNKNOWN_STATE)
    return state


CODE_HEADINGS = (
    *("code", "code dossier", "dossier code", "dossiercode", "code client", "client code", "klantcode"),
    *("numero de dossier", "n dossier", "no dossier", "dossier number", "dossiernummer", "dossiernr"),
    *("klantnummer", "klantnr", "mandantennummer", "mandantennr", "kundennummer"),
    "dossier",
)
BANK_HEADINGS = (
    "bank",
    "banque",
    "nom de la banque",
    "bank name",
    "banknaam",
    "name der bank",
    "bic",
    "code bic",
)
IBAN_HEADINGS = (
    *("iban", "n iban", "no iban", "numero iban", "iban number", "iban nummer", "ibannummer", "iban nr"),
    *("iban rekening", "compte iban", "compte", "numero de compte", "n compte", "account", "account number"),
    *("rekening", "rekeningnummer", "bankrekening", "konto", "kontonummer"),
)
RULES: Mapping[CsvColumn, ColumnRule] = {
    CsvColumn.OFFICE: ColumnRule(
        (
            *("office", "bureau", "kantoor", "buro", "bureau comptable", "accounting office"),
            *("boekhoudkantoor", "accountantskantoor", "buchhaltungsburo", "kanzlei", "fiduciaire"),
        ),
        check_free_text(120),
        clean_name,
    ),
    CsvColumn.EMAIL: ColumnRule(
        tuple(
            heading.format(mail)
            for heading in (
                *("accountant {}", "{} comptable", "{} du comptable", "{} boekhouder", "{} accountant"),
                *("{} buchhalter", "{} des buchhalters", "{} of accountant"),
                *("{} of the office", "{} du bureau", "{} van het kantoor", "{} des buros", "office {}"),
            )
            for mail in ("email", "e mail", "courriel", "e mailadres", "emailadres", "e mail adresse")
        ),
        check_address,
    ),
    CsvColumn.CODE: ColumnRule(CODE_HEADINGS, check_free_text(40), clean_code),
    CsvColumn.NAME: ColumnRule(
        (
            *("name", "nom", "naam", "nom du dossier", "dossier name", "dossiernaam", "name des dossiers"),
            *("nom dossier", "naam dossier", "nom du client", "client name", "klantnaam", "naam klant"),
            *("kundenname", "client", "klant", "kunde", "mandant", "denomination", "raison sociale"),
            *("benaming", "firma", "societe", "company"),
        ),
        check_free_text(120),
        clean_name,
    ),
    CsvColumn.BANK: ColumnRule(BANK_HEADINGS, check_bank),
    CsvColumn.IBAN: ColumnRule(IBAN_HEADINGS, check_iban),
    CsvColumn.STATE: ColumnRule(
        (
            *("state", "etat", "statut", "status", "toestand", "staat", "zustand", "statuut"),
            *("etat du mandat", "statut du mandat", "mandate state", "mandate status", "status mandaat"),
            *("mandaatstatus", "status des mandats", "mandatsstatus"),
        ),
        _check_state,
    ),
}
#: Who has a say over them is the operator, on the command line.
OPERATORS_COLUMNS = frozenset({CsvColumn.OFFICE, CsvColumn.EMAIL})
OFFICE_RULES = {column: rule for column, rule in RULES.items() if column not in OPERATORS_COLUMNS}
#: In the portal, and on the command line, where many offices may be in one file.
MOST_DOSSIERS, MOST_LINES = 20_000, 200_000


@dataclass(frozen=True)
class DossierLine:
    """One line: a mandate, the dossier that it is of, and on the command line office and accountant."""

    line: int
    code: str
    name: str
    bank: str
    iban: str
    state: MandateState
    office: str = ""
    email: str = ""

    @property
    def dossier_key(self) -> tuple[str, str]:
        """What names the dossier, as people compare it."""
        return fold_text(self.office), compare_code(self.code)


@dataclass(frozen=True)
class DossierFile:
    """A file whose every line is good, with its headings as they were written."""

    headings: Mapping[CsvColumn, str]
    entries: list[DossierLine]


_Reads = Callable[[DossierLine], Hashable]

#: What two lines must agree on: the column at fault, when they speak of the same thing, what they say of it.
_AGREEMENTS: tuple[tuple[CsvColumn, _Reads, _Reads, FileProblem], ...] = (
    (CsvColumn.NAME, lambda e: e.dossier_key, lambda e: fold_text(e.name), FileProblem.OTHER_NAME),
    (CsvColumn.EMAIL, lambda e: e.email, lambda e: fold_text(e.office), FileProblem.OTHER_OFFICE),
    (
        CsvColumn.STATE,
        lambda e: (*e.dossier_key, e.iban),
        lambda e: (e.bank, e.state),
        FileProblem.OTHER_STATE,
    ),
)


def parse_dossier_file(
    raw: bytes, rules: Mapping[CsvColumn, ColumnRule] = RULES, most_rows: int = MOST_LINES
) -> DossierFile:
    """Read a whole file; raise InvalidFile with all its faults."""
    file = read_office_file(raw, rules, most_rows=most_rows)
    faults: list[FileFault] = []
    entries: list[DossierLine] = []
    for row in file.rows:
        good, bad = _check_line(row, rules)
        faults += [FileFault(bad[c].problem, row.line, file.headings[c], bad[c].about) for c in bad]
        if not bad:
            state = MandateState(good.pop(CsvColumn.STATE))
            entries.append(DossierLine(row.line, state=state, **{c.name.lower(): good[c] for c in good}))
    faults += _find_contradictions(entries, file.headings)
    if faults:
        raise InvalidFile(*faults)
    return DossierFile(file.headings, entries)


def _check_line(
    row: FileCells[CsvColumn], rules: Mapping[CsvColumn, ColumnRule]
) -> tuple[dict[CsvColumn, str], dict[CsvColumn, InvalidCell]]:
    good, bad = row.check_cells(rules)
    if not bad and not may_be_held_at(BANKS[good[CsvColumn.BANK]], good[CsvColumn.IBAN]):
        bad[CsvColumn.IBAN] = InvalidCell(FileProblem.ACCOUNT_ELSEWHERE)
    return good, bad


def _find_contradictions(
    entries: list[DossierLine], headings: Mapping[CsvColumn, str]
) -> Iterator[FileFault]:
    for column, subject, statement, problem in _AGREEMENTS:
        first: dict[Hashable, DossierLine] = {}
        for entry in entries if column in headings else ():
            earlier = first.setdefault(subject(entry), entry)
            if statement(earlier) != statement(entry):
                yield FileFault(problem, entry.line, headings[column], str(earlier.line))


def find_rival_claims(entries: list[DossierLine]) -> dict[DossierLine, DossierLine]:
    """Return the lines whose account an earlier line claims for another dossier, each with that line.

    An account may have moved from one to the other: only active ones are claimed.
    """
    claims: dict[tuple[str, str], DossierLine] = {}
    rivals: dict[DossierLine, DossierLine] = {}
    for entry in entries:
        if entry.state is MandateState.ACTIVE:
            earlier = claims.setdefault((entry.dossier_key[0], entry.iban), entry)
            if earlier.dossier_key != entry.dossier_key:
                rivals[entry] = earlier
    return rivals

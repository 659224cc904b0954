"""What may stand in one cell of a dossier file, and under which headings offices write it."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from app.domain.banks import BANKS, find_bank
from app.domain.identifiers import parse_iban
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
    """How a column may be headed, in French and English, and what its cells must hold."""

    headings: frozenset[str]
    check: Callable[[str], str]


_STATES: Mapping[str, MandateState] = {
    "actif": MandateState.ACTIVE,
    "active": MandateState.ACTIVE,
    "archive": MandateState.ARCHIVED,
    "archived": MandateState.ARCHIVED,
}


def normalize_heading(text: str) -> str:
    """Return a heading or keyword as it compares: no case, accents, dashes, underscores or double spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("-", " ").replace("_", " ").split())


def normalize_cell(text: str) -> str:
    """Return a cell in its composed form, with the spaces around and the doubled ones taken away."""
    if any(unicodedata.category(letter) == "Cc" for letter in text.strip()):
        raise InvalidCell("has a line break or another control character")
    return " ".join(unicodedata.normalize("NFC", text).split())


def _check_text(longest: int) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if len(cell) > longest:
            raise InvalidCell(f"is longer than {longest} characters")
        return cell

    return check


def _check_email(cell: str) -> str:
    try:
        checked = validate_email(cell, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise InvalidCell("is not an e-mail address") from None
    return (checked.ascii_email or checked.normalized).lower()


def _check_bank(cell: str) -> str:
    bank = find_bank(cell)
    if bank is None:
        raise InvalidCell(f"is not a bank that carries CARO: {', '.join(b.name for b in BANKS.values())}")
    return bank.key


def _check_iban(cell: str) -> str:
    iban = parse_iban(cell)
    if iban is None:
        raise InvalidCell("is not an IBAN: its length or its check digits are wrong")
    return iban


def _check_state(cell: str) -> str:
    state = _STATES.get(normalize_heading(cell))
    if state is None:
        raise InvalidCell("is neither active (actif) nor archived (archivé)")
    return state


KINDS: Mapping[CsvColumn, ColumnRule] = {
    CsvColumn.OFFICE: ColumnRule(frozenset({"office", "bureau"}), _check_text(120)),
    CsvColumn.EMAIL: ColumnRule(
        frozenset({"accountant email", "accountant e mail", "e mail comptable", "email comptable"}),
        _check_email,
    ),
    CsvColumn.CODE: ColumnRule(frozenset({"code", "dossier code", "code dossier"}), _check_text(40)),
    CsvColumn.NAME: ColumnRule(
        frozenset({"name", "nom", "dossier name", "nom du dossier"}), _check_text(120)
    ),
    CsvColumn.BANK: ColumnRule(frozenset({"bank", "banque"}), _check_bank),
    CsvColumn.IBAN: ColumnRule(frozenset({"iban"}), _check_iban),
    CsvColumn.STATE: ColumnRule(
        frozenset({"state", "etat", "mandate state", "etat du mandat"}), _check_state
    ),
}

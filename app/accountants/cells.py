"""What may stand in one cell of a dossier file, and under which headings offices write it."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from app.domain.banks import BANKS, find_bank
from app.domain.ibans import parse_iban
from app.models.office import MandateState


class BadCell(ValueError):
    """The cell cannot be taken; the text says why and never repeats what stands in it."""


class Column(StrEnum):
    """The seven columns of a dossier file."""

    OFFICE = "office"
    EMAIL = "accountant e-mail"
    CODE = "code"
    NAME = "name"
    BANK = "bank"
    IBAN = "iban"
    STATE = "state"


@dataclass(frozen=True)
class Kind:
    """How a column may be headed, in French and English, and what its cells must hold."""

    headings: frozenset[str]
    check: Callable[[str], str]


_STATES: Mapping[str, MandateState] = {
    "actif": MandateState.ACTIVE,
    "active": MandateState.ACTIVE,
    "archive": MandateState.ARCHIVED,
    "archived": MandateState.ARCHIVED,
}


def plain(text: str) -> str:
    """Return a heading or keyword as it compares: no case, accents, dashes, underscores or double spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("-", " ").replace("_", " ").split())


def tidy(text: str) -> str:
    """Return a cell in its composed form, with the spaces around and the doubled ones taken away."""
    if any(unicodedata.category(letter) == "Cc" for letter in text.strip()):
        raise BadCell("has a line break or another control character")
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(longest: int) -> Callable[[str], str]:
    def check(cell: str) -> str:
        if len(cell) > longest:
            raise BadCell(f"is longer than {longest} characters")
        return cell

    return check


def _email(cell: str) -> str:
    try:
        checked = validate_email(cell, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise BadCell("is not an e-mail address") from None
    return (checked.ascii_email or checked.normalized).lower()


def _bank(cell: str) -> str:
    bank = find_bank(cell)
    if bank is None:
        raise BadCell(f"is not a bank that carries CARO: {', '.join(b.name for b in BANKS.values())}")
    return bank.key


def _iban(cell: str) -> str:
    iban = parse_iban(cell)
    if iban is None:
        raise BadCell("is not an IBAN: its length or its check digits are wrong")
    return iban


def _state(cell: str) -> str:
    state = _STATES.get(plain(cell))
    if state is None:
        raise BadCell("is neither active (actif) nor archived (archivé)")
    return state


KINDS: Mapping[Column, Kind] = {
    Column.OFFICE: Kind(frozenset({"office", "bureau"}), _text(120)),
    Column.EMAIL: Kind(
        frozenset({"accountant email", "accountant e mail", "e mail comptable", "email comptable"}), _email
    ),
    Column.CODE: Kind(frozenset({"code", "dossier code", "code dossier"}), _text(40)),
    Column.NAME: Kind(frozenset({"name", "nom", "dossier name", "nom du dossier"}), _text(120)),
    Column.BANK: Kind(frozenset({"bank", "banque"}), _bank),
    Column.IBAN: Kind(frozenset({"iban"}), _iban),
    Column.STATE: Kind(frozenset({"state", "etat", "mandate state", "etat du mandat"}), _state),
}

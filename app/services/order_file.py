"""A file of orders: its columns, and the rows of it that are filled in, as they were typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.core import get_global

from app.domain.cards import looks_like_card_number
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.domain.spreadsheet_cells import unguard_cell
from app.domain.typed_text import fold_keyword, language_of, visible_text
from app.i18n import LANGUAGES
from app.models import BulkOrderRow
from app.services.dossier_file import (
    BANK_HEADINGS,
    CODE_HEADINGS,
    IBAN_HEADINGS,
    MAIL_HEADINGS,
    MOST_DOSSIERS,
    clean_code,
    with_whom,
)
from app.services.office_file import ColumnRule, read_office_file

MOST_ORDERS = 2_000


class OrderColumn(StrEnum):
    """The columns of a file of orders, named as its rows name them."""

    CODE = "code"
    BANK = "bank"
    REFERENCE = "client_reference"
    ADDRESS = "address"
    LANGUAGE = "language"
    IBAN = "iban"


def _clean_text(cell: str) -> str:
    return unguard_cell(visible_text(cell))


_HOLDERS = (
    *("titulaire", "titulaire carte", "cardholder", "cardholder s", "kaarthouder"),
    *("karteninhaber", "karteninhabers"),
)
_LANGUAGES = (
    "language",
    "langue",
    "taal",
    "sprache",
    "language code",
    "code langue",
    "taalcode",
    "sprachcode",
)
RULES: Mapping[OrderColumn, ColumnRule] = {
    OrderColumn.CODE: ColumnRule(CODE_HEADINGS, clean=clean_code),
    OrderColumn.BANK: ColumnRule(BANK_HEADINGS, clean=_clean_text),
    OrderColumn.REFERENCE: ColumnRule(
        (
            *("client reference", "reference client", "klantenreferentie", "klantreferentie"),
            *("kundenreferenz", "customer reference", "client reference number", "numero reference client"),
            *("n reference client", "klantenreferentienummer", "klantreferentienummer", "referentie klant"),
            *("kundenreferenznummer", "ref client", "reference", "referentie", "referenz"),
            *("reference number", "referentienummer", "referenznummer", "ref"),
        ),
        clean=_clean_text,
    ),
    OrderColumn.ADDRESS: ColumnRule(
        (
            *with_whom(MAIL_HEADINGS, _HOLDERS),
            *MAIL_HEADINGS,
            *("adresse", "adres", "e mail adresse fur einladung"),
        ),
        clean=_clean_text,
    ),
    OrderColumn.LANGUAGE: ColumnRule(
        (*with_whom(_LANGUAGES, _HOLDERS), *_LANGUAGES, "sprache e mails"),
        clean=_clean_text,
    ),
    OrderColumn.IBAN: ColumnRule(IBAN_HEADINGS, clean=_clean_text),
}
_OPTIONAL = frozenset({OrderColumn.BANK, OrderColumn.LANGUAGE, OrderColumn.IBAN})
_LONGEST = {column: BulkOrderRow.__table__.columns[column].type.length for column in OrderColumn}  # type: ignore[attr-defined]


@cache
def _language_names() -> Mapping[str, str]:
    """Return every name of each language in each language, its first letter, and its codes: Dutch, N, NLD."""
    names = {
        fold_keyword(name): code
        for code, own in LANGUAGES.items()
        for name in (own, own[0], *(str(Locale(spoken).languages[code]) for spoken in LANGUAGES))
    }
    return names | {
        alias: code for alias, code in get_global("language_aliases").items() if code in LANGUAGES
    }


@dataclass(frozen=True)
class TypedOrder:
    """A row as it was typed, cut where no value could be so long."""

    line: int
    cells: Mapping[OrderColumn, str]


def parse_order_file(raw: bytes, language: str) -> list[TypedOrder]:
    """Return the rows that are filled in; raise InvalidFile. `language` is that of rows which say none.

    A template holds all dossiers: a row without reference and address is none.
    """
    file = read_office_file(raw, RULES, most_rows=MOST_DOSSIERS, optional=_OPTIONAL)
    rows: list[TypedOrder] = []
    faults: list[FileFault] = []
    for row in file.rows:
        typed = {column: _read_typed(column, cell) for column, cell in row.cells.items()}
        if not (typed[OrderColumn.REFERENCE] or typed[OrderColumn.ADDRESS]):
            continue
        typed[OrderColumn.LANGUAGE] = typed.get(OrderColumn.LANGUAGE) or language
        rows.append(TypedOrder(row.line, {column: typed.get(column, "") for column in OrderColumn}))
        for column, cell in typed.items():
            if problem := _find_refusal(cell):
                faults.append(FileFault(problem, row.line, file.headings[column]))
    if len(rows) > MOST_ORDERS:
        raise InvalidFile(FileFault(FileProblem.TOO_MANY_ROWS, about=MOST_ORDERS))
    if faults:
        raise InvalidFile(*faults)
    if not rows:
        raise InvalidFile(FileFault(FileProblem.NOT_FILLED_IN))
    return rows


def read_typed(column: OrderColumn, text: str) -> str:
    """Return what is kept of a text that was typed: never a card number."""
    cell = _read_typed(column, text)
    return "" if _find_refusal(cell) else cell


def _read_typed(column: OrderColumn, cell: str) -> str:
    if isinstance(cell, FileProblem):
        return cell
    text = RULES[column].clean(cell)[: _LONGEST[column]]
    if column is OrderColumn.LANGUAGE:
        code = language_of(text)
        return code if code in LANGUAGES else _language_names().get(fold_keyword(text), text)
    return text


def _find_refusal(cell: str) -> FileProblem | None:
    """Return why a cell is not even kept to be corrected."""
    if isinstance(cell, FileProblem):
        return cell
    return FileProblem.CARD_NUMBER if looks_like_card_number(cell) else None

"""Every field of the product that takes text, and how a test reads what the field has understood."""

import csv
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import StringIO

from click.testing import CliRunner
from flask import Flask, g, request
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.cli import caro
from app.domain.file_rules import InvalidFile
from app.domain.identifiers import parse_client_reference
from app.domain.order_rules import (
    ActionRefused,
    OrderProblem,
    OrderRequest,
    validate_order,
)
from app.domain.telephones import parse_telephone
from app.i18n import LANGUAGES
from app.portal.forms import (
    ActionForm,
    AnnouncementForm,
    InvitationForm,
    OrderForm,
    PortalForm,
    PreviewForm,
    SettingsForm,
)
from app.qa.request_fields import (
    AgeFields,
    FaultFields,
    InvalidFields,
    MailFilter,
    OfficeFields,
    RelaunchFields,
    ReplaceFields,
    ReplayFields,
    RequestFields,
    RunRequest,
    SignInFields,
    read_typed,
)
from app.qa.scenario_views import normalize_search
from app.services.dossier_file import CsvColumn, parse_dossier_file
from app.services.orders import DossierAccount, OrderOptions
from app.services.sign_in import InvalidEmailAddress, normalize_address
from app.simulation.bank.cardholders import parse_eight_digits, parse_pin
from app.web.extensions import Services
from app.wizard.forms import CardForm
from tests.support.cardholder import CARD
from tests.support.disguises import FieldKind
from tests.support.doubles import START
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE, REFERENCE, order_for


@dataclass(frozen=True)
class Desk:
    """Where the fields are: the application, its use cases, and somebody who is signed in."""

    app: Flask
    services: Services
    accountant: FlaskClient


@dataclass(frozen=True)
class TypedField:
    """A field: what it takes, what it reads of a text (None where it refuses), and a right value.

    A lenient one may understand more than the table of disguises says.
    """

    kind: FieldKind
    read: Callable[[Desk, str], str | None]
    right: str = ""
    lenient: bool = False


def _card(name: str, _desk: Desk, text: str) -> str | None:
    form = CardForm(MultiDict({**CARD, name: text}), START.date())
    form.validate()
    return form.parsed.get(name)


_OFFER = OrderOptions(
    1, 1, "ACME", "Acme SA", "acme", (DossierAccount("kbc", ""), DossierAccount("belfius", ""))
)
_TYPED = {"bank": "kbc", "client_reference": REFERENCE, "address": ADDRESS, "language": "nl", "iban": "x"}


def _portal(make: Callable[[], PortalForm], name: str, desk: Desk, text: str) -> str | None:
    typed = {**_TYPED, name: text}
    with desk.app.test_request_context(method="POST", data=typed, query_string=typed):
        g.csrf_valid = True  # CSRFProtect has looked at the token before any view.
        form = make()
        form.validate()
        return None if form[name].errors else str(form[name].data)


def _invited(desk: Desk, text: str) -> str | None:
    with suppress(InvalidEmailAddress):
        return normalize_address(_portal(InvitationForm, "email", desk, text) or "")
    return None


def _telephone(desk: Desk, text: str) -> str | None:
    return parse_telephone(_portal(SettingsForm, "telephone", desk, text) or "")


def _preview(_desk: Desk, text: str) -> str | None:
    page = _desk.accountant.get("/portal/preview", query_string={"dossier": text, "lang": "en"}).text
    return None if "<title>Error" in page else "found"


def _search(wanted: str, desk: Desk, text: str) -> str | None:
    page = desk.accountant.get("/portal/caro", query_string={"q": text}).text
    return "found" if wanted in page.partition("<table")[2] else None


def _sign_in(desk: Desk, text: str) -> str | None:
    return "known" if desk.services.sign_in.create_sign_in_link(text) else None


_CELLS = {
    CsvColumn.OFFICE: ("Bureau", "Bureau Éloi"),
    CsvColumn.EMAIL: ("E-mail comptable", ADDRESS),
    CsvColumn.CODE: ("Code", "ACME X"),
    CsvColumn.NAME: ("Nom", "Acme SA"),
    CsvColumn.BANK: ("Banque", "belfius"),
    CsvColumn.IBAN: ("IBAN", "BE46063000000136"),
    CsvColumn.STATE: ("État", "actif"),
}


def _file(column: CsvColumn, row: int, desk: Desk, text: str) -> str | None:
    """Read a file in whose first row, the headings, or in its second one cell is dressed."""
    rows = [[cells[number] for cells in _CELLS.values()] for number in (0, 1)]
    rows[row][list(_CELLS).index(column)] = text
    written = StringIO()
    csv.writer(written, delimiter=";").writerows(rows)
    with suppress(InvalidFile):
        (entry,) = parse_dossier_file(written.getvalue().encode("utf-8")).entries
        return str(getattr(entry, column.name.lower()))
    return None


class _ReadingOrders:
    """Takes an order as the use case does, and keeps it."""

    def __init__(self) -> None:
        self.read: OrderRequest | None = None

    def place_order(self, order: OrderRequest) -> None:
        """Check the order; there is no more to it."""
        self.read = validate_order(order, LANGUAGES)


class _ReadingServices:
    def __init__(self) -> None:
        self.orders = _ReadingOrders()


_OPTIONS = {
    "--office": OFFICE,
    "--dossier": "ACME",
    "--bank": "belfius",
    "--reference": REFERENCE,
    "--email": ADDRESS,
    "--language": "fr",
}


def _order(option: str, name: str, _desk: Desk, text: str) -> str | None:
    typed = {**_OPTIONS, **({"--bank": "kbc"} if option == "--iban" else {}), option: text}
    reading = _ReadingServices()
    words = [f"{given}={value}" for given, value in typed.items()]
    CliRunner().invoke(caro, ["order", *words], obj=lambda: reading)
    return None if reading.orders.read is None else str(getattr(reading.orders.read, name))


def _accountant(desk: Desk, text: str) -> str | None:
    """Order a second time: whoever is known there is told of the first."""
    try:
        desk.services.orders.place_order(order_for(accountant=text))
    except ActionRefused as refused:
        return "known" if refused.problem is OrderProblem.ALREADY_ORDERED else None
    raise AssertionError("the first order is missing")


def _office(argument: str, desk: Desk, text: str) -> str | None:
    """Set an office's telephone, and say which one it has then."""
    typed = {"office": OFFICE, "telephone": "020123456", argument: text}
    words = ["offices", "set", typed["office"], "--telephone", typed["telephone"]]
    result = CliRunner().invoke(caro, words, obj=lambda: desk.services)
    return desk.services.offices.list_offices()[0].telephone if result.exit_code == 0 else None


def _sent(model: type[RequestFields], name: str, _desk: Desk, text: str) -> str | None:
    """Read a field of the testers' calls, which pages and API read alike."""
    needed = {"what": "twice", "fault": "down"}
    typed = {field: needed[field] for field in needed if field in model.model_fields} | {name: text}
    with suppress(InvalidFields):
        return str(getattr(read_typed(model, typed), name))
    return None


def _plain(read: Callable[[str], str | None], _desk: Desk, text: str) -> str | None:
    return read(text)


FORM_FIELDS: Mapping[str, TypedField] = {
    "CardForm.card_number": TypedField(FieldKind.CARD_NUMBER, partial(_card, "card_number")),
    "CardForm.expiry": TypedField(FieldKind.EXPIRY, partial(_card, "expiry")),
    "CardForm.security_code": TypedField(FieldKind.CODE, partial(_card, "security_code")),
    "SignInForm.email": TypedField(FieldKind.ADDRESS, _sign_in, ACCOUNTANT),
    "OrderForm.client_reference": TypedField(
        FieldKind.REFERENCE, partial(_portal, lambda: OrderForm(_OFFER), "client_reference")
    ),
    "OrderForm.iban": TypedField(FieldKind.IBAN, partial(_portal, lambda: OrderForm(_OFFER), "iban")),
    "OrderForm.address": TypedField(
        FieldKind.ADDRESS, partial(_portal, lambda: OrderForm(_OFFER), "address")
    ),
    "AnnouncementForm.client_reference": TypedField(
        FieldKind.REFERENCE, partial(_portal, lambda: AnnouncementForm(_OFFER), "client_reference")
    ),
    "ActionForm.address": TypedField(
        FieldKind.ADDRESS,
        partial(_portal, lambda: ActionForm(asks_address=True, asks_language=False), "address"),
    ),
    "InvitationForm.email": TypedField(FieldKind.ADDRESS, _invited),
    "InvitationForm.name": TypedField(FieldKind.NAME, partial(_portal, InvitationForm, "name")),
    "SettingsForm.telephone": TypedField(FieldKind.TELEPHONE, _telephone),
    "PreviewForm.dossier": TypedField(FieldKind.SEARCH, _preview),
    "PreviewForm.reference": TypedField(
        FieldKind.REFERENCE,
        partial(_portal, lambda: PreviewForm(formdata=request.args, dossier_exists=True), "reference"),
    ),
}
#: What stands in an address or comes with a form without WTForms, by folder and name.
PARAMETERS: Mapping[str, TypedField] = {
    # Parts of a name find it, whatever stands between them.
    "portal q, a name": TypedField(FieldKind.SEARCH, partial(_search, "Acme SA"), lenient=True),
    "portal q, a reference": TypedField(
        FieldKind.REFERENCE,
        partial(_search, "6123\u00a0456\u00a0789"),
        # Two of them are as many digits as a card number has: no search, and the whole list.
        lenient=True,
    ),
    "qa q": TypedField(FieldKind.SEARCH, partial(_plain, normalize_search)),
    "simulation reference": TypedField(FieldKind.REFERENCE, partial(_plain, parse_client_reference)),
    "simulation response": TypedField(FieldKind.REFERENCE, partial(_plain, parse_eight_digits), "12345678"),
    "simulation challenge": TypedField(FieldKind.REFERENCE, partial(_plain, parse_eight_digits), "12345678"),
    "simulation pin": TypedField(FieldKind.CODE, partial(_plain, parse_pin), "1234"),
}
TESTERS_FIELDS: Mapping[str, TypedField] = {
    f"{model.__name__}.{name}": TypedField(kind, partial(_sent, model, name), right)
    for model, name, kind, right in (
        (OfficeFields, "language", FieldKind.KEYWORD, "nl-BE"),
        (SignInFields, "who", FieldKind.KEYWORD, "colleague"),
        (RunRequest, "bank", FieldKind.KEYWORD, ""),
        (RunRequest, "language", FieldKind.KEYWORD, "nl-BE"),
        (RunRequest, "reference", FieldKind.REFERENCE, ""),
        (RunRequest, "address", FieldKind.ADDRESS, ""),
        (RunRequest, "scenario", FieldKind.KEYWORD, "success"),
        (RunRequest, "reach", FieldKind.KEYWORD, "page"),
        (AgeFields, "to", FieldKind.KEYWORD, "link_end"),
        (ReplaceFields, "address", FieldKind.ADDRESS, ""),
        (RelaunchFields, "address", FieldKind.ADDRESS, ""),
        (FaultFields, "fault", FieldKind.KEYWORD, "down"),
        (ReplayFields, "what", FieldKind.KEYWORD, "twice"),
        (MailFilter, "activation", FieldKind.NAME, "abc"),
        (MailFilter, "to", FieldKind.ADDRESS, ""),
        (MailFilter, "kind", FieldKind.KEYWORD, "invitation"),
        (MailFilter, "q", FieldKind.NAME, "abc"),
    )
}
OFFICE_ARGUMENTS: Mapping[str, TypedField] = {
    "office": TypedField(FieldKind.NAME, partial(_office, "office"), OFFICE),
    "telephone": TypedField(FieldKind.TELEPHONE, partial(_office, "telephone")),
}
COMMAND_OPTIONS: Mapping[str, TypedField] = {
    "office": TypedField(FieldKind.NAME, partial(_order, "--office", "office")),
    "dossier_code": TypedField(FieldKind.NAME, partial(_order, "--dossier", "dossier_code")),
    "bank": TypedField(FieldKind.KEYWORD, partial(_order, "--bank", "bank")),
    "client_reference": TypedField(FieldKind.REFERENCE, partial(_order, "--reference", "client_reference")),
    "address": TypedField(FieldKind.ADDRESS, partial(_order, "--email", "address")),
    "language": TypedField(FieldKind.KEYWORD, partial(_order, "--language", "language"), "nl-BE"),
    "iban": TypedField(FieldKind.IBAN, partial(_order, "--iban", "iban")),
    "accountant": TypedField(FieldKind.ADDRESS, _accountant, ACCOUNTANT),
}
_CELL_KINDS = {
    CsvColumn.OFFICE: FieldKind.NAME,
    CsvColumn.EMAIL: FieldKind.ADDRESS,
    CsvColumn.CODE: FieldKind.NAME,
    CsvColumn.NAME: FieldKind.NAME,
    CsvColumn.BANK: FieldKind.KEYWORD,
    CsvColumn.IBAN: FieldKind.IBAN,
    CsvColumn.STATE: FieldKind.KEYWORD,
}
CELLS: Mapping[str, TypedField] = {
    column.value: TypedField(
        _CELL_KINDS[column],
        partial(_file, column, 1),
        _CELLS[column][1],
        # A spreadsheet's signs of text are taken off a code, which is no name.
        lenient=column is CsvColumn.CODE,
    )
    for column in CsvColumn
}
HEADINGS: Mapping[str, TypedField] = {
    column.value: TypedField(
        FieldKind.KEYWORD,
        partial(_file, column, 0),
        _CELLS[column][0],
        # Blanks within a heading tell no column from another.
        lenient=True,
    )
    for column in CsvColumn
}

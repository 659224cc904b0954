"""The portal's forms speak the catalogues' sentences alone, and lose nothing that was typed."""

from collections.abc import Callable

import pytest
from babel.lists import format_list
from babel.messages.pofile import read_po
from flask import Flask, g, request
from flask.testing import FlaskClient
from wtforms import SelectField

from app.domain.banks import APP_BANKS, BANKS
from app.domain.order_rules import ORDER_FIELDS
from app.i18n import override_locale
from app.paths import CATALOGUES
from app.portal.forms import ActionForm, AnnouncementForm, OrderForm, PortalForm, PreviewForm, SignInForm
from app.services.orders import DossierAccount, OrderOptions
from tests.support.office import ADDRESS, REFERENCE
from tests.support.ordering import KBC_IBAN

OFFER = OrderOptions(1, 1, "ACME", "Acme SA", "acme", tuple(DossierAccount(key, "") for key in BANKS))
MAKE: dict[str, Callable[[], PortalForm]] = {
    "sign-in": SignInForm,
    "order": lambda: OrderForm(OFFER),
    "action": lambda: ActionForm(asks_address=True, asks_language=True),
    "announcement": lambda: AnnouncementForm(OFFER),
    "preview": lambda: PreviewForm(formdata=request.args, dossier_exists=False),
}
#: What each field takes, so that the others can be wrong alone.
RIGHT = {
    "bank": "kbc",
    "client_reference": REFERENCE,
    "reference": REFERENCE,
    "iban": KBC_IBAN,
    "address": ADDRESS,
    "language": "nl",
    "dossier": "ACME",
}
WRONG = (None, "", " ", "12", "tlh", "<b>x</b>", "BE68 5390 0754 7034", "a@b.example, c@d.example", "\0")
CARD_NUMBER = "4000 0243 2959 6391"


def sent(app: Flask, make: Callable[[], PortalForm], typed: dict[str, str]) -> PortalForm:
    """Return a form that was sent with these texts, by POST and in the address, and checked in Dutch."""
    with (
        app.test_request_context(method="POST", data=typed, query_string=typed),
        override_locale("nl"),
    ):
        g.csrf_valid = True  # CSRFProtect has looked at the token before any view.
        form = make()
        form.validate()
        return form


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every sentence of the Dutch catalogue, with the banks that it names."""
    banks = format_list([bank.name for bank in APP_BANKS.values()], "or", "nl")
    with (CATALOGUES / "nl" / "LC_MESSAGES" / "messages.po").open("rb") as catalogue:
        return {str(message.string).replace("%(banks)s", banks) for message in read_po(catalogue)}


def test_what_is_ordered_is_all_that_the_form_asks(app: Flask) -> None:
    with app.test_request_context():
        asked = {field.short_name for field in OrderForm(OFFER, data={"bank": "kbc"})}
    assert asked - {"csrf_token"} == set(ORDER_FIELDS)


@pytest.mark.parametrize("name", MAKE)
def test_whatever_is_wrong_is_told_in_a_sentence_of_the_catalogues(
    app: Flask, sentences: set[str], name: str
) -> None:
    told = set()
    for field in RIGHT:
        for text in WRONG:
            typed = {**RIGHT, field: text}
            form = sent(app, MAKE[name], {key: value for key, value in typed.items() if value is not None})
            told |= {str(error) for errors in form.errors.values() for error in errors}

    assert told <= sentences
    assert told


@pytest.mark.parametrize("name", MAKE)
def test_no_field_checks_anything_with_the_sentences_of_wtforms(app: Flask, name: str) -> None:
    for field in sent(app, MAKE[name], RIGHT):
        assert not isinstance(field, SelectField) or not field.validate_choice
        assert [rule for rule in field.validators if type(rule).__module__.startswith("wtforms")] == []


@pytest.mark.parametrize("name", MAKE)
def test_a_field_is_found_by_its_name(app: Flask, name: str) -> None:
    assert all(field.id == field.name for field in sent(app, MAKE[name], RIGHT))


def test_a_text_is_shown_as_it_was_typed_but_for_a_card_number(app: Flask) -> None:
    form = sent(app, MAKE["order"], {**RIGHT, "client_reference": "6123.456.789", "address": CARD_NUMBER})

    assert isinstance(form, OrderForm)
    assert (form.client_reference.text, form.client_reference._value()) == ("6123456789", "6123.456.789")
    assert (form.address.text, form.address._value()) == (CARD_NUMBER, "")


@pytest.mark.parametrize("bank", BANKS)
def test_only_a_bank_with_an_app_asks_for_the_iban(app: Flask, bank: str) -> None:
    form = sent(app, MAKE["order"], {**RIGHT, "bank": bank})

    assert ("iban" in form) is (bank in APP_BANKS)


def test_a_page_whose_form_is_wrong_says_so_in_its_title(accountant_client: FlaskClient) -> None:
    assert "<title>Error: Preview " in accountant_client.get("/portal/preview?dossier=nobody&lang=en").text

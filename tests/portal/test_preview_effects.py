"""A preview has no effect, leads nowhere else, and knows only what the visitor's office knows."""

import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote, urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.domain.banks import BANKS
from app.domain.message_rules import OfficeMessage
from app.i18n import LANGUAGES
from app.models import Accountant, Dossier, Office
from app.models.base import Base
from app.portal.preview.preview_pages import PREVIEW_PAGES
from app.web.extensions import Services
from tests.support.doubles import FakeBank, FakeBankApp, RecordingTransport
from tests.support.office import ORDER

Url = Callable[..., str]

#: Where a link of a preview may lead besides: the conditions, a mail program, our own files.
ELSEWHERE = re.compile(r"/terms/|/static/|mailto:|tel:|data:image|#")
WALL = "/portal/preview/1/belfius/6123456789/en/welcome/welcome"
HOSTILE = (
    "<script>alert(1)</script>",
    "../../a",
    "%00",
    "\u202egnp",
    "=cmd|' /C calc'!A0",
    "9" * 4000,
    "é",
    "' OR 1=1--",
)


def fingerprint(database: Database) -> dict[str, str]:
    """Return a hash of all rows of each table."""
    found = {}
    with database.read_connection() as connection:
        for table in Base.metadata.sorted_tables:
            rows = sorted(map(repr, connection.execute(select(table))))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def addresses(page: BeautifulSoup, at: str) -> list[str]:
    """Return where the links and forms of a page lead."""
    said = [str(link["href"]) for link in page.select("a[href], link[href]")]
    said += [str(form.get("action", at)) for form in page.select("form")]
    said += [str(button["formaction"]) for button in page.select("[formaction]")]
    return [urljoin(at, one) for one in said if not ELSEWHERE.match(one)]


def fields(form: Tag) -> dict[str, str]:
    """Return what a form sends once everything in it is ticked."""
    named = form.select("input[name]:not([disabled])")
    return {str(one["name"]): str(one.get("value", "")) for one in named}


def press_everything(accountant_client: FlaskClient, at: str, page: BeautifulSoup) -> None:
    for form in page.select("form[method=post]"):
        action = str(form.get("action", at))
        assert fields(form)["csrf_token"], f"{action} on {at}"
        answer = accountant_client.post(action, data=fields(form))
        assert answer.status_code == 303, f"{action} on {at}"
        assert answer.location.startswith("/portal/preview/"), f"{action} on {at}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_and_no_button_has_any_effect(
    accountant_client: FlaskClient,
    url: Url,
    services: Services,
    database: Database,
    bank: FakeBank,
    bank_app: FakeBankApp,
    sent_mails: RecordingTransport,
    language: str,
) -> None:
    empty = fingerprint(database)
    services.orders.place_order(ORDER)
    before = fingerprint(database)
    assert before != empty

    for key in PREVIEW_PAGES:
        at = url(key, language=language)
        press_everything(accountant_client, at, BeautifulSoup(accountant_client.get(at).text, "html.parser"))
    for page in ("preview", "preview/walk", "gallery"):
        accountant_client.get(f"/portal/{page}")

    assert fingerprint(database) == before
    assert (bank.asked, bank.fetched, bank_app.told, sent_mails.mails) == ([], [], [], [])


@pytest.mark.parametrize("message", OfficeMessage)
def test_a_message_to_the_office_leads_to_its_page_and_sends_nothing(
    accountant_client: FlaskClient, url: Url, database: Database, message: OfficeMessage
) -> None:
    before, at = fingerprint(database), url("link-expired")
    page = BeautifulSoup(accountant_client.get(at).text, "html.parser")
    (form,) = (form for form in page.select("form[method=post]") if form.select("[name=message]"))
    answer = accountant_client.post(str(form["action"]), data={**fields(form), "message": message.value})

    assert answer.location == url(f"message-{message}")
    assert accountant_client.get(answer.location).status_code == 200
    assert fingerprint(database) == before


def test_no_link_and_no_form_leads_out_of_the_portal(accountant_client: FlaskClient, url: Url) -> None:
    for key in PREVIEW_PAGES:
        at = url(key)
        led = addresses(BeautifulSoup(accountant_client.get(at).text, "html.parser"), at)
        assert len(led) > 1, at
        assert [one for one in led if not one.startswith("/portal/")] == [], at


def test_a_form_without_its_token_is_refused(accountant_client: FlaskClient) -> None:
    for page in ("welcome", "card", "check", "start-over"):
        address = WALL.removesuffix("/welcome") + f"/{page}"
        assert accountant_client.post(address, data={"reference_confirmed": "yes"}).status_code == 400, page


def test_a_stranger_is_led_to_the_sign_in_page(client: FlaskClient) -> None:
    for address in (WALL, WALL.replace("/1/", "/77/"), "/portal/preview", "/portal/gallery"):
        assert client.get(address).location.partition("?")[0] == "/portal/sign-in"


@pytest.mark.parametrize("part", ["1", "belfius", "6123456789", "en", "welcome"])
def test_a_hostile_address_has_no_page(accountant_client: FlaskClient, part: str) -> None:
    for text in HOSTILE:
        address = WALL.replace(f"/{part}", f"/{quote(text, safe='%')}", 1)
        assert accountant_client.get(address).status_code == 404, text


@pytest.mark.parametrize("field", ["dossier", "bank", "reference", "language"])
def test_a_hostile_field_is_shown_again_with_its_sentence(accountant_client: FlaskClient, field: str) -> None:
    for text in HOSTILE:
        answer = accountant_client.get(f"/portal/preview/walk?{field}={quote(text, safe='%')}")
        assert answer.status_code == 422, text
        assert "<script>alert" not in answer.text


def test_a_card_number_typed_by_mistake_is_not_shown_again(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get("/portal/preview?reference=4000+0243+2959+6391")

    assert answer.status_code == 422
    assert "6391" not in answer.text


def test_a_dossier_that_cannot_be_has_no_page(accountant_client: FlaskClient) -> None:
    for dossier in (2**31 - 1, 2**31, 10**40):
        assert accountant_client.get(WALL.replace("/1/", f"/{dossier}/", 1)).status_code == 404


def test_the_dossier_of_another_office_has_no_page(
    accountant_client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        office = Office(name="Kantoor Peeters")
        session.add(office)
        session.flush()
        session.add(Accountant(office_id=office.id, email="jan@peeters.example", language="nl"))
        foreign = Dossier(office_id=office.id, code="SECRET", name="Geheim NV")
        session.add(foreign)
        session.flush()
        address = WALL.replace("/1/", f"/{foreign.id}/", 1)

    assert accountant_client.get(address).status_code == 404
    assert accountant_client.get("/portal/preview?dossier=SECRET").status_code == 422
    assert "Geheim" not in accountant_client.get("/portal/preview?dossier=SECRET").text


def test_a_page_of_the_other_kind_of_bank_does_not_exist(accountant_client: FlaskClient, url: Url) -> None:
    for key in ("signing", "back", "mail-invitation"):
        assert accountant_client.get(url(key, bank_key="kbc")).status_code == 404
    for key in ("how-to", "mail-instructions"):
        assert accountant_client.get(url(key, bank_key="belfius")).status_code == 404


def test_at_a_bank_without_links_every_link_is_unknown(accountant_client: FlaskClient, url: Url) -> None:
    keys = [key for key, page in PREVIEW_PAGES.items() if page.endpoint.startswith("wizard.")]

    assert {accountant_client.get(url(key, bank_key="kbc")).status_code for key in keys} == {404}
    assert BANKS["kbc"].name in accountant_client.get(url("how-to", bank_key="kbc")).text


def test_an_unknown_page_is_not_shown(accountant_client: FlaskClient) -> None:
    beside = WALL.removesuffix("/welcome/welcome")
    for address in (
        f"{beside}/go?scene=nothing",
        f"{beside}/go",
        f"{beside}/mail/nothing",
        f"{beside}/x/welcome",
    ):
        assert accountant_client.get(address).status_code == 404

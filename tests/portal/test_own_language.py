"""The language of one's own mails, pages and new requests is chosen in the portal."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.web.extensions import Services
from tests.portal.test_people import LEA, deliver, invite, mailed_link
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.portal import sign_in, token_in

ACCOUNT = "/portal/account"


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def spoken(client: FlaskClient, path: str = "/portal/caro") -> object:
    return soup(client.get(path).text).html["lang"]  # type: ignore[index]


def own_language(client: FlaskClient) -> object:
    return soup(client.get(ACCOUNT).text).select_one("#language [selected]")["value"]  # type: ignore[index]


def save(client: FlaskClient, **fields: str) -> str:
    """Save one's own choices and return the page that follows."""
    kept = {"csrf_token": token_in(client.get(ACCOUNT).text), "news": "problems", **fields}
    return client.post(f"{ACCOUNT}/news", data=kept, follow_redirects=True).text


@pytest.mark.parametrize("accountant_language", ["", "fr"], ids=["in their own", "in one of the menu"])
def test_a_language_of_ones_own_is_spoken_at_once_and_in_the_next_session(
    accountant_client: FlaskClient, services: Services
) -> None:
    page = save(accountant_client, language="nl")

    assert soup(page).html["lang"] == "nl"  # type: ignore[index]
    assert "Uw keuze is opgeslagen." in page
    assert spoken(accountant_client) == "nl"
    assert spoken(sign_in(accountant_client.application.test_client(), services)) == "nl"


def test_mails_and_new_requests_begin_in_ones_own_language(
    accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport, clock: MovableClock
) -> None:
    save(accountant_client, language="nl")

    order = soup(accountant_client.get("/portal/dossiers/1/order?bank=belfius").text)
    assert order.select_one("[name=language][checked]")["value"] == "nl"  # type: ignore[index]
    clock.advance(minutes=10)
    services.sign_in.request_sign_in_link("anne@dupont.example")
    deliver(accountant_client, services)
    assert sent_mails.last["Content-Language"] == "nl"


def test_whoever_changes_nothing_but_their_mails_goes_on_in_the_language_of_the_menu(
    accountant_client: FlaskClient,
) -> None:
    accountant_client.get("/portal/caro?lang=de")
    save(accountant_client, news="daily", language="fr")

    assert spoken(accountant_client) == "de"
    assert own_language(accountant_client) == "fr"


@pytest.mark.parametrize("typed", ["", "it", "n\0"])
def test_what_is_no_language_of_ours_changes_nothing(accountant_client: FlaskClient, typed: str) -> None:
    accountant_client.get("/portal/caro?lang=en")

    assert "Choose one of the answers." in save(accountant_client, language=typed)
    assert own_language(accountant_client) == "fr"


def test_a_colleague_begins_in_the_language_in_which_they_accepted(
    accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    invite(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    lea = accountant_client.application.test_client()
    lea.post(path, data={"csrf_token": token_in(lea.get(f"{path}?lang=nl").text)})

    assert own_language(lea) == "nl"
    assert spoken(sign_in(accountant_client.application.test_client(), services, LEA)) == "nl"

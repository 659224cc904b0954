"""One's own sessions, the mail about a browser that was not known, and the settings of the office."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.portal.browsers import browser_family
from app.web.extensions import Services
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT
from tests.support.ordering import add_colleague
from tests.support.portal import sign_in, token_in

FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0"


def deliver(app: Flask, services: Services) -> None:
    with app.app_context():
        services.outbox.deliver_due()


def words(client: FlaskClient, path: str) -> str:
    main = BeautifulSoup(client.get(f"{path}?lang=en").text, "html.parser").select_one("main")
    assert main is not None
    return main.get_text(" ", strip=True)


def press(client: FlaskClient, page: str, path: str, **fields: str) -> int:
    token = token_in(client.get(page).text)
    return client.post(path, data={"csrf_token": token, **fields}).status_code


@pytest.fixture
def at_home(
    app: Flask, accountant_client: FlaskClient, services: Services, clock: MovableClock
) -> FlaskClient:
    """The same accountant, a minute later in another browser; no two looks at a real clock are alike."""
    clock.advance(minutes=1)
    clock.tick = timedelta(microseconds=1)
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    return sign_in(client, services)


def test_own_sessions_are_listed_with_browser_and_hours_and_no_address(
    accountant_client: FlaskClient, at_home: FlaskClient
) -> None:
    page = words(at_home, "/portal/account")

    assert "Firefox" in page
    assert "Another browser" in page
    assert "10:00" in page
    assert page.count("This browser") == 1
    assert "127.0.0.1" not in page


def test_all_other_sessions_end_at_once_and_this_one_goes_on(
    accountant_client: FlaskClient, at_home: FlaskClient
) -> None:
    assert press(at_home, "/portal/account", "/portal/account/sessions/end") == 303
    assert accountant_client.get("/portal/caro").status_code == 303
    assert at_home.get("/portal/caro").status_code == 200
    assert "End all other sessions" not in words(at_home, "/portal/account")


def test_one_session_can_be_ended_and_a_colleagues_cannot(
    app: Flask, accountant_client: FlaskClient, at_home: FlaskClient, services: Services, database: Database
) -> None:
    add_colleague(database, "lea@dupont.example")
    lea = sign_in(app.test_client(), services, "lea@dupont.example")

    press(at_home, "/portal/account", "/portal/account/sessions/3/end")
    assert lea.get("/portal/caro").status_code == 200
    press(at_home, "/portal/account", "/portal/account/sessions/1/end")
    assert accountant_client.get("/portal/caro").status_code == 303


def test_a_browser_that_is_not_known_is_told_of_once(
    app: Flask, at_home: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    deliver(app, services)
    (mail,) = sent_mails.mails
    assert mail["To"] == ACCOUNTANT
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Firefox" in body.get_content()
    assert "/portal/account" in body.get_content()

    press(at_home, "/portal/caro", "/portal/sign-in/leave")
    sign_in(at_home, services)
    deliver(app, services)
    assert len(sent_mails.mails) == 1


def test_nobody_is_told_of_their_first_browser(
    app: Flask, accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    deliver(app, services)
    assert sent_mails.mails == []


@pytest.mark.parametrize("cookie", ["", "1", "[1]", "WzFd.x", "é"])
def test_a_made_up_cookie_makes_no_browser_known(
    app: Flask,
    accountant_client: FlaskClient,
    services: Services,
    sent_mails: RecordingTransport,
    cookie: str,
) -> None:
    other = app.test_client()
    other.set_cookie("known", cookie)
    sign_in(other, services)
    deliver(app, services)
    assert len(sent_mails.mails) == 1


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (FIREFOX, "Firefox"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1", "Safari"),
        ("curl/8", None),
        ("", None),
    ],
)
def test_a_browser_is_called_by_its_family(agent: str, family: str | None) -> None:
    assert browser_family(agent) == family


def test_the_office_sets_its_telephone_and_the_language_of_orders(accountant_client: FlaskClient) -> None:
    page = "/portal/office"
    kept = {"language": "nl", "news_for": "orderer"}
    assert press(accountant_client, page, page, telephone="02/012.34.56", **kept) == 303

    shown = BeautifulSoup(accountant_client.get(page).text, "html.parser")
    assert shown.select("#telephone:not([required])")
    telephone = str(shown.select_one("#telephone")["value"])  # type: ignore[index]
    assert telephone == "02\xa0012\xa034\xa056"
    assert press(accountant_client, page, page, telephone=telephone, **kept) == 303
    order = BeautifulSoup(accountant_client.get("/portal/dossiers/1/order?bank=belfius").text, "html.parser")
    assert order.select_one("[name=language][checked]")["value"] == "nl"  # type: ignore[index]
    assert "Settings changed" in words(accountant_client, "/portal/history")


@pytest.mark.parametrize("typed", [{"telephone": "0900 12345"}, {"language": "it"}, {"language": ""}])
def test_settings_that_cannot_be_read_change_nothing(
    accountant_client: FlaskClient, typed: dict[str, str]
) -> None:
    page = "/portal/office"
    press(accountant_client, page, page, telephone="02 012 34 56", language="de", news_for="everybody")

    assert (
        press(
            accountant_client,
            page,
            page,
            **{"telephone": "", "language": "-", "news_for": "orderer", **typed},
        )
        == 422
    )
    assert 'value="02\xa0012\xa034\xa056"' in accountant_client.get(page).text

"""Signing in by a mailed link and out again, and everything that others may try with it."""

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app import create_app
from app.db import Database
from app.models import OutboxMessage, PortalSession, SignInLink
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.support.activation_factory import ActivationFactory
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT
from tests.support.ordering import count, open_elsewhere
from tests.support.page_lint import LintingClient
from tests.support.portal import sign_in, token_in

ASK, LIST = "/portal/sign-in", "/portal/caro"
PUBLIC = "https://caro.example.be"


@pytest.fixture
def link(services: Services) -> str:
    minted = services.sign_in.create_sign_in_link(ACCOUNTANT)
    assert minted is not None
    return minted.removeprefix(services.settings.public_url)


@pytest.fixture
def https(settings: Settings, clock: MovableClock, bank: FakeBank) -> Iterator[Flask]:
    changes = {"public_url": PUBLIC, "sign_in_rate": "3 per hour", "trusted_proxies": 1}
    made = create_app(settings.model_copy(update=changes), clock=clock, bank=bank)
    yield made
    made.extensions[EXTENSION].database.close_connections()


def ask(client: FlaskClient, email: str) -> TestResponse:
    return client.post(ASK, data={"email": email, "csrf_token": token_in(client.get(ASK).text)})


def press(client: FlaskClient, link: str) -> TestResponse:
    return client.post(link, data={"csrf_token": token_in(client.get(ASK).text)})


def leave(accountant_client: FlaskClient) -> TestResponse:
    return accountant_client.post(
        "/portal/sign-in/leave", data={"csrf_token": token_in(accountant_client.get(LIST).text)}
    )


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("portal")
    assert cookie is not None
    return cookie.value


def test_from_the_address_to_the_list(
    app: Flask, client: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    assert ask(client, ACCOUNTANT).location == "/portal/sign-in/sent"
    with app.app_context():
        services.outbox.deliver_due()
    body = sent_mails.last.get_body(("html",))
    assert body is not None
    button = BeautifulSoup(body.get_content(), "html.parser").select_one('a[href*="/portal/sign-in/"]')
    assert button is not None
    path = str(button["href"]).removeprefix(services.settings.public_url)

    answer = client.post(path, data={"csrf_token": token_in(client.get(path).text)})
    assert (answer.status_code, answer.location) == (303, LIST)
    assert ACCOUNTANT in client.get(LIST).text


def test_nobody_is_told_whether_an_address_is_known(
    app: Flask, services: Services, database: Database
) -> None:
    told = []
    for email, disabled in ((ACCOUNTANT, False), ("nobody@elsewhere.example", False), (ACCOUNTANT, True)):
        if disabled:
            services.sign_in.disable_accountant(ACCOUNTANT)
        client = app.test_client()
        answer = ask(client, email)
        assert answer.headers.pop("X-Request-ID")
        told.append((answer.status, list(answer.headers), answer.text, client.get(answer.location).text))

    assert told == [told[0]] * 3
    assert count(database, OutboxMessage) == [1]


@pytest.mark.parametrize(
    "typed", ["", "anne", "anne@dupont", '"><script>alert(1)</script>', "a@b.example\n,c"]
)
def test_what_is_no_address_is_told_at_the_field(client: FlaskClient, database: Database, typed: str) -> None:
    answer = ask(client, typed)
    page = BeautifulSoup(answer.text, "html.parser")

    assert answer.status_code == 422
    assert page.select_one('.summary a[href="#email"]')
    field = page.select_one("input#email[aria-invalid]")
    assert field is not None
    assert str(field["value"]).split() == typed.split()
    assert "<script>alert" not in answer.text
    assert count(database, OutboxMessage) == [0]


def test_one_machine_asks_for_so_many_links_and_no_more(https: Flask) -> None:
    client = LintingClient(https)

    def ask_from(machine: str, email: str) -> int:
        headers = {"X-Forwarded-For": machine, "X-Forwarded-Proto": "https"}
        token = token_in(client.get(ASK, base_url=PUBLIC, headers=headers).text)
        data = {"email": email, "csrf_token": token}
        return client.post(ASK, base_url=PUBLIC, headers=headers, data=data).status_code

    assert [ask_from("192.0.2.1", f"a{n}@elsewhere.example") for n in range(4)] == [303, 303, 303, 429]
    assert ask_from("192.0.2.1", ACCOUNTANT) == 429
    assert ask_from("192.0.2.2", ACCOUNTANT) == 303
    link = client.get("/portal/sign-in/x.y", base_url=PUBLIC, headers={"X-Forwarded-For": "192.0.2.1"})
    assert link.status_code == 410


def test_asking_often_for_one_address_looks_the_same(client: FlaskClient, database: Database) -> None:
    answers = {
        (answer.status_code, answer.location) for answer in (ask(client, ACCOUNTANT) for _ in range(7))
    }

    assert answers == {(303, "/portal/sign-in/sent")}
    assert count(database, OutboxMessage) == [1]


def test_the_page_says_how_often_is_enough(client: FlaskClient) -> None:
    assert (
        "We send an email at most every three minutes and five times an hour"
        in client.get("/portal/sign-in/sent", headers={"Accept-Language": "en"}).text
    )


def test_a_scanner_that_opens_the_link_does_not_use_it(app: Flask, client: FlaskClient, link: str) -> None:
    scanner = FlaskClient(app)
    for _ in range(5):
        scanner.head(link)
        assert scanner.get(link).status_code == 200

    assert press(client, link).location == LIST


def test_a_used_link_says_so_and_opens_nothing(app: Flask, client: FlaskClient, link: str) -> None:
    press(client, link)
    thief = app.test_client()

    assert (thief.get(link).status_code, press(thief, link).status_code) == (410, 410)
    assert thief.get_cookie("portal") is None
    assert 'href="/portal/sign-in"' in thief.get(link).text


def test_a_used_link_leads_on_whoever_is_signed_in_by_it(
    app: Flask, client: FlaskClient, services: Services, database: Database, link: str
) -> None:
    with database.transaction() as session:
        session.execute(update(SignInLink).values(next_path="/portal/toolkit"))
    press(client, link)

    token = token_in(client.get(LIST).text)
    again = client.post(link, data={"csrf_token": token})
    assert client.get(link).location == again.location == "/portal/toolkit"
    open_elsewhere(database)
    other = sign_in(app.test_client(), services, "zoe@ailleurs.example")
    token = token_in(other.get(LIST).text)
    assert (other.get(link).status_code, other.post(link, data={"csrf_token": token}).status_code) == (
        410,
        410,
    )
    leave(client)
    assert client.get(link).status_code == 410


def test_a_link_older_than_a_quarter_of_an_hour_is_dead(
    client: FlaskClient, link: str, clock: MovableClock
) -> None:
    clock.advance(minutes=15)

    assert (client.get(link).status_code, press(client, link).status_code) == (410, 410)


def test_the_links_page_gives_the_link_to_nobody(client: FlaskClient, link: str) -> None:
    page = client.get(link)

    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert link.rpartition("/")[2] not in page.text


def test_over_https_the_cookie_belongs_to_this_host_alone(https: Flask) -> None:
    services: Services = https.extensions[EXTENSION]
    link = services.sign_in.create_sign_in_link(ACCOUNTANT)
    assert link is not None
    client = LintingClient(https)
    headers = {"X-Forwarded-Proto": "https"}
    token = token_in(client.get(link, base_url=PUBLIC, headers=headers).text)
    answer = client.post(link, base_url=PUBLIC, headers=headers, data={"csrf_token": token})

    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "portal" in one]
    assert cookie.startswith("__Host-portal=")
    assert cookie.partition("; ")[2] == "Secure; HttpOnly; Path=/; SameSite=Lax"
    assert client.get(LIST, base_url=PUBLIC).status_code == 200


def test_over_plain_http_the_cookie_is_closed_to_scripts(client: FlaskClient, link: str) -> None:
    (cookie,) = [one for one in press(client, link).headers.getlist("Set-Cookie") if "portal" in one]

    assert cookie.partition("; ")[2] == "HttpOnly; Path=/; SameSite=Lax"


def test_a_cookie_that_was_planted_opens_nothing(app: Flask, client: FlaskClient, link: str) -> None:
    client.set_cookie("portal", "planted-by-somebody-else-0123456789")
    press(client, link)
    planter = app.test_client()
    planter.set_cookie("portal", "planted-by-somebody-else-0123456789")

    assert cookie_of(client) != "planted-by-somebody-else-0123456789"
    assert planter.get(LIST).location == ASK


def test_signing_out_kills_a_copied_cookie(app: Flask, accountant_client: FlaskClient) -> None:
    thief = app.test_client()
    thief.set_cookie("portal", cookie_of(accountant_client))
    assert thief.get(LIST).status_code == 200

    assert leave(accountant_client).location == ASK
    assert accountant_client.get_cookie("portal") is None
    assert thief.get(LIST).location == ASK


def test_looking_at_the_way_out_does_not_sign_out(accountant_client: FlaskClient) -> None:
    accountant_client.get("/portal/sign-in/leave")

    assert accountant_client.get(LIST).status_code == 200


def test_signing_out_twice_is_harmless(accountant_client: FlaskClient) -> None:
    token = token_in(accountant_client.get(LIST).text)

    for _ in range(2):
        assert accountant_client.post("/portal/sign-in/leave", data={"csrf_token": token}).location == ASK


@pytest.mark.parametrize("data", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_another_site_can_neither_ask_nor_sign_in_nor_out(
    accountant_client: FlaskClient, link: str, database: Database, data: dict[str, str]
) -> None:
    sessions = count(database, PortalSession)

    for path in (ASK, link, "/portal/sign-in/leave"):
        assert accountant_client.post(path, data={"email": ACCOUNTANT, **data}).status_code == 400
    assert accountant_client.get(LIST).status_code == 200
    assert accountant_client.get(link).status_code == 200
    assert count(database, OutboxMessage, PortalSession) == [0, *sessions]


def mailed_path(app: Flask, services: Services, sent_mails: RecordingTransport) -> str:
    """Deliver, and return the path of the link in the last mail."""
    with app.app_context():
        services.outbox.deliver_due()
    text = sent_mails.last.get_body(("plain",))
    assert text is not None
    (link,) = [word for word in text.get_content().split() if "/portal/sign-in/" in word]
    return str(link).removeprefix(services.settings.public_url)


def come_back(app: Flask, services: Services, sent_mails: RecordingTransport, path: str) -> str:
    """Ask for a link on a sign-in page, use it in another browser, and say where it leads."""
    client, elsewhere = app.test_client(), app.test_client()
    form = client.get(path)
    found = BeautifulSoup(form.text, "html.parser").select_one("input[name=next]")
    data = {"email": ACCOUNTANT, "csrf_token": token_in(form.text)}
    client.post(ASK, data=data | ({"next": str(found["value"])} if found else {}))
    link = mailed_path(app, services, sent_mails)
    return elsewhere.post(link, data={"csrf_token": token_in(elsewhere.get(link).text)}).location


@pytest.mark.parametrize(
    ("asked_for", "leads_to"),
    [
        ("/portal/dossiers/1", "/portal/dossiers/1"),
        ("/portal/dossiers/1/order?bank=kbc&lang=nl", "/portal/dossiers/1/order?bank=kbc"),
        ("/portal/caro?state=problem&q=titulaire", "/portal/caro?state=problem"),
        ("/portal/toolkit", "/portal/toolkit"),
        (LIST, LIST),
    ],
)
def test_signing_in_leads_back_in_any_browser(
    app: Flask, services: Services, sent_mails: RecordingTransport, asked_for: str, leads_to: str
) -> None:
    away = app.test_client().get(asked_for)

    assert away.status_code == 303
    assert come_back(app, services, sent_mails, away.location) == leads_to


@pytest.mark.parametrize(
    ("sent", "leads_to"),
    [
        ("/portal/dossiers/1/order", "/portal/dossiers/1/order"),
        ("/portal/requests/{}/address", "/portal/requests/{}/address"),
        ("/portal/requests/{}/resend", "/portal/requests/{}"),
    ],
)
def test_a_form_sent_after_the_session_leads_back_to_its_page(
    app: Flask,
    accountant_client: FlaskClient,
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    activation_factory: ActivationFactory,
    sent: str,
    leads_to: str,
) -> None:
    public_id = activation_factory.create("invited")
    token = token_in(accountant_client.get("/portal/dossiers/1?lang=en").text)
    clock.advance(minutes=31)

    away = accountant_client.post(
        sent.format(public_id), data={"csrf_token": token, "address": "new@a.example"}
    )

    assert away.status_code == 303
    page = accountant_client.get(away.location).text
    assert "Your session has ended, so what you sent was not saved." in page
    assert "new@a.example" not in page
    assert come_back(app, services, sent_mails, away.location) == leads_to.format(public_id)


def test_a_request_has_an_address_that_leads_to_its_place(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")

    found = accountant_client.get(f"/portal/requests/{public_id}")

    assert found.location == f"/portal/dossiers/1?request={public_id}#request-{public_id}"
    assert accountant_client.get("/portal/requests/nobodys").status_code == 404


def test_whoever_is_signed_in_already_goes_on(accountant_client: FlaskClient) -> None:
    assert accountant_client.get(f"{ASK}?next=/portal/dossiers/1").location == "/portal/dossiers/1"


@pytest.mark.parametrize(
    "wish",
    [
        *("//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example"),
        *("%2F%2Fevil.example", "%2f%5cevil.example", "/portal/../../evil", "javascript:alert(1)"),
        *("https://evil.example/portal/caro", "//evil.example/portal/dossiers/1", "http:///portal/toolkit"),
        *("/portal/sign-in/leave", "/portal/requests/x/resend", "/portal/sign-in", "/", "/qa", "[", "//["),
        "/portal/dossiers/1?bank=" + "a" * 300,
    ],
)
def test_what_is_no_page_of_the_portal_is_never_gone_to(client: FlaskClient, link: str, wish: str) -> None:
    stranger = client.get(f"{ASK}?next={wish}")
    asked = client.post(
        f"{ASK}?next={wish}",
        data={"email": ACCOUNTANT, "next": wish, "csrf_token": token_in(client.get(ASK).text)},
    )
    token = token_in(client.get(f"{link}?next={wish}").text)
    answer = client.post(f"{link}?next={wish}", data={"csrf_token": token, "next": wish})

    assert not BeautifulSoup(stranger.text, "html.parser").select("input[name=next]")
    assert (asked.location, answer.location) == ("/portal/sign-in/sent", LIST)


def test_an_address_that_was_tampered_with_in_the_row_is_not_gone_to(
    app: Flask, client: FlaskClient, link: str, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(update(SignInLink).values(next_path="https://evil.example/portal/caro"))

    answer = client.post(link, data={"csrf_token": token_in(client.get(link).text)})

    assert answer.location == LIST


def test_a_disabled_accountant_is_out_at_once(
    accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    services.sign_in.disable_accountant(ACCOUNTANT)

    assert accountant_client.get(LIST).location == ASK
    assert accountant_client.get(ASK).status_code == 200
    services.sign_in.enable_accountant(ACCOUNTANT)
    assert accountant_client.get(LIST).location == ASK


def test_whoever_is_signed_in_goes_on_to_the_list(accountant_client: FlaskClient) -> None:
    assert accountant_client.get(ASK).location == LIST


def test_half_an_hour_of_rest_leads_back_to_the_sign_in_page(
    accountant_client: FlaskClient, clock: MovableClock
) -> None:
    clock.advance(minutes=29)
    assert accountant_client.get(LIST).status_code == 200
    clock.advance(minutes=30)

    assert accountant_client.get(LIST).location == ASK


def test_two_browsers_of_one_accountant_do_not_disturb_each_other(
    app: Flask, accountant_client: FlaskClient, services: Services
) -> None:
    other = sign_in(app.test_client(), services)
    leave(accountant_client)

    assert other.get(LIST).status_code == 200


def test_no_log_names_address_or_link(
    client: FlaskClient, link: str, capfd: pytest.CaptureFixture[str]
) -> None:
    ask(client, ACCOUNTANT)
    press(client, link)
    leave(client)

    written = "".join(capfd.readouterr())
    assert "signed_out" in written
    assert ACCOUNTANT not in written
    assert link.rpartition("/")[2] not in written

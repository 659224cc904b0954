"""The mailed link: it verifies, leaves a cookie and goes on; each closed link has a page of its own."""

from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, RegisterRefusal, TransactionStatus
from app.domain.states import LinkCondition
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from app.web.link_pages import PAGES
from tests.support.activation_factory import let_mails_leave
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.office import OFFICE, ORDER
from tests.support.page_lint import LintingClient
from tests.web.conftest import everything


def test_a_link_leads_to_the_welcome_page(client: FlaskClient, link: str, public_id: str) -> None:
    answer = client.get(link.removeprefix("http://localhost:8000"))

    assert answer.status_code == 303
    assert answer.location == f"/activation/{public_id}/welcome"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_link_becomes_a_narrow_cookie(client: FlaskClient, link: str, public_id: str) -> None:
    (cookie,) = client.get(link.removeprefix("http://localhost:8000")).headers.getlist("Set-Cookie")

    assert cookie.startswith("link=")
    assert cookie.endswith(f"; HttpOnly; Path=/activation/{public_id}; SameSite=Lax")


def test_over_https_each_cookie_is_secure(
    settings: Settings, clock: MovableClock, bank: FakeBank, link: str
) -> None:
    changed = settings.model_copy(update={"public_url": "https://caro.example.be"})
    app = create_app(changed, clock=clock, bank=bank)
    cardholder_client = CardholderClient(LintingClient(app), link)
    path = f"{cardholder_client.path}?lang=nl"
    opened = cardholder_client.client.get(path, base_url="https://caro.example.be")
    cookies = opened.headers.getlist("Set-Cookie")
    app.extensions[EXTENSION].database.close_connections()

    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Secure-link", "language"}
    assert all("; Secure;" in cookie for cookie in cookies)


def test_looking_changes_nothing(cardholder_client: CardholderClient, database: Database) -> None:
    before = everything(database)
    for _ in range(3):
        cardholder_client.client.head(cardholder_client.path)
        cardholder_client.open_link()
    for page in ("welcome", "not-mine", "card", "bank", "result", "card?card_number=4111"):
        cardholder_client.visit(page)

    assert everything(database) == before


def test_a_broken_link_says_so(cardholder_client: CardholderClient) -> None:
    answer = cardholder_client.follow(cardholder_client.client.get("/a/nonsense"))

    assert answer.status_code == 404
    assert cardholder_client.heading() == "This link is incomplete or was changed"
    assert "copy the whole link into the address bar, exactly as it is written." in cardholder_client.words()
    assert OFFICE not in answer.text


def test_a_page_without_the_link_asks_for_it(app: Flask, cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    stranger = CardholderClient(app.test_client(), cardholder_client.path)
    stranger.home = cardholder_client.home
    answer = stranger.visit("card")

    assert answer.status_code == 403
    assert stranger.heading() == "Open the link in your email"
    assert OFFICE not in answer.text


def test_an_expired_link_names_the_office(cardholder_client: CardholderClient, clock: MovableClock) -> None:
    clock.advance(days=57)

    assert cardholder_client.open_link().status_code == 410
    assert cardholder_client.heading() == "This link has expired"
    assert f"Ask {OFFICE} to send the invitation again." in cardholder_client.words()


def test_an_older_link_points_to_the_newer(
    cardholder_client: CardholderClient, services: Services, public_id: str
) -> None:
    services.invitations.replace_link(public_id, "test")

    assert cardholder_client.open_link().status_code == 410
    assert cardholder_client.heading() == "A newer link exists"


def test_a_withdrawn_request_stops_the_open_page(
    cardholder_client: CardholderClient, services: Services, public_id: str
) -> None:
    cardholder_client.open_link()
    services.invitations.cancel_activation(public_id, "test")

    assert cardholder_client.accept().status_code == 410
    assert cardholder_client.heading() == "This request was cancelled"
    assert OFFICE in cardholder_client.words()


def test_a_stopped_service_promises_nothing(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    services: Services,
    clock: MovableClock,
    public_id: str,
) -> None:
    cardholder_client.reach_bank()
    bank.decides(BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED))
    cardholder_client.follow(cardholder_client.come_back())
    clock.advance(days=9)
    services.invitations.revoke_activation(public_id, "test")
    clock.advance(days=9)

    for reach in (cardholder_client.open_link, lambda: cardholder_client.visit("result")):
        assert reach().status_code == 410
        assert cardholder_client.heading() == "This service was stopped"
        assert (
            f"CARO was stopped on 2 December 2026 at 10:00: {OFFICE} no longer" in cardholder_client.words()
        )
        assert "from December" not in cardholder_client.words()


def test_five_refusals_close_the_card_page(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    services: Services,
    clock: MovableClock,
    public_id: str,
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_client.reach_card()
    for _ in range(5):
        cardholder_client.type_card()
        cardholder_client.visit("card")

    assert cardholder_client.page.status_code == 429
    assert cardholder_client.page.headers["Retry-After"] == str(24 * 3600)
    assert cardholder_client.heading() == "The page for your card details is closed for now"
    assert "The page opens again tomorrow at 10:00." in cardholder_client.words()

    clock.advance(seconds=1)
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "test")
    assert cardholder_client.visit("card").status_code == 200


def test_every_condition_has_its_own_page(app: Flask) -> None:
    assert set(PAGES) == set(LinkCondition)
    with app.test_request_context():
        assert len({str(page.title) for page in PAGES.values()}) == len(PAGES)


def test_a_closed_link_speaks_the_language_of_the_request(client: FlaskClient, services: Services) -> None:
    public_id = services.orders.place_order(replace(ORDER, language="de")).public_id
    link = services.invitations.copy_link(public_id, "test").removeprefix("http://localhost:8000")
    services.invitations.cancel_activation(public_id, "test")

    for headers in ({}, {"Accept-Language": "nl"}):
        answer = client.get(link, headers=headers)
        assert answer.status_code == 410
        assert '<html lang="de"' in answer.text
    assert '<html lang="nl"' in client.get(f"{link}?lang=nl").text

"""The way back from the bank in a browser without the link: the outcome is told, and nothing else."""

import base64
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.states import ActivationState
from app.web.extensions import Services
from app.web.neutral_pages import GENERAL, NEUTRAL_PAGES
from tests.conftest import ProductClient
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.office import OFFICE

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
REFUSED = BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19")
ACTIVE, FAILED, UNKNOWN, NEUTRAL = (
    "CARO is active",
    "CARO is not active yet",
    "The result is not known yet",
    "You are back from your bank",
)


class OtherBrowser(CardholderClient):
    """The browser in which a bank's app ends: it never saw the link."""

    def __init__(self, app: Flask, at_bank: CardholderClient) -> None:
        super().__init__(ProductClient(app), at_bank.path)
        self.fields = {"cres": "", "threeDSSessionData": at_bank.value("threeDSSessionData")}

    def arrive(self, method: str = "POST") -> TestResponse:
        """Come back from the bank, by either method, and keep the page."""
        if method == "GET":
            return self.follow(self.client.get("/3ds/return", query_string=self.fields))
        return self.follow(self.client.post("/3ds/return", data=self.fields))


@pytest.fixture
def elsewhere(app: Flask, cardholder_client: CardholderClient) -> OtherBrowser:
    cardholder_client.reach_bank()
    return OtherBrowser(app, cardholder_client)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(("result", "heading"), [(SIGNED, ACTIVE), (REFUSED, FAILED), (None, UNKNOWN)])
def test_the_outcome_is_told_and_nothing_else(
    elsewhere: OtherBrowser, bank: FakeBank, method: str, result: BankResult | None, heading: str
) -> None:
    if result:
        bank.decides(result)
    answer = elsewhere.arrive(method)

    assert (answer.status_code, elsewhere.heading()) == (200, heading)
    for secret in (OFFICE, "6123", "anne@dupont.example", "Belfius", "6391", "Visa"):
        assert secret not in answer.text
    assert not elsewhere.soup().select("form, button")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_browser_of_the_link_goes_on_to_the_result(
    cardholder_client: CardholderClient, bank: FakeBank, method: str
) -> None:
    cardholder_client.reach_bank()
    fields = {"threeDSSessionData": cardholder_client.value("threeDSSessionData")}
    bank.decides(SIGNED)
    cardholder_client.follow(
        cardholder_client.client.get("/3ds/return", query_string=fields)
        if method == "GET"
        else cardholder_client.client.post("/3ds/return", data=fields)
    )

    assert cardholder_client.heading() == "Your service is active"
    assert cardholder_client.page.request.path == f"{cardholder_client.home}/result"


def test_what_the_browser_says_decides_nothing(elsewhere: OtherBrowser, bank: FakeBank) -> None:
    forged = {"messageType": "CRes", "transStatus": "Y", "threeDSServerTransID": bank.transaction}
    elsewhere.fields["cres"] = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")

    elsewhere.arrive("GET")
    assert elsewhere.heading() == UNKNOWN


def test_a_transaction_without_our_handle_tells_nothing(elsewhere: OtherBrowser, bank: FakeBank) -> None:
    named = {"messageType": "CRes", "transStatus": "N", "threeDSServerTransID": bank.transaction}
    cres = base64.urlsafe_b64encode(json.dumps(named).encode()).decode().rstrip("=")
    bank.decides(SIGNED)
    for handle in ("", "x" * 80, elsewhere.fields["threeDSSessionData"][:-4]):
        elsewhere.fields = {"cres": cres, "threeDSSessionData": handle}
        elsewhere.arrive()
        assert elsewhere.heading() == NEUTRAL


def test_a_handle_opens_no_other_activation(elsewhere: OtherBrowser, bank: FakeBank) -> None:
    bank.decides(SIGNED)
    elsewhere.arrive()
    address = elsewhere.page.request.path
    handle = address.rpartition("/")[2]
    for other in (f"/activation/0123456789abcdef/return/{handle}", address[:-3], address.rpartition("/")[0]):
        elsewhere.follow(elsewhere.client.get(other))
        assert elsewhere.heading() == NEUTRAL


@pytest.mark.parametrize("dressed", ["{}=", "{}==", "{}=3D=3D", "{}%20", "{}/", "{}.", "%20{}", "{}%0D%0A"])
def test_a_handle_in_an_odd_dress_tells_the_same(
    elsewhere: OtherBrowser, bank: FakeBank, dressed: str
) -> None:
    bank.decides(SIGNED)
    elsewhere.arrive()
    before, _, handle = elsewhere.page.request.path.rpartition("/")
    middle = len(handle) // 2
    folded = f"{handle[:middle]}=%0D%0A{handle[middle:]}"
    for one in (handle, folded):
        elsewhere.follow(elsewhere.client.get(f"{before}/{dressed.format(one)}"))
        assert elsewhere.heading() == ACTIVE


def test_the_outcome_is_told_for_half_an_hour(
    elsewhere: OtherBrowser, bank: FakeBank, clock: MovableClock
) -> None:
    bank.decides(SIGNED)
    elsewhere.arrive()
    for minutes, heading in ((29, ACTIVE), (2, NEUTRAL)):
        clock.advance(minutes=minutes)
        elsewhere.follow(elsewhere.client.get(elsewhere.page.request.path))
        assert elsewhere.heading() == heading


def test_a_page_that_waits_finds_the_news(
    elsewhere: OtherBrowser, bank: FakeBank, services: Services
) -> None:
    elsewhere.arrive()
    assert elsewhere.soup().select("main[data-poll], noscript meta[http-equiv=refresh]")
    bank.decides(SIGNED)
    services.attempt_results.process_return(bank.transaction)
    elsewhere.follow(elsewhere.client.get(elsewhere.page.request.path))

    assert elsewhere.heading() == ACTIVE


def test_a_stopped_service_is_told_to_nobody_else(
    elsewhere: OtherBrowser, bank: FakeBank, services: Services, public_id: str
) -> None:
    bank.decides(SIGNED)
    elsewhere.arrive()
    services.invitations.revoke_activation(public_id, "test")
    elsewhere.follow(elsewhere.client.get(elsewhere.page.request.path))

    assert elsewhere.heading() == NEUTRAL


def test_a_look_at_the_return_without_reading_it_does_nothing(
    app: Flask, elsewhere: OtherBrowser, bank: FakeBank
) -> None:
    answer = FlaskClient(app).head("/3ds/return", query_string=elsewhere.fields)

    assert answer.status_code == 200
    assert bank.fetched == []


def test_every_state_has_its_page() -> None:
    assert set(NEUTRAL_PAGES) == set(ActivationState)
    assert {page.key for page in NEUTRAL_PAGES.values()} == {
        "active",
        "not-completed",
        "unknown",
        GENERAL.key,
    }

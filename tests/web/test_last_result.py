"""The link after a failure: it leads to what went wrong, and from there to another card."""

import pytest

from app.domain.bank_results import BankResult, CardVerification, RegisterRefusal, TransactionStatus
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, MovableClock

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
CANCELLED = BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="26")
REFUSED = BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19")


def fail(holder: CardholderClient, bank: FakeBank, times: int = 1) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    for _ in range(times):
        holder.visit("card")
        holder.type_card()
    bank.answer = None


@pytest.fixture
def failed(cardholder_client: CardholderClient, bank: FakeBank, clock: MovableClock) -> CardholderClient:
    cardholder_client.reach_card()
    fail(cardholder_client, bank)
    clock.advance(hours=3)
    return cardholder_client


def test_the_link_leads_to_the_last_failure_and_on_to_the_card(failed: CardholderClient) -> None:
    failed.open_link()
    assert failed.page.request.path == f"{failed.home}/result"
    assert "is not linked to 6123456789." in failed.heading()
    assert failed.words(".again")

    (again,) = failed.soup().select(".actions a.main")
    failed.follow(failed.client.get(str(again["href"])))
    assert failed.heading() == "Your credit card"


@pytest.mark.parametrize("result", [CANCELLED, REFUSED])
def test_what_the_bank_decided_is_found_again(
    cardholder_client: CardholderClient, bank: FakeBank, result: BankResult
) -> None:
    cardholder_client.reach_bank()
    bank.decides(result)
    cardholder_client.follow(cardholder_client.come_back())
    shown = cardholder_client.words()

    cardholder_client.open_link()
    assert cardholder_client.words() == shown


def test_a_resend_leads_to_the_card_again(
    failed: CardholderClient, services: Services, public_id: str, clock: MovableClock
) -> None:
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "test")

    failed.open_link()
    assert failed.heading() == "Your credit card"
    assert failed.visit("result").request.path.endswith("/card")


def test_a_failure_after_the_resend_is_told(
    failed: CardholderClient, services: Services, public_id: str, bank: FakeBank, clock: MovableClock
) -> None:
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "test")
    clock.advance(seconds=1)
    fail(failed, bank)

    failed.open_link()
    assert "is not linked to" in failed.heading()


def test_a_relaunch_begins_with_the_first_page(
    failed: CardholderClient, services: Services, public_id: str, clock: MovableClock
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    services.invitations.relaunch_activation(public_id, "test", "new@example.be")
    link = services.invitations.copy_link(public_id, "test")

    other = CardholderClient(failed.client, link)
    other.open_link()
    assert other.heading() == "Welcome"
    other.accept()
    other.open_link()
    assert other.heading() == "Your credit card"


def test_what_was_given_up_is_no_failure(failed: CardholderClient) -> None:
    failed.visit("card")
    failed.type_card()
    failed.visit("result")
    failed.follow(failed.send("start-over"))

    failed.open_link()
    assert failed.heading() == "Your credit card"


def test_who_signs_an_attempt_that_was_given_up_is_told_that_it_does_not_count(
    cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    cardholder_client.reach_bank()
    at_bank = cardholder_client.page
    cardholder_client.visit("result")
    cardholder_client.follow(cardholder_client.send("start-over"))
    cardholder_client.page = at_bank
    bank.decides(SIGNED)
    cardholder_client.follow(cardholder_client.come_back())

    assert cardholder_client.heading() == "Your credit card"
    assert "it does not count, even if you signed" in cardholder_client.words(".note")


def test_a_closed_card_page_shows_what_closed_it_and_until_when(
    failed: CardholderClient, bank: FakeBank
) -> None:
    fail(failed, bank, times=4)

    failed.open_link()
    closed = failed.words(".failed").index("The page for your card details is closed")
    assert closed < failed.words(".failed").index("is not linked to 6123456789.")
    assert "is not linked to 6123456789." in failed.heading()
    assert "The page for your card details is closed" in failed.words()
    assert "tomorrow at 10:00" in failed.words()
    assert not failed.soup().select("main a.main")


def test_the_walk_itself_still_leads_from_the_conditions_to_the_card(
    failed: CardholderClient,
) -> None:
    failed.visit("welcome")

    assert failed.heading() == "Your credit card"

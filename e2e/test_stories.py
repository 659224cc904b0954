"""The troubleshooting paths of the help article, each from failure to active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from app.domain.cards import CardProblem
from app.domain.failures import FAILURES, ChecklistItem, Failure
from app.domain.history import EventType
from app.domain.states import ActivationState
from app.simulation.scenarios import GOOD_CARDS, SCENARIOS, RecoveryAction, Scenario
from e2e.expectations import expect_active, expect_failure, expect_nothing_tried
from e2e.pages import (
    AtYourBankPage,
    BankEndingPage,
    CardPage,
    FailurePage,
    HandoffPage,
    PendingPage,
    SigningPage,
    SuccessPage,
)
from e2e.pages.portal import CopiedLinkPage
from e2e.portal_walks import manage
from e2e.product import PlacedActivation, Product
from e2e.scenario_coverage import ScenarioCoverage
from e2e.touch import touch
from e2e.walks import GOOD_CARD, GOOD_MASTERCARD, fail, submit, to_bank, to_card
from e2e.words import say

pytestmark = pytest.mark.terms_accepted


@dataclass(frozen=True)
class StoryRemedy:
    """What is done at the bank: the button, what it answers, how long it takes."""

    button: str
    done: str
    minutes: int = 0


AT_BANK: Mapping[RecoveryAction, StoryRemedy] = {
    RecoveryAction.ALLOW_ONLINE: StoryRemedy("Allow online payments", "Online payments are allowed."),
    RecoveryAction.UNBLOCK_CARD: StoryRemedy(
        "Unblock the card in the app", "The card is being unblocked. It works after five minutes.", minutes=5
    ),
    RecoveryAction.USE_CARD: StoryRemedy("Use the card once with its PIN", "The card was used with its PIN."),
    RecoveryAction.UNBLOCK_PIN: StoryRemedy("Unblock the PIN", "The PIN is not blocked."),
}


def expect_end_is_active(product: Product, order: PlacedActivation) -> None:
    evidence = product.evidence(order)
    assert (evidence.state, evidence.confirmations) == (ActivationState.ACTIVE, 1)


COVERAGE = ScenarioCoverage(ending=expect_end_is_active)


def keys_of(recovery: RecoveryAction, page: type[Failure | CardProblem] = Failure) -> list[str]:
    """Name the rows that are cured like this, and that show such a page or such a field."""
    return [row.key for row in SCENARIOS.values() if row.recovery is recovery and isinstance(row.page, page)]


def keys_of_later() -> list[str]:
    """Name the rows whose trouble is technical: the same cardholder tries again a while later."""
    rows = (SCENARIOS[key] for key in keys_of(RecoveryAction.TRY_AGAIN))
    return [row.key for row in rows if row.cards and wait_after(row)]


def wait_after(row: Scenario) -> timedelta | None:
    """Return how long the page asks to wait."""
    assert isinstance(row.page, Failure)
    return FAILURES[row.page].wait


def at_bank(page: Page, product: Product, order: PlacedActivation, recovery: RecoveryAction) -> None:
    """Have the remedy done at the bank, and wait as long as it takes."""
    remedy = AT_BANK[recovery]
    AtYourBankPage.open(page, product.bank_url, order.reference, order.office.name).do(
        remedy.button, remedy.done
    )
    if remedy.minutes:
        product.pass_time(order, minutes=remedy.minutes)


def succeed(page: Page, product: Product, order: PlacedActivation, number: str) -> None:
    """Open the link again, read what went wrong, and walk to the end with this card."""
    page.goto(order.link)
    touch(page.get_by_role("link", name=say("Try again"), exact=True))
    card = CardPage(page)
    assert not any(card.typed.values())
    shown = card.submit(number, product.expiry(), SigningPage).sign(SuccessPage)
    expect_active(product, order, shown, number)


def failed(
    page: Page, product: Product, order: PlacedActivation, row: Scenario, number: str = ""
) -> FailurePage:
    """Try a card of this row, or this good one, and find everything as the table says."""
    number = number or row.cards[0]
    shown = fail(to_card(page, order), product, row, number)
    expect_failure(product, order, shown, row, number)
    return shown


def test_lost_mail_is_replaced_by_copied_link(
    seat: Page, page: Page, product: Product, order: PlacedActivation
) -> None:
    sheet = manage(seat, product, order.office).request(order.reference)
    assert sheet.go("Link and text for your own email", CopiedLinkPage).link == order.link
    to_bank(page, product, order).sign(SuccessPage)
    assert EventType.LINK_SHOWN in product.evidence(order).event_types


def test_lost_mail_is_sent_again(page: Page, product: Product, order: PlacedActivation) -> None:
    product.pass_time(order, days=13)
    product.resend(order)
    product.work(order.office)
    assert [order.link in mail.text for mail in product.mails(order)] == [True, True]
    to_bank(page, product, order).sign(SuccessPage)


@COVERAGE.covers(*keys_of(RecoveryAction.RIGHT_CARD))
def test_right_card_succeeds_afterwards(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    failed(page, product, order, row)
    succeed(page, product, order, GOOD_MASTERCARD)


def test_wrong_card_belongs_to_another_reference(page: Page, product: Product) -> None:
    (number,) = SCENARIOS["wrong_card"].cards
    owner = product.order(reference="6000000001")
    expect_active(product, owner, to_bank(page, product, owner, number).sign(SuccessPage), number)


@COVERAGE.covers(*(key for recovery in AT_BANK for key in keys_of(recovery)))
def test_remedy_at_bank_helps(row: Scenario, page: Page, product: Product, order: PlacedActivation) -> None:
    number = row.cards[0] if row.cards else GOOD_CARD
    failed(page, product, order, row, number)
    at_bank(page, product, order, row.recovery)
    succeed(page, product, order, number)


@COVERAGE.covers("just_unblocked")
def test_unblocked_card_works_after_minutes(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = SCENARIOS["temporarily_blocked"].cards
    unblocking = AT_BANK[RecoveryAction.UNBLOCK_CARD]
    AtYourBankPage.open(page, product.bank_url, order.reference, order.office.name).do(
        unblocking.button, unblocking.done
    )
    shown = failed(page, product, order, row, number)
    ended_at = product.evidence(order).attempt.concluded_at
    assert ended_at
    shown.shows_when_to_try_again(ended_at + timedelta(minutes=5), product.now())
    product.pass_time(order, minutes=5)
    shown.reload(FailurePage).shows("You can try again now.")
    succeed(page, product, order, number)


def test_blocked_pin_stays_blocked(page: Page, product: Product, order: PlacedActivation) -> None:
    shown = failed(page, product, order, SCENARIOS["wrong_pin"], GOOD_CARD)
    signing = shown.try_again().submit(GOOD_CARD, product.expiry(), SigningPage)
    ending = signing.sign(BankEndingPage).says("Your signature was refused")
    assert ending.go_back(FailurePage).items[0] is ChecklistItem.PIN_BLOCKED


def test_wrong_key_then_right_key(page: Page, product: Product, order: PlacedActivation) -> None:
    signing = to_bank(page, product, order).sign(SigningPage, key="M1")
    expect_active(product, order, signing.sign(SuccessPage), GOOD_CARD)


@COVERAGE.covers(*keys_of(RecoveryAction.RIGHT_DATA))
def test_right_data_succeeds_afterwards(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    failed(page, product, order, row)
    succeed(page, product, order, GOOD_CARD)


def test_wrong_code_then_right_one(page: Page, product: Product, order: PlacedActivation) -> None:
    shown = submit(page, product, order, GOOD_CARD, SigningPage, code="321").sign(FailurePage)
    expect_failure(product, order, shown, SCENARIOS["wrong_security_code"], GOOD_CARD)
    succeed(page, product, order, GOOD_CARD)


@COVERAGE.covers(*keys_of(RecoveryAction.RIGHT_DATA, CardProblem))
def test_mistyped_field_is_corrected(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    number = row.cards[0] if row.cards else GOOD_CARD
    expiry = product.expiry(12 if row.cards else -1)
    card = to_card(page, order).submit(number, expiry, CardPage)
    assert page.get_by_role("alert").get_by_role("link").count() == 1
    expect_nothing_tried(product, order)
    shown = card.submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    expect_active(product, order, shown, GOOD_CARD)


def test_typing_errors_are_corrected_at_once(page: Page, product: Product, order: PlacedActivation) -> None:
    (bad_number,) = SCENARIOS["bad_number"].cards
    card = to_card(page, order).submit(bad_number, product.expiry(-1), CardPage, code="12")
    assert card.page.get_by_role("alert").get_by_role("link").count() == 3
    card = card.submit(GOOD_CARD, product.expiry(-1), CardPage)
    assert card.page.get_by_role("alert").get_by_role("link").count() == 1
    signing = card.submit(GOOD_CARD, product.expiry().replace("/", " / 20"), SigningPage)
    expect_active(product, order, signing.sign(SuccessPage), GOOD_CARD)


@COVERAGE.covers("cancelled")
def test_cancelled_walk_is_taken_up_again(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    failed(page, product, order, row, GOOD_CARD)
    succeed(page, product, order, GOOD_CARD)


@COVERAGE.covers("abandoned")
def test_closed_tab_is_taken_up_again(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    to_bank(page, product, order)
    page.goto(order.link)
    pending = PendingPage(page)
    product.pass_time(order, minutes=10)
    expect_failure(product, order, pending.reload(FailurePage), row, GOOD_CARD)
    succeed(page, product, order, GOOD_CARD)


@COVERAGE.covers("handoff_late")
def test_late_handoff_is_taken_up_again(
    row: Scenario, scriptless: Page, page: Page, product: Product, order: PlacedActivation
) -> None:
    handoff = submit(scriptless, product, order, GOOD_CARD, HandoffPage)
    product.only_pass_time(order, seconds=31)
    shown = handoff.press("Go to my bank", BankEndingPage).go_back(FailurePage)
    expect_failure(product, order, shown, row, GOOD_CARD)
    succeed(page, product, order, GOOD_CARD)


@COVERAGE.covers(*keys_of_later())
def test_later_is_the_right_time(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    shown = failed(page, product, order, row)
    wait = wait_after(row)
    assert wait
    product.pass_time(order, seconds=wait.total_seconds())
    shown.reload(FailurePage).shows("You can try again now.")
    succeed(page, product, order, GOOD_CARD)


def test_every_recovery_ends_active() -> None:
    COVERAGE.expect_exactly(row.key for row in SCENARIOS.values() if row.recovery is not RecoveryAction.NONE)


def test_good_cards_are_of_both_brands() -> None:
    assert GOOD_CARDS == (GOOD_CARD, GOOD_MASTERCARD)

"""Section B of the scenarios: the endings on the bank's side. What a remedy cures is in test_stories."""

import pytest
from playwright.sync_api import Page, expect

from app.domain.states import ActivationState
from app.simulation.scenarios import SCENARIOS, BankPageRoute, RecoveryAction, Scenario, ScenarioSection
from e2e.expectations import expect_active, expect_failure
from e2e.pages import (
    AtYourBankPage,
    BankEndingPage,
    FailurePage,
    HandoffPage,
    PendingPage,
    SuccessPage,
)
from e2e.product import PlacedActivation, Product
from e2e.scenario_coverage import ScenarioCoverage
from e2e.walks import GOOD_CARD, fail, submit, to_bank, to_card

pytestmark = pytest.mark.terms_accepted

ROWS = [row for row in SCENARIOS.values() if row.section is ScenarioSection.AT_THE_BANK]
#: These need time to go by, or somebody who was at the bank before.
COVERED_APART = [
    row.key
    for row in ROWS
    if row.route in (BankPageRoute.LEAVE, BankPageRoute.ARRIVE_LATE) or row.recovery is RecoveryAction.WAIT
]
COVERAGE = ScenarioCoverage()
#: Three styles: the cause is said plainly, vaguely, or by a bare code.
WORDED = [
    ("argenta", "Online payments are not allowed on this card."),
    ("belfius", "Transaction refused"),
    ("bnp_paribas_fortis", "Error 57-R"),
]


@COVERAGE.covers(*(row.key for row in ROWS if row.succeeds))
def test_signature_makes_service_active(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    shown = to_bank(page, product, order, number).sign(SuccessPage)
    expect_active(product, order, shown, number)


@COVERAGE.covers("abandoned")
def test_abandoned_challenge_ends_after_ten_minutes(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    to_bank(page, product, order)
    page.goto(order.link)
    pending = PendingPage(page)
    product.pass_time(order, minutes=9)
    pending = pending.reload(PendingPage)
    assert product.evidence(order).state is ActivationState.AWAITING_BANK
    product.pass_time(order, minutes=1)
    expect_failure(product, order, pending.reload(FailurePage), row, GOOD_CARD)


@COVERAGE.covers("handoff_late")
def test_handoff_late_starts_again(
    row: Scenario, scriptless: Page, product: Product, order: PlacedActivation
) -> None:
    handoff = submit(scriptless, product, order, GOOD_CARD, HandoffPage)
    product.only_pass_time(order, seconds=31)
    ending = handoff.press("Go to my bank", BankEndingPage).says("This page has expired")
    expect_failure(product, order, ending.go_back(FailurePage), row, GOOD_CARD)


@COVERAGE.covers("just_unblocked")
def test_just_unblocked_card_must_wait(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = SCENARIOS["temporarily_blocked"].cards
    AtYourBankPage.open(page, product.bank_url, order.reference, order.office.name).do(
        "Unblock the card in the app", "The card is being unblocked. It works after five minutes."
    )
    shown = fail(to_card(page, order), product, row, number)
    expect_failure(product, order, shown, row, number)
    expect(page.locator(".again")).to_be_visible()


@pytest.mark.parametrize(("bank", "words"), WORDED)
@pytest.mark.parametrize("row", [pytest.param(SCENARIOS["online_payments_off"], id="online_payments_off")])
def test_each_bank_words_its_refusal(
    row: Scenario, bank: str, words: str, page: Page, product: Product
) -> None:
    order = product.order(bank=bank)
    ending = to_bank(page, product, order, row.cards[0]).sign(BankEndingPage).says(words)
    expect_failure(product, order, ending.go_back(FailurePage), row, row.cards[0])


def test_every_row_of_section_is_walked() -> None:
    COVERAGE.expect_exactly(row.key for row in ROWS if row.succeeds or row.key in COVERED_APART)

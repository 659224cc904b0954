"""Section C of the scenarios: a good signature, then the zero-amount verification says no."""

import pytest
from playwright.sync_api import Page

from app.simulation.scenarios import SCENARIOS, Scenario, ScenarioSection
from e2e.expectations import expect_active, expect_failure
from e2e.pages import CardPage, FailurePage, SigningPage, SuccessPage
from e2e.product import PlacedActivation, Product
from e2e.walks import GOOD_CARD, fail, to_card

ROWS = [row for row in SCENARIOS.values() if row.section is ScenarioSection.AFTER_THE_SIGNATURE]
#: What else makes a good card behave as if its security code were wrong.
NOT_AS_PRINTED = [(12, "999"), (40, "123")]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.key) for row in ROWS])
def test_signed_card_fails_verification(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    shown = fail(to_card(page, order), product, row, number)
    expect_failure(product, order, shown, row, number)


@pytest.mark.parametrize(("months", "code"), NOT_AS_PRINTED)
def test_other_data_than_printed_fails(
    months: int, code: str, page: Page, product: Product, order: PlacedActivation
) -> None:
    row = SCENARIOS["wrong_security_code"]
    signing = to_card(page, order).submit(GOOD_CARD, product.expiry(months), SigningPage, code)
    shown = signing.sign(FailurePage)
    expect_failure(product, order, shown, row, GOOD_CARD)
    signing = shown.try_again().submit(GOOD_CARD, product.expiry(), SigningPage)
    expect_active(product, order, signing.sign(SuccessPage), GOOD_CARD)


def test_failed_signature_can_be_repeated(page: Page, product: Product, order: PlacedActivation) -> None:
    row = SCENARIOS["verification_timeout"]
    card: CardPage = to_card(page, order)
    for _ in range(product.caps.refusals_a_day):
        card = fail(card, product, row, row.cards[0]).try_again()
    assert len(product.evidence(order).attempts) == product.caps.refusals_a_day

"""Section C of the scenarios: a good signature, then the zero-amount verification says no.

Each row is covered in test_stories; here is what else leads there.
"""

import pytest
from playwright.sync_api import Page

from app.simulation.scenarios import SCENARIOS
from e2e.expectations import expect_active, expect_failure
from e2e.pages import CardPage, FailurePage, SigningPage, SuccessPage
from e2e.product import PlacedActivation, Product
from e2e.walks import GOOD_CARD, fail, to_card

pytestmark = pytest.mark.terms_accepted

#: What else makes a good card behave as if its security code were wrong.
NOT_AS_PRINTED = [(12, "999"), (40, "123")]


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

"""Section A of the scenarios: refused before the bank's page. What can be cured is in test_stories."""

import pytest
from playwright.sync_api import Page, expect

from app.domain.cards import CardProblem
from app.simulation.scenarios import SCENARIOS, Scenario, ScenarioSection
from app.wording import PROBLEMS
from e2e.expectations import expect_failure, expect_nothing_tried
from e2e.pages import CardPage, FailurePage
from e2e.product import PlacedActivation, Product
from e2e.walks import GOOD_CARD, code_of, submit, to_card
from e2e.words import translate

pytestmark = pytest.mark.terms_accepted

ROWS = [row for row in SCENARIOS.values() if row.section is ScenarioSection.BEFORE_THE_BANK]
#: The first card of a row is that of its story.
OTHER_CARDS = [pytest.param(row, card, id=card[-4:]) for row in ROWS for card in row.cards[1:]]
MISTYPED = [pytest.param(row, id=row.key) for row in ROWS if isinstance(row.page, CardProblem)]


@pytest.mark.parametrize(("row", "card"), OTHER_CARDS)
def test_other_card_of_its_kind_is_refused_too(
    row: Scenario, card: str, page: Page, product: Product, order: PlacedActivation
) -> None:
    shown = submit(page, product, order, card, FailurePage, code=code_of(card))
    expect_failure(product, order, shown, row, card)


@pytest.mark.parametrize("row", MISTYPED)
def test_mistyped_card_stays_on_page(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    assert isinstance(row.page, CardProblem)
    number = row.cards[0] if row.cards else GOOD_CARD
    past = row.page is CardProblem.EXPIRY_PAST
    expiry = product.expiry(-1 if past else 12)
    shown = to_card(page, order).submit(number, expiry, CardPage)
    shown.complains("Expiry date" if past else "Card number", translate(PROBLEMS[row.page]))
    assert shown.typed == {"Card number": "", "Expiry date": expiry, "Security code": ""}
    expect_nothing_tried(product, order)


def test_hanging_bank_is_given_up(page: Page, product: Product, order: PlacedActivation) -> None:
    card = to_card(page, order)
    (number,) = SCENARIOS["bank_hangs"].cards
    with page.expect_response("**/card") as answered:
        card.submit(number, product.expiry(), FailurePage)
    # Our own bank stays silent for good. Elsewhere the product may wait ten seconds at most, which is
    # the browser's own measure, in milliseconds.
    assert product.own or answered.value.request.timing["responseStart"] < 13_000


def test_dead_bank_counts_for_nothing(page: Page, product: Product, order: PlacedActivation) -> None:
    (number,) = SCENARIOS["bank_unavailable"].cards
    card = to_card(page, order)
    for _ in range(product.caps.refusals_a_day):
        card = card.submit(number, product.expiry(), FailurePage).try_again()
    expect(card.heading_shown()).to_be_visible()

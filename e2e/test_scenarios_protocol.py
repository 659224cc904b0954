"""Section D of the scenarios: a misbehaving bank side changes nothing but what its result says."""

import pytest
from playwright.sync_api import Page, expect

from app.domain.states import ActivationState
from app.simulation.scenarios import SCENARIOS, Scenario, ScenarioSection
from e2e.expectations import expect_active, expect_failure
from e2e.pages import BankEndingPage, FailurePage, PendingPage, SuccessPage
from e2e.product import PlacedActivation, Product
from e2e.scenario_coverage import ScenarioCoverage
from e2e.walks import submit, to_bank

pytestmark = pytest.mark.terms_accepted

COVERAGE = ScenarioCoverage()


@COVERAGE.covers("forged_success")
def test_forged_success_is_never_active(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    shown = to_bank(page, product, order, row.cards[0]).sign(FailurePage)
    expect_failure(product, order, shown, row, row.cards[0])
    product.pass_time(order, minutes=15)
    assert product.evidence(order).state is ActivationState.TERMS_ACCEPTED


@COVERAGE.covers("garbled_cres")
def test_garbled_cres_still_becomes_active(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    shown = to_bank(page, product, order, number).sign(SuccessPage)
    expect_active(product, order, shown, number)


@COVERAGE.covers("duplicate_return")
def test_duplicate_return_activates_once(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    shown = to_bank(page, product, order, number).sign(SuccessPage)
    expect_active(product, order, shown, number)
    assert len(product.mails(order)) == 2


@COVERAGE.covers("foreign_acs")
def test_foreign_acs_is_never_visited(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    visited: list[str] = []
    page.on("request", lambda request: visited.append(request.url))
    shown = submit(page, product, order, row.cards[0], FailurePage)
    assert all(url.startswith(product.product_url) for url in visited)
    assert product.evidence(order).attempt.challenge_url is None
    expect_failure(product, order, shown, row, row.cards[0])


@COVERAGE.covers("late_result")
def test_late_result_shows_up_by_itself(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    pending = to_bank(page, product, order, number).sign(PendingPage)
    assert product.evidence(order).state is ActivationState.AWAITING_BANK
    product.pass_time(order, seconds=20)
    expect(pending.heading_shown()).to_be_hidden()
    expect_active(product, order, SuccessPage(page), number)


@COVERAGE.covers("no_return")
def test_no_return_is_active_within_minute(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    (number,) = row.cards
    ending = to_bank(page, product, order, number).sign(BankEndingPage).says("You can close this page.")
    expect(ending.page.get_by_role("button")).to_have_count(0)
    assert product.evidence(order).state is ActivationState.AWAITING_BANK
    product.pass_time(order, seconds=59)
    page.goto(f"{product.product_url}/activation/{order.public_id}/result")
    expect_active(product, order, SuccessPage(page), number)


def test_every_row_of_section_is_walked() -> None:
    COVERAGE.expect_exactly(
        row.key for row in SCENARIOS.values() if row.section is ScenarioSection.MISBEHAVING_BANK
    )

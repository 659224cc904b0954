"""Section E of the scenarios: links that do not open the wizard, each with a page of its own."""

import pytest
from playwright.sync_api import Page, Response, expect

from app.clock import BRUSSELS
from app.domain.states import ActivationState, LinkCondition, StatusLabel
from app.simulation.scenarios import SCENARIOS, Scenario, ScenarioSection
from app.tokens import LinkClaims
from e2e.expectations import expect_active, expect_locked, expect_nothing_tried
from e2e.own_server import OwnServer
from e2e.pages import (
    CardPage,
    FailurePage,
    LinkClosedPage,
    PendingPage,
    SigningPage,
    SuccessPage,
    WelcomePage,
)
from e2e.product import PlacedActivation, Product
from e2e.scenario_coverage import ScenarioCoverage
from e2e.touch import touch
from e2e.walks import GOOD_CARD, submit, to_bank, to_card

COVERAGE = ScenarioCoverage()
READY = [pytest.param(row, id=row.key) for row in SCENARIOS.values() if row.section is ScenarioSection.LINK]
WHOLE_LINK = (
    "Open the link in your email again. If you see this page once more, copy the whole link into the address "
    "bar, exactly as it is written."
)


def closed(page: Page, row: Scenario) -> LinkClosedPage:
    assert isinstance(row.page, LinkCondition)
    return LinkClosedPage(page, row.page)


def opened(page: Page, url: str) -> Response:
    response = page.goto(url)
    assert response is not None
    return response


@COVERAGE.covers("link_altered")
def test_link_altered_asks_for_whole_link(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    for link in (
        order.link[:-4],
        order.link.replace("/a/", "/a/x"),
        order.link.lower(),
        f"{product.product_url}/a/",
    ):
        assert opened(page, link).status == 404
        closed(page, row).says(WHOLE_LINK)
    assert order.grouped_reference not in page.content()
    expect_nothing_tried(product, order, ActivationState.INVITED, consents=0)


@COVERAGE.covers("link_unknown")
def test_link_unknown_tells_nothing(row: Scenario, page: Page, product: Product) -> None:
    order = product.start_scenario(row.key)
    assert order.link != product.evidence(order).link
    assert opened(page, order.link).status == 404
    expect_told_nothing(page, row, order)
    expect_nothing_tried(product, order, ActivationState.INVITED, consents=0)


@pytest.mark.own_server("a link is signed that the product would never make")
@COVERAGE.covers("link_unknown")
def test_link_of_bank_with_an_app_is_unknown(
    row: Scenario, page: Page, product: Product, own: OwnServer
) -> None:
    at_kbc = product.order(bank="kbc")
    link = own.services.context.tokens.activation_url(LinkClaims(at_kbc.public_id, 1))
    assert opened(page, link).status == 404
    expect_told_nothing(page, row, at_kbc)
    expect_nothing_tried(product, at_kbc, ActivationState.INVITED, consents=0)


def expect_told_nothing(page: Page, row: Scenario, order: PlacedActivation) -> None:
    closed(page, row)
    for secret in (order.office.name, order.grouped_reference, order.reference):
        assert secret not in page.content()


@COVERAGE.covers("link_expired")
def test_link_expired_names_the_office(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    product.only_pass_time(order, days=56)
    for _ in ("before the worker marked it", "and after"):
        assert opened(page, order.link).status == 410
        closed(page, row).says("Ask %(office)s to send the invitation again.", office=order.office.name)
        assert product.evidence(order).label is StatusLabel.EXPIRED
        product.work(order.office)
    expect_nothing_tried(product, order, ActivationState.EXPIRED, StatusLabel.EXPIRED, consents=0)
    assert product.evidence(order).address is None


@COVERAGE.covers("link_replaced")
def test_link_replaced_leads_to_newer_mail(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    card = to_card(page, order)
    product.replace(order)
    assert opened(page, order.link).status == 410
    closed(page, row)
    page.goto(f"{product.product_url}/activation/{order.public_id}/card")
    closed(page, row)
    expect_nothing_tried(product, order, ActivationState.INVITED)
    page.goto(str(product.evidence(order).link))
    assert WelcomePage(page).page is card.page


@COVERAGE.covers("link_withdrawn")
def test_link_withdrawn_closes_open_page(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    card = to_card(page, order)
    product.cancel(order)
    card.fill(GOOD_CARD, product.expiry())
    touch(page.get_by_role("button", name=card.say("Continue to my bank")))
    closed(page, row).says(
        "%(office)s has cancelled the request for your credit card statements.", office=order.office.name
    )
    assert opened(page, order.link).status == 410
    closed(page, row)
    expect_nothing_tried(product, order, ActivationState.CANCELLED, StatusLabel.CANCELLED)


@COVERAGE.covers("link_active")
def test_link_active_says_since_when(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    expect_active(product, order, to_bank(page, product, order).sign(SuccessPage), GOOD_CARD)
    assert opened(page, order.link).status == 200
    closed(page, row)
    since = product.evidence(order).activated_at
    assert since
    expect(page.get_by_role("main")).to_contain_text(f"{since.astimezone(BRUSSELS):%H:%M}")
    # A final state outranks expiry.
    product.pass_time(order, days=57)
    page.goto(order.link)
    closed(page, row)


@COVERAGE.covers("link_stopped")
def test_link_stopped_says_who_no_longer_receives_what(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    to_bank(page, product, order).sign(SuccessPage)
    product.stop(order)
    page.reload()
    closed(page, row)
    assert opened(page, order.link).status == 410
    closed(page, row).says(
        "You do not need to do anything. Contact %(office)s if you did not expect this.",
        office=order.office.name,
    )
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (ActivationState.REVOKED, StatusLabel.CANCELLED)
    assert evidence.address is None


@COVERAGE.covers("link_in_progress")
def test_link_in_progress_can_start_over(
    row: Scenario, page: Page, other_phone: Page, product: Product, order: PlacedActivation
) -> None:
    signing = to_bank(page, product, order)
    other_phone.goto(order.link)
    pending = PendingPage(other_phone).press("Check now", PendingPage)
    failure_or_card = pending.press("Start over", CardPage)
    assert product.evidence(order).state is ActivationState.TERMS_ACCEPTED
    # The first phone signs all the same: kept as evidence, never acted on.
    signing.sign(CardPage)
    first = product.evidence(order).attempt
    assert (first.outcome, first.bank_status) == ("superseded", "Y")
    assert product.evidence(order).state is ActivationState.TERMS_ACCEPTED
    signing = failure_or_card.submit(GOOD_CARD, product.expiry(), SigningPage)
    expect_active(product, order, signing.sign(SuccessPage), GOOD_CARD)


@COVERAGE.covers("link_locked")
def test_link_locked_opens_with_resend(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    wrong = SCENARIOS["wrong_card"]
    (number,) = wrong.cards
    shown = submit(page, product, order, number, FailurePage)
    for _ in range(product.caps.refusals_a_day - 1):
        shown = shown.try_again().submit(number, product.expiry(), FailurePage)
    expect(page.get_by_role("link", name=shown.say("Try again"))).to_have_count(0)
    refused_at = product.evidence(order).attempts[0].concluded_at
    assert refused_at
    # It opens a day after the first refusal: at the same time of the day.
    opens_at = f"{refused_at.astimezone(BRUSSELS):%H:%M}"
    expect(page.get_by_role("main")).to_contain_text(opens_at)
    assert opened(page, f"{product.product_url}/activation/{order.public_id}/card").status == 429
    expect_locked(product, order, closed(page, row), wrong, number)
    # The link leads to what went wrong, and says there that no other card can be tried yet.
    assert opened(page, order.link).status == 200
    FailurePage(page)
    expect(page.get_by_role("main")).to_contain_text(opens_at)
    product.pass_time(order, minutes=1)
    product.resend(order)
    page.goto(order.link)
    CardPage(page)


@COVERAGE.covers("link_missing")
def test_link_missing_points_to_mail(
    row: Scenario, page: Page, product: Product, order: PlacedActivation
) -> None:
    for step in ("welcome", "card", "bank", "result"):
        assert opened(page, f"{product.product_url}/activation/{order.public_id}/{step}").status == 403
        closed(page, row)
    assert order.office.name not in page.content()
    assert order.office.accountant not in page.content()
    expect_nothing_tried(product, order, ActivationState.INVITED, consents=0)
    WelcomePage.open(page, order)


@pytest.mark.parametrize("row", READY)
def test_link_is_ready_made_for_testers(row: Scenario, page: Page, product: Product) -> None:
    made = product.start_scenario(row.key)
    page.goto(made.link)
    if row.page is ActivationState.AWAITING_BANK:
        PendingPage(page)
        return
    if row.page is LinkCondition.LOCKED:
        FailurePage(page)
        page.goto(f"{product.product_url}/activation/{made.public_id}/card")
    closed(page, row)


def test_every_row_of_section_is_walked() -> None:
    keys = [row.key for row in SCENARIOS.values() if row.section is ScenarioSection.LINK]
    COVERAGE.expect_exactly([*keys, "link_unknown"])

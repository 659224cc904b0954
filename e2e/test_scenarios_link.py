"""Section E of the scenarios: links that do not open the wizard, each with a page of its own."""

from playwright.sync_api import Page, Response, expect

from app.clock import BRUSSELS
from app.domain.activation import LinkCondition, State
from app.domain.labels import Label
from app.simulator.scenarios import SCENARIOS, Section
from e2e.pages import (
    CardPage,
    FailurePage,
    LinkClosedPage,
    PendingPage,
    SigningPage,
    SuccessPage,
    WelcomePage,
)
from e2e.walks import GOOD_CARD, submit, to_bank, to_card
from e2e.world import Order, World
from tests.support.office import ACCOUNTANT, OFFICE

ROWS = {row.key: row for row in SCENARIOS.values() if row.section is Section.LINK}
WHOLE_LINK = "Open the link in your e-mail again, or copy the whole link into the address bar."
WRONG_CARD = SCENARIOS["wrong_card"].cards[0]


def opened(page: Page, url: str) -> Response:
    response = page.goto(url)
    assert response is not None
    return response


def test_link_altered_asks_for_whole_link(page: Page, world: World, order: Order) -> None:
    for link in (
        order.link[:-4],
        order.link + "x",
        order.link.replace("/a/", "/a/x"),
        f"{world.product_url}/a/",
    ):
        assert opened(page, link).status == 404
        shown = LinkClosedPage(page, LinkCondition.ALTERED)
        shown.says(WHOLE_LINK)
    assert order.grouped_reference not in page.content()


def test_link_unknown_tells_nothing(page: Page, world: World) -> None:
    at_kbc = world.order(bank="kbc")
    for public_id in ("nobody-has-this-id", at_kbc.public_id):
        assert opened(page, world.link_of(public_id)).status == 404
        LinkClosedPage(page, LinkCondition.UNKNOWN)
        assert OFFICE not in page.content()
        assert at_kbc.grouped_reference not in page.content()


def test_link_expired_names_the_office(page: Page, world: World, order: Order) -> None:
    world.clock.advance(days=56)
    for _ in ("before the worker marked it", "and after"):
        assert opened(page, order.link).status == 410
        LinkClosedPage(page, LinkCondition.EXPIRED).says(
            "Ask %(office)s to send the invitation again.", office=OFFICE
        )
        assert world.evidence(order).label is Label.EXPIRED
        world.work()
    assert world.evidence(order).state is State.EXPIRED
    assert world.evidence(order).activation.address is None


def test_link_replaced_leads_to_newer_mail(page: Page, world: World, order: Order) -> None:
    card = to_card(page, order)
    world.services.activations.replace(order.public_id, "anne")
    assert opened(page, order.link).status == 410
    LinkClosedPage(page, LinkCondition.REPLACED)
    page.goto(f"{world.product_url}/activation/{order.public_id}/card")
    LinkClosedPage(page, LinkCondition.REPLACED)
    page.goto(world.link_of(order.public_id, generation=2))
    assert WelcomePage(page).page is card.page


def test_link_withdrawn_closes_open_page(page: Page, world: World, order: Order) -> None:
    card = to_card(page, order)
    world.services.activations.cancel(order.public_id, "anne")
    card.fill(GOOD_CARD, world.expiry())
    page.get_by_role("button", name=card.say("Continue to my bank")).tap()
    LinkClosedPage(page, LinkCondition.WITHDRAWN).says(
        "%(office)s has withdrawn the request for your credit card statements.", office=OFFICE
    )
    assert opened(page, order.link).status == 410
    LinkClosedPage(page, LinkCondition.WITHDRAWN)
    assert not world.evidence(order).attempts


def test_link_active_says_since_when(page: Page, world: World, order: Order) -> None:
    to_bank(page, world, order).sign(SuccessPage)
    assert opened(page, order.link).status == 200
    LinkClosedPage(page, LinkCondition.ACTIVE)
    since = world.evidence(order).activation.activated_at.astimezone(BRUSSELS)
    expect(page.get_by_role("main")).to_contain_text(str(since.year))
    # A final state outranks expiry.
    world.clock.advance(days=57)
    page.goto(order.link)
    LinkClosedPage(page, LinkCondition.ACTIVE)


def test_link_in_progress_can_start_over(page: Page, other_phone: Page, world: World, order: Order) -> None:
    signing = to_bank(page, world, order)
    other_phone.goto(order.link)
    pending = PendingPage(other_phone).press("Check now", PendingPage)
    failure_or_card = pending.press("Start over", CardPage)
    assert world.evidence(order).state is State.TERMS_ACCEPTED
    # The first phone signs all the same: kept as evidence, never acted on.
    signing.sign(CardPage)
    first = world.evidence(order).attempt
    assert (first.outcome, first.bank_status) == ("superseded", "Y")
    assert world.evidence(order).state is State.TERMS_ACCEPTED
    signing = failure_or_card.submit(GOOD_CARD, world.expiry(), SigningPage)
    signing.sign(SuccessPage)
    assert world.evidence(order).confirmations == 1


def test_link_locked_opens_with_resend(page: Page, world: World, order: Order) -> None:
    shown = submit(page, world, order, WRONG_CARD, FailurePage)
    for _ in range(4):
        shown = shown.try_again().submit(WRONG_CARD, world.expiry(), FailurePage)
    page.get_by_role("link", name=shown.say("Try again")).tap()
    LinkClosedPage(page, LinkCondition.LOCKED)
    assert opened(page, order.link).status == 429
    opens_at = world.clock().astimezone(BRUSSELS)
    expect(page.get_by_role("main")).to_contain_text(f"{opens_at:%H:%M}")
    world.pass_time(minutes=1)
    world.services.activations.resend(order.public_id, "anne")
    page.goto(order.link)
    CardPage(page)


def test_link_missing_points_to_mail(page: Page, world: World, order: Order) -> None:
    for step in ("welcome", "card", "bank", "result"):
        assert opened(page, f"{world.product_url}/activation/{order.public_id}/{step}").status == 403
        LinkClosedPage(page, LinkCondition.MISSING)
    assert OFFICE not in page.content()
    assert ACCOUNTANT not in page.content()
    WelcomePage.open(page, order)


def test_every_row_of_section_is_walked() -> None:
    told = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert all(any(name.startswith(key) for name in told) for key in ROWS)

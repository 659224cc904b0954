"""Section D of the scenarios: a misbehaving bank side changes nothing but what its result says."""

from playwright.sync_api import Page, expect

from app.domain.activation import State
from app.domain.failures import Message
from app.simulator.scenarios import SCENARIOS, Section
from e2e.expectations import expect_active, expect_card_nowhere, expect_failure
from e2e.pages import BankEndingPage, FailurePage, PendingPage, SuccessPage
from e2e.walks import submit, to_bank
from e2e.world import Order, World

ROWS = {row.key: row for row in SCENARIOS.values() if row.section is Section.MISBEHAVING_BANK}
#: By itself means within a few looks of the waiting page, in milliseconds.
BY_ITSELF = 15_000


def test_forged_success_is_never_active(page: Page, world: World, order: Order) -> None:
    row = ROWS["forged_success"]
    shown = to_bank(page, world, order, row.cards[0]).sign(FailurePage)
    expect_failure(world, order, shown, row, row.cards[0])
    world.pass_time(minutes=15)
    assert world.evidence(order).state is State.TERMS_ACCEPTED


def test_garbled_cres_still_becomes_active(page: Page, world: World, order: Order) -> None:
    (number,) = ROWS["garbled_cres"].cards
    shown = to_bank(page, world, order, number).sign(SuccessPage)
    expect_active(world, order, shown, number)


def test_duplicate_return_activates_once(page: Page, world: World, order: Order) -> None:
    (number,) = ROWS["duplicate_return"].cards
    shown = to_bank(page, world, order, number).sign(SuccessPage)
    expect_active(world, order, shown, number)
    assert len(world.mails(order)) == 2


def test_foreign_acs_is_never_visited(page: Page, world: World, order: Order) -> None:
    row = ROWS["foreign_acs"]
    visited: list[str] = []
    page.on("request", lambda request: visited.append(request.url))
    shown = submit(page, world, order, row.cards[0], FailurePage)
    assert all(url.startswith(world.product_url) for url in visited)
    attempt = world.evidence(order).attempt
    assert (attempt.failure, attempt.challenge_url) == (row.page, None)
    shown.reads(Message.E3, order.reference)
    expect_card_nowhere(world, shown, row.cards[0])


def test_late_result_shows_up_by_itself(page: Page, world: World, order: Order) -> None:
    (number,) = ROWS["late_result"].cards
    pending = to_bank(page, world, order, number).sign(PendingPage)
    assert world.evidence(order).state is State.AWAITING_BANK
    world.pass_time(seconds=20)
    expect(pending.heading_shown()).to_be_hidden(timeout=BY_ITSELF)
    expect_active(world, order, SuccessPage(page), number)


def test_no_return_is_active_within_minute(page: Page, world: World, order: Order) -> None:
    (number,) = ROWS["no_return"].cards
    ending = to_bank(page, world, order, number).sign(BankEndingPage).says("You may close this page.")
    expect(ending.page.get_by_role("button")).to_have_count(0)
    assert world.evidence(order).state is State.AWAITING_BANK
    world.pass_time(seconds=59)
    page.goto(f"{world.product_url}/activation/{order.public_id}/result")
    expect_active(world, order, SuccessPage(page), number)


def test_every_row_of_section_is_walked() -> None:
    told = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert all(any(name.startswith(key) for name in told) for key in ROWS)

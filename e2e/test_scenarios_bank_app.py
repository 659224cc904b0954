"""Section F of the scenarios: KBC and CBC ask in their own app; no link, no card, no wizard."""

import pytest
from playwright.sync_api import Page

from app.domain.banks import APP_BANKS, BANKS
from app.domain.history import EventType, MailKind
from app.domain.mail_rules import MAILS
from app.domain.reminder_schedule import REMINDERS
from app.domain.states import ActivationState, StatusLabel
from app.i18n import LANGUAGES
from app.services.bank_apps import CHECK_APP
from app.simulation.scenarios import SCENARIOS, Scenario, ScenarioSection
from e2e.chapters import StoryChapter
from e2e.expectations import expect_address_erased, expect_address_kept
from e2e.pages import AppBanksPage, BankAppPage, HomePage, MailPage
from e2e.words import say
from e2e.world import PlacedActivation, Product

CHAPTER = StoryChapter()
CONFIRMED = "CARO is active for your card statements (reference %(reference)s)"


def app(page: Page, world: Product, order: PlacedActivation, bank: str = "kbc") -> BankAppPage:
    return BankAppPage.open(page, world.bank_url, order.reference, bank)


def hear_from_bank(world: Product, order: PlacedActivation) -> None:
    """Let the time of one look at the bank's app pass."""
    world.pass_time(order, seconds=CHECK_APP.total_seconds())


def expect_mails_without_link(page: Page, world: Product, order: PlacedActivation, count: int) -> None:
    mails = world.mails(order)
    assert len(mails) == count
    for mail in mails:
        shown = MailPage(page, mail)
        assert shown.addresses == shown.addresses_in_text == []


def expect_active(world: Product, order: PlacedActivation) -> None:
    evidence = world.evidence(order)
    assert (evidence.state, evidence.label) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)
    assert (evidence.attempts, evidence.consents, evidence.confirmations) == ((), (), 1)
    confirmation = world.mails(order)[-1]
    assert confirmation.subject == say(CONFIRMED, reference=order.grouped_reference)
    assert evidence.happenings[-1] is EventType.ADDRESS_ERASED
    expect_address_erased(world, order)


@pytest.mark.parametrize("bank", APP_BANKS)
@CHAPTER.tells("kbc_confirmed")
def test_kbc_confirmed_becomes_active(row: Scenario, bank: str, page: Page, world: Product) -> None:
    order = world.order(bank=bank)
    expect_mails_without_link(page, world, order, 1)
    waiting = app(page, world, order, bank).asks_for(order.office.name, order.grouped_reference)
    hear_from_bank(world, order)
    assert world.evidence(order).label is StatusLabel.INVITATION_SENT
    expect_address_kept(world, order)
    waiting.confirm()
    # Elsewhere a worker may have asked already.
    assert world.own is None or world.evidence(order).state is ActivationState.INVITED
    hear_from_bank(world, order)
    expect_active(world, order)
    mails = len(world.mails(order))
    world.pass_time(order, days=14)
    assert len(world.mails(order)) == mails == 2
    assert (row.page, row.problem) == (None, False)


@CHAPTER.tells("kbc_refused")
def test_kbc_refused_is_a_problem_until_sent_again(row: Scenario, page: Page, world: Product) -> None:
    order = world.order(bank="kbc")
    app(page, world, order).refuse()
    hear_from_bank(world, order)
    assert (world.evidence(order).state, world.evidence(order).label) == (row.page, StatusLabel.PROBLEM)
    assert world.notices(order) == []
    world.pass_time(order, seconds=MAILS[MailKind.PROBLEM].wait.total_seconds())
    assert len(world.notices(order)) == 1
    app(page, world, order).asks_nothing()
    world.resend(order)
    world.work(order.office)
    assert world.evidence(order).label is StatusLabel.INVITATION_SENT
    expect_mails_without_link(page, world, order, 2)
    app(page, world, order).asks_for(order.office.name, order.grouped_reference).confirm()
    hear_from_bank(world, order)
    expect_active(world, order)
    assert len(world.notices(order)) == 1


@CHAPTER.tells("kbc_silent")
def test_kbc_silent_is_reminded_then_expires(row: Scenario, page: Page, world: Product) -> None:
    order = world.order(bank="kbc")
    for reminders, _ in enumerate(REMINDERS, start=1):
        world.wait_for(order, "next_reminder")
        expect_mails_without_link(page, world, order, 1 + reminders)
    assert world.evidence(order).next_reminder_at is None
    app(page, world, order).asks_for(order.office.name, order.grouped_reference)
    expect_address_kept(world, order)
    world.wait_for(order, "link_end")
    hear_from_bank(world, order)
    app(page, world, order).asks_nothing()
    evidence = world.evidence(order)
    assert (evidence.state, evidence.label) == (row.page, StatusLabel.EXPIRED)
    assert evidence.happenings[-2:] == [EventType.EXPIRED, EventType.ADDRESS_ERASED]
    expect_address_erased(world, order)
    world.pass_time(order, days=14)
    assert (len(world.mails(order)), world.notices(order)) == (4, [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_way_through_the_app_is_found_from_home(language: str, page: Page, world: Product) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for key in APP_BANKS:
        home = HomePage.open(page, world.product_url, language)
        shown = home.follow(AppBanksPage.heading, AppBanksPage).choose(BANKS[key].name)
        shown.shows("Read it and confirm it. Nothing is charged.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_row_of_section_is_walked() -> None:
    CHAPTER.expect_exactly(row.key for row in SCENARIOS.values() if row.section is ScenarioSection.BANK_APP)

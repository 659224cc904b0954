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
from e2e.expectations import expect_address_erased, expect_address_kept
from e2e.pages import AppBanksPage, BankAppPage, HomePage, MailPage
from e2e.product import PlacedActivation, Product
from e2e.scenario_coverage import ScenarioCoverage
from e2e.words import say

COVERAGE = ScenarioCoverage()
CONFIRMED = "CARO is active for your card statements (reference %(reference)s)"


def app(page: Page, product: Product, order: PlacedActivation, bank: str = "kbc") -> BankAppPage:
    return BankAppPage.open(page, product.bank_url, order.reference, bank)


def hear_from_bank(product: Product, order: PlacedActivation) -> None:
    """Let the time of one look at the bank's app pass."""
    product.pass_time(order, seconds=CHECK_APP.total_seconds())


def expect_mails_without_link(page: Page, product: Product, order: PlacedActivation, count: int) -> None:
    mails = product.mails(order)
    assert len(mails) == count
    for mail in mails:
        shown = MailPage(page, mail)
        assert shown.addresses == shown.addresses_in_text == []


def expect_active(product: Product, order: PlacedActivation) -> None:
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)
    assert (evidence.attempts, evidence.consents, evidence.confirmations) == ((), (), 1)
    confirmation = product.mails(order)[-1]
    assert confirmation.subject == say(CONFIRMED, reference=order.grouped_reference)
    assert evidence.event_types[-1] is EventType.ADDRESS_ERASED
    expect_address_erased(product, order)


@pytest.mark.parametrize("bank", APP_BANKS)
@COVERAGE.covers("kbc_confirmed")
def test_kbc_confirmed_becomes_active(row: Scenario, bank: str, page: Page, product: Product) -> None:
    order = product.order(bank=bank)
    expect_mails_without_link(page, product, order, 1)
    waiting = app(page, product, order, bank).asks_for(order.office.name, order.grouped_reference)
    hear_from_bank(product, order)
    assert product.evidence(order).label is StatusLabel.INVITATION_SENT
    expect_address_kept(product, order)
    waiting.confirm()
    # Elsewhere a worker may have asked already.
    assert product.own is None or product.evidence(order).state is ActivationState.INVITED
    hear_from_bank(product, order)
    expect_active(product, order)
    mails = len(product.mails(order))
    product.pass_time(order, days=14)
    assert len(product.mails(order)) == mails == 2
    assert (row.page, row.problem) == (None, False)


@COVERAGE.covers("kbc_refused")
def test_kbc_refused_is_a_problem_until_sent_again(row: Scenario, page: Page, product: Product) -> None:
    order = product.order(bank="kbc")
    app(page, product, order).refuse()
    hear_from_bank(product, order)
    assert (product.evidence(order).state, product.evidence(order).label) == (row.page, StatusLabel.PROBLEM)
    assert product.notices(order) == []
    product.pass_time(order, seconds=MAILS[MailKind.PROBLEM].wait.total_seconds())
    assert len(product.notices(order)) == 1
    app(page, product, order).asks_nothing()
    product.resend(order)
    product.work(order.office)
    assert product.evidence(order).label is StatusLabel.INVITATION_SENT
    expect_mails_without_link(page, product, order, 2)
    app(page, product, order).asks_for(order.office.name, order.grouped_reference).confirm()
    hear_from_bank(product, order)
    expect_active(product, order)
    assert len(product.notices(order)) == 1


@COVERAGE.covers("kbc_silent")
def test_kbc_silent_is_reminded_then_expires(row: Scenario, page: Page, product: Product) -> None:
    order = product.order(bank="kbc")
    for reminders, _ in enumerate(REMINDERS, start=1):
        product.age_until(order, "next_reminder")
        expect_mails_without_link(page, product, order, 1 + reminders)
    assert product.evidence(order).next_reminder_at is None
    app(page, product, order).asks_for(order.office.name, order.grouped_reference)
    expect_address_kept(product, order)
    product.age_until(order, "link_end")
    hear_from_bank(product, order)
    app(page, product, order).asks_nothing()
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (row.page, StatusLabel.EXPIRED)
    assert evidence.event_types[-2:] == [EventType.EXPIRED, EventType.ADDRESS_ERASED]
    expect_address_erased(product, order)
    product.pass_time(order, days=14)
    assert (len(product.mails(order)), product.notices(order)) == (4, [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_way_through_the_app_is_found_from_home(language: str, page: Page, product: Product) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    for key in APP_BANKS:
        home = HomePage.open(page, product.product_url, language)
        shown = home.follow(AppBanksPage.heading, AppBanksPage).choose(BANKS[key].name)
        shown.shows("Read it and confirm it. Nothing is charged.")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_every_row_of_section_is_walked() -> None:
    COVERAGE.expect_exactly(row.key for row in SCENARIOS.values() if row.section is ScenarioSection.BANK_APP)

"""A cardholder reads the mail and has the service active two minutes later, in every language."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from app.clock import brussels_day
from app.domain.failures import ChecklistItem, FailureMessage
from app.domain.history import EventType
from app.domain.states import ActivationState
from app.i18n import LANGUAGES
from app.simulation.scenarios import SCENARIOS
from e2e.expectations import expect_active, expect_address_erased, expect_address_kept
from e2e.pages import BankEndingPage, CardPage, FailurePage, SigningPage, SuccessPage, WelcomePage
from e2e.product import PlacedActivation, Product
from e2e.walks import GOOD_CARD, go_to_bank, sign_and_return, to_card
from e2e.words import month_and_year, say, searchable

SUBJECT = "Activate CARO for %(office)s (reference %(reference)s)"
CONFIRMED = "CARO is active for your card statements (reference %(reference)s)"
STATEMENTS = "%(office)s will receive your credit card statements from %(month)s."


def next_month(product: Product, language: str) -> str:
    today = brussels_day(product.now())
    first = date(today.year, today.month, 1) + timedelta(days=32)
    return month_and_year(first, language)


def test_phone_from_mail_to_active(page: Page, product: Product, order: PlacedActivation) -> None:
    (invitation,) = product.mails(order)
    assert invitation.subject == searchable(
        say(SUBJECT, office=order.office.name, reference=order.grouped_reference)
    )
    link = re.search(r"http\S+/a/\S+", invitation.text)
    assert link
    page.goto(link[0])
    expect(page).to_have_url(re.compile(rf"/activation/{order.public_id}/welcome$"))
    card = WelcomePage(page).accept(order)
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    for sentence in (
        "CODABOX CARO",
        "0,00\u00a0EUR",
        order.office.name,
        order.grouped_reference,
        "•••• •••• •••• 6391",
    ):
        assert sentence in signing.text
    active = signing.sign_on_page(SuccessPage)
    active.shows(STATEMENTS, office=order.office.name, month=next_month(product, order.language))
    expect_active(product, order, active, GOOD_CARD)


@pytest.mark.own_server("elsewhere a worker is at work already")
def test_address_lives_until_the_confirmation_has_left(
    page: Page, product: Product, order: PlacedActivation
) -> None:
    to_card(page, order).submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    expect_address_kept(product, order)
    product.work(order.office)
    expect_address_erased(product, order)


def test_confirmation_mail_ends_the_story(page: Page, product: Product, order: PlacedActivation) -> None:
    to_card(page, order).submit(GOOD_CARD, product.expiry(), SigningPage).sign(SuccessPage)
    product.work(order.office)
    confirmation = product.mails(order)[-1]
    assert confirmation.subject == say(CONFIRMED, reference=order.grouped_reference)
    text, office = confirmation.text, order.office
    for part in (
        office.name,
        office.accountant,
        next_month(product, order.language),
        f"{product.product_url}/terms/",
    ):
        assert part in text
    assert "/a/" not in text
    assert product.evidence(order).address is None
    assert product.evidence(order).event_types[-1] is EventType.ADDRESS_ERASED
    terms = re.search(rf"{re.escape(product.product_url)}/terms/\S+", text)
    assert terms
    response = page.goto(terms[0])
    assert response is not None
    assert response.ok


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_walk_in_every_language(
    language: str, scripted: bool, page: Page, scriptless: Page, product: Product
) -> None:
    order = product.order(language)
    card = to_card(page if scripted else scriptless, order)
    signing = go_to_bank(card, product, GOOD_CARD, scripted=scripted)
    active = sign_and_return(signing, SuccessPage, scripted=scripted)
    active.shows(STATEMENTS, office=order.office.name, month=next_month(product, language))
    assert active.page.locator("html").get_attribute("lang") == language
    expect_active(product, order, active, GOOD_CARD)
    assert product.evidence(order).consents[0].language == language
    assert product.mails(order)[-1].subject == say(CONFIRMED, language, reference=order.grouped_reference)


@pytest.mark.parametrize(("language", "scripted"), [("fr", False), ("nl", True), ("en", True), ("de", True)])
def test_failures_of_each_kind_are_told(
    language: str, scripted: bool, page: Page, scriptless: Page, product: Product
) -> None:
    order = product.order(language)
    card = to_card(page if scripted else scriptless, order)
    card = card.submit("4242424242424241", product.expiry(), CardPage)
    card.complains(
        "Card number",
        say("There is a typing error in this card number. Compare it with your card.", language),
    )
    for key, which, first in (
        ("wrong_card", FailureMessage.WRONG_CARD, ChecklistItem.REFERENCE),
        ("prepaid", FailureMessage.CARD_NOT_USABLE, ChecklistItem.KIND),
    ):
        shown = card.submit(SCENARIOS[key].cards[0], product.expiry(), FailurePage)
        shown.reads(which, order.reference)
        assert shown.items[0] is first
        card = shown.try_again()
    signing = go_to_bank(card, product, SCENARIOS["refused_no_reason"].cards[0], scripted=scripted)
    shown = signing.sign(BankEndingPage).says("Transaction refused").go_back(FailurePage)
    card = shown.reads(FailureMessage.SOMETHING_WRONG, order.reference).try_again()
    signing = go_to_bank(card, product, GOOD_CARD, scripted=scripted)
    if scripted:
        shown = signing.cancel(FailurePage)
    else:
        shown = signing.cancel(BankEndingPage).says("You have cancelled").go_back(FailurePage)
    shown.reads(FailureMessage.CANCELLED, order.reference)
    assert product.evidence(order).state is ActivationState.TERMS_ACCEPTED


def test_language_menu_keeps_the_step(page: Page, product: Product) -> None:
    order = product.order("fr")
    welcome = WelcomePage.open(page, order).speak("nl", "Nederlands")
    card = welcome.accept(order).speak("de", "Deutsch").speak("en", "English").speak("nl", "Nederlands")
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    shown = (
        signing.cancel(FailurePage).reads(FailureMessage.CANCELLED, order.reference).speak("de", "Deutsch")
    )
    signing = (
        shown.reads(FailureMessage.CANCELLED, order.reference)
        .try_again()
        .submit(GOOD_CARD, product.expiry(), SigningPage)
    )
    active = signing.sign(SuccessPage).speak("fr", "Français")
    assert page.locator("html").get_attribute("lang") == "fr"
    expect_active(product, order, active, GOOD_CARD)
    # What was agreed to is what was read: the words of that moment.
    assert product.evidence(order).consents[0].language == "nl"
    assert [attempt.language for attempt in product.evidence(order).attempts] == ["nl", "de"]

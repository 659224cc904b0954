"""Every page that a cardholder can meet, one after the other, as a walk through all of them."""

from collections.abc import Iterator

from playwright.sync_api import Page

from app.domain.states import LinkCondition
from app.domain.terms import WORDING
from app.simulation.scenarios import SCENARIOS
from e2e.pages import (
    AppBanksPage,
    AtYourBankPage,
    BankEndingPage,
    CardPage,
    FailurePage,
    HandoffPage,
    LinkClosedPage,
    MessageSentPage,
    NotMinePage,
    PendingPage,
    SigningPage,
    SuccessPage,
    WelcomePage,
)
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, submit

Shown = tuple[str, Page]


def gallery(page: Page, scriptless: Page, product: Product, language: str) -> Iterator[Shown]:
    """Walk through all pages, in normal and in error state, and stop at each."""
    order = product.order(language)
    yield from _welcome(page, order)
    card = WelcomePage.open(page, order).accept(order)
    yield from _card(card, product)
    yield from _failures(page, product, order)
    yield from _bank(page, product, order)
    yield from _closed(page, product, language)
    submit(scriptless, product, product.order(language), GOOD_CARD, HandoffPage)
    yield "handoff", scriptless


def _welcome(page: Page, order: PlacedActivation) -> Iterator[Shown]:
    welcome = WelcomePage.open(page, order)
    yield "welcome", page
    touch(page.get_by_text(welcome.say("Read the conditions"), exact=True))
    yield "welcome with the conditions", page
    welcome.follow("This is not my reference", NotMinePage)
    yield "not my reference", page
    WelcomePage.open(page, order).press("Next", WelcomePage)
    yield "welcome with errors", page


def _card(card: CardPage, product: Product) -> Iterator[Shown]:
    yield "card", card.page
    card.submit("4242424242424241", product.expiry(-1), CardPage, code="1")
    yield "card with errors", card.page


def _failures(page: Page, product: Product, order: PlacedActivation) -> Iterator[Shown]:
    for key in ("wrong_card", "prepaid", "bank_unavailable", "not_enrolled"):
        page.goto(f"{product.product_url}/activation/{order.public_id}/card")
        CardPage(page, order.language).submit(SCENARIOS[key].cards[0], product.expiry(), FailurePage)
        yield f"failure of {key}", page


def _bank(page: Page, product: Product, order: PlacedActivation) -> Iterator[Shown]:
    page.goto(order.link)
    signing = (
        FailurePage(page, order.language)
        .try_again()
        .submit(SCENARIOS["refused_no_reason"].cards[0], product.expiry(), SigningPage)
    )
    yield "signing", page
    signing.confirm("12", SigningPage)
    yield "signing with an error", page
    signing.reader.respond(signing.challenge)
    yield "signing with a response", page
    ending = signing.sign(BankEndingPage).says("Transaction refused")
    yield "refused at the bank", page
    shown = ending.go_back(FailurePage)
    yield "failure of refused_no_reason", page
    signing = shown.try_again().submit(GOOD_CARD, product.expiry(), SigningPage)
    bank_page = page.url
    page.goto(order.link)
    PendingPage(page, order.language)
    yield "pending", page
    page.goto(bank_page)
    signing.sign(SuccessPage)
    yield "active", page
    page.goto(order.link)
    LinkClosedPage(page, LinkCondition.ACTIVE, order.language)
    yield "link of an active service", page
    # Away from an activation the bank speaks the browser's language.
    AtYourBankPage.open(page, product.bank_url, order.reference)
    yield "at the bank", page


def _closed(page: Page, product: Product, language: str) -> Iterator[Shown]:
    page.goto(f"{product.product_url}/a/nothing?lang={language}")
    LinkClosedPage(page, LinkCondition.ALTERED, language)
    yield "altered link", page
    cancelled = product.order(language)
    product.cancel(cancelled)
    page.goto(cancelled.link)
    withdrawn = LinkClosedPage(page, LinkCondition.WITHDRAWN, language)
    yield "cancelled link", page
    withdrawn.tell_office("I did not expect this", MessageSentPage)
    yield "message sent", page
    page.goto(f"{product.product_url}/terms/{WORDING}/{language}")
    yield "conditions", page
    page.goto(f"{product.product_url}/?lang={language}")
    yield "home", page
    page.goto(f"{product.product_url}/how-to-activate?lang={language}")
    how_to = AppBanksPage(page, language)
    yield "banks with an app", page
    how_to.choose("KBC")
    yield "how to activate in an app", page
    page.goto(f"{product.product_url}/nowhere?lang={language}")
    yield "no such page", page

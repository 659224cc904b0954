"""The wizard can be used by everybody: keys alone, errors first; each page by itself is test_album's."""

from playwright.sync_api import Page, expect

from e2e.expectations import expect_active
from e2e.keys import tab_to, write
from e2e.pages import CardPage, SigningPage, SuccessPage, WelcomePage
from e2e.pages.bank import EIGHT_DIGITS, PIN
from e2e.pages.wizard import REFERENCE_LABEL, TERMS_LABEL
from e2e.product import PlacedActivation, Product
from e2e.touch import touch
from e2e.walks import GOOD_CARD, to_card


def test_keyboard_alone_walks_to_active(page: Page, product: Product, order: PlacedActivation) -> None:
    welcome = WelcomePage.open(page, order)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=welcome.say("Skip to main content"))).to_be_focused()
    tab_to(page, page.get_by_label(welcome.say(REFERENCE_LABEL, reference=order.grouped_reference)))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label(welcome.say(TERMS_LABEL)))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    card = CardPage(page)
    write(page, card.field("Card number"), GOOD_CARD)
    assert card.typed["Card number"] == "4000 0243 2959 6391"
    write(page, card.field("Expiry date"), product.expiry())
    write(page, card.field("Security code"), "123")
    page.keyboard.press("Enter")
    _sign_by_keyboard(SigningPage(page))
    expect_active(product, order, SuccessPage(page), GOOD_CARD)


def _sign_by_keyboard(signing: SigningPage) -> None:
    page, challenge = signing.page, signing.challenge
    tab_to(page, page.get_by_label("M1", exact=True))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("M2", exact=True)).to_be_checked()
    write(page, page.locator("#reader-challenge"), challenge)
    write(page, page.locator("#reader-pin"), PIN)
    page.keyboard.press("Enter")
    display = page.locator("#reader-response")
    expect(display).to_have_text(EIGHT_DIGITS)
    write(page, page.locator("#response"), display.inner_text())
    page.keyboard.press("Enter")


def test_error_summary_takes_the_focus(page: Page, product: Product, order: PlacedActivation) -> None:
    WelcomePage.open(page, order).press("Next", WelcomePage)
    expect(page.get_by_role("alert")).to_be_focused()
    card = to_card(page, order).submit("", "", CardPage, code="")
    expect(page.get_by_role("alert")).to_be_focused()
    links = page.get_by_role("alert").get_by_role("link")
    expect(links).to_have_count(3)
    touch(links.nth(1))
    expect(card.field("Expiry date")).to_be_focused()


def test_card_fields_help_the_phone(page: Page, order: PlacedActivation) -> None:
    card = to_card(page, order)
    for label, filled_by in (
        ("Card number", "cc-number"),
        ("Expiry date", "cc-exp"),
        ("Security code", "cc-csc"),
    ):
        expect(card.field(label)).to_have_attribute("autocomplete", filled_by)
        expect(card.field(label)).to_have_attribute("inputmode", "numeric")


def test_touch_targets_are_large_enough(page: Page, order: PlacedActivation) -> None:
    card = to_card(page, order)
    for target in (*page.get_by_role("button").all(), *page.get_by_role("textbox").all()):
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert card.page.get_by_role("textbox").count() == 3

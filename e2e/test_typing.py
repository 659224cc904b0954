"""Typing a card: the script groups, names and separates, and never stands in the way."""

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.pages import CardPage
from e2e.product import PlacedActivation
from e2e.walks import to_card
from e2e.words import say


@pytest.fixture
def card(page: Page, order: PlacedActivation) -> CardPage:
    return to_card(page, order)


@pytest.fixture
def number(card: CardPage) -> Locator:
    return card.field("Card number")


def caret(field: Locator) -> int:
    place: int = field.evaluate("field => field.selectionStart")
    return place


@pytest.mark.parametrize(
    ("typed", "grouped", "kind"),
    [
        ("4000024329596391", "4000 0243 2959 6391", "Visa"),
        ("5399999999999999", "5399 9999 9999 9999", "Mastercard"),
        ("2720990000000007", "2720 9900 0000 0007", "Mastercard"),
        ("378282246310005", "3782 822463 10005", "American Express"),
        ("6759649826438453", "6759 6498 2643 8453", "Maestro"),
        ("9", "9", ""),
    ],
)
def test_digits_stand_as_on_the_card_and_its_kind_is_named(
    page: Page, number: Locator, typed: str, grouped: str, kind: str
) -> None:
    number.press_sequentially(typed)
    expect(number).to_have_value(grouped)
    expect(page.locator(".field").filter(has=number).get_by_role("status")).to_have_text(kind)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("37", "CARO does not work with this brand. It works with Visa and Mastercard credit cards."),
        ("67", "This is the number of a debit card. Use the credit card of your client reference."),
        ("40", ""),
    ],
)
def test_a_card_that_is_not_carried_is_named_while_it_is_typed(
    page: Page, number: Locator, typed: str, says: str
) -> None:
    number.press_sequentially(typed)
    warning = page.locator(".field").filter(has=number).locator(".problem")
    expect(warning).to_have_text(say(says) if says else "")
    number.fill("")
    expect(warning).to_have_text("")


def test_the_caret_keeps_its_place_when_a_digit_is_corrected(number: Locator) -> None:
    number.press_sequentially("4000924329596391")
    for _ in range(len("24329596391") + 2):
        number.press("ArrowLeft")
    number.press("Backspace")
    expect(number).to_have_value("4000 2432 9596 391")
    assert caret(number) == len("4000")
    number.press_sequentially("0")
    expect(number).to_have_value("4000 0243 2959 6391")
    assert caret(number) == len("4000 0")


def test_what_is_pasted_otherwise_is_left_alone_and_still_named(page: Page, number: Locator) -> None:
    number.fill("5399-9999-9999-9999")
    expect(number).to_have_value("5399-9999-9999-9999")
    expect(page.locator(".field").filter(has=number).get_by_role("status")).to_have_text("Mastercard")


@pytest.mark.parametrize(
    ("typed", "shown"), [("0529", "05/29"), ("05/29", "05/29"), ("052029", "05/2029"), ("5/29", "5/29")]
)
def test_the_stroke_between_month_and_year_comes_by_itself(card: CardPage, typed: str, shown: str) -> None:
    card.field("Expiry date").press_sequentially(typed)
    expect(card.field("Expiry date")).to_have_value(shown)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        *(("129", "1/29"), ("529", "5/29"), ("1229", "12/29"), ("12029", "1/2029"), ("122029", "12/2029")),
        *(("2029-05", "2029-05"), ("202905", "202905"), ("29", "29"), ("mai 2029", "mai 2029")),
    ],
)
def test_a_month_without_a_zero_waits_until_the_field_is_left(card: CardPage, typed: str, shown: str) -> None:
    expiry = card.field("Expiry date")
    expiry.press_sequentially(typed)
    expect(expiry).to_have_value(typed)
    expiry.press("Tab")
    expect(expiry).to_have_value(shown)


def test_the_stroke_can_be_deleted(card: CardPage) -> None:
    expiry = card.field("Expiry date")
    expiry.press_sequentially("0529")
    for _ in range(len("/29")):
        expiry.press("Backspace")
    expect(expiry).to_have_value("05")

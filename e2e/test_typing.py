"""Typing a card: the script groups, names and separates, and never stands in the way."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from app.clock import brussels_day
from app.domain import cards
from app.domain.cards import CardProblem, InvalidCard
from app.domain.expiry import parse_expiry
from app.wording import PROBLEMS
from e2e.pages import CardPage
from e2e.product import PlacedActivation
from e2e.walks import to_card
from e2e.words import say, translate

pytestmark = pytest.mark.terms_accepted


@pytest.fixture
def card(page: Page, order: PlacedActivation) -> CardPage:
    return to_card(page, order).wait_for_scripts()


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
    number.press_sequentially(typed)
    page.evaluate("document.querySelector('main form').reset()")
    expect(warning).to_have_text("")
    number.press_sequentially(typed)
    expect(warning).to_have_text(say(says) if says else "")


def test_the_caret_keeps_its_place_when_a_digit_is_corrected(number: Locator) -> None:
    number.press_sequentially("4000924329596391")
    # Counted from the beginning: on a busy machine a browser's caret may not have come to rest at the end.
    number.press("Home")
    for _ in range(len("4000 9")):
        number.press("ArrowRight")
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


def problem_of(field: Locator) -> Locator:
    return field.locator("xpath=..").locator(".problem")


def leave(field: Locator, typed: str) -> None:
    """Type into a field, key by key, and go on to the next one."""
    field.fill("")
    field.press_sequentially(typed)
    field.press("Tab")


@pytest.mark.parametrize(
    ("label", "wrong", "problem", "right"),
    [
        ("Card number", "4000 0243 2959", CardProblem.NUMBER_SHORT, "4000 0243 2959 6391"),
        ("Card number", "4000 0243 2959 6392", CardProblem.NUMBER_CHECKSUM, "4000 0243 2959 6391"),
        ("Card number", "4" * 20, CardProblem.NUMBER_LONG, "4000-0243-2959-6391"),
        ("Expiry date", "13/29", CardProblem.EXPIRY_FORMAT, "12/29"),
        ("Expiry date", "01/20", CardProblem.EXPIRY_PAST, "2029-01"),
        ("Expiry date", "01/99", CardProblem.EXPIRY_FAR, "janvier 2029"),
        ("Security code", "12", CardProblem.CODE_LENGTH, "123"),
    ],
)
def test_what_is_wrong_is_said_when_the_field_is_left_until_it_is_mended(
    card: CardPage, label: str, wrong: str, problem: CardProblem, right: str
) -> None:
    field = card.field(label)
    field.press_sequentially(wrong)
    expect(problem_of(field)).to_have_text("")
    field.press("Tab")
    expect(problem_of(field)).to_have_text(translate(PROBLEMS[problem]))
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(translate(PROBLEMS[problem]))))

    leave(field, right)
    expect(problem_of(field)).to_have_text("")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_an_empty_field_is_left_without_a_word(card: CardPage) -> None:
    for label in ("Card number", "Expiry date", "Security code"):
        card.field(label).press("Tab")
    expect(card.page.locator("[aria-invalid], .wrong")).to_have_count(0)


def test_a_press_reaches_what_stood_there_before_the_sentence_came(card: CardPage) -> None:
    number = card.field("Card number")
    number.press_sequentially("4000 0243 2959 6392")
    card.page.locator("summary").first.hover()
    card.page.mouse.down()
    expect(number).not_to_be_focused()
    expect(problem_of(number)).to_have_text("")
    card.page.mouse.up()
    expect(problem_of(number)).to_have_text(translate(PROBLEMS[CardProblem.NUMBER_CHECKSUM]))
    expect(card.page.locator("details").first).to_have_attribute("open", "")


#: Whatever may be typed: the script says what the server would say, or nothing.
NUMBERS = ("4", "9" * 13, "0" * 16, "3782 822463 10006", "6703 0000 0000 0000 3", "4000.0243", "4OO0")
DATES = (
    "5",
    "29",
    "129",
    "529",
    "00/29",
    "1329",
    "2029",
    "13/2029",
    "1/5/2029",
    "29/05",
    "2512",
    "2612",
    "11/26",
)
CODES = ("1", "12", "1234", "12345", "12a")


def test_the_script_says_nothing_that_the_server_would_not_say(card: CardPage) -> None:
    today = brussels_day(datetime.now(UTC))
    reads = {
        "Card number": (NUMBERS, cards.parse_card_number),
        "Expiry date": (DATES, lambda text: parse_expiry(text, today)),
        "Security code": (CODES, lambda text: cards.parse_security_code(text, None)),
    }
    for label, (texts, read) in reads.items():
        for typed in texts:
            leave(card.field(label), typed)
            shown = problem_of(card.field(label)).text_content()
            assert (typed, shown) in ((typed, sentence_of(typed, read)), (typed, ""))
        card.field(label).fill("")


def sentence_of(typed: str, read: Callable[[str], str]) -> str:
    try:
        read(typed)
    except InvalidCard as refused:
        return translate(PROBLEMS[refused.problem])
    return ""

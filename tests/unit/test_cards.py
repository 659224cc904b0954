"""What is known of a typed card before any bank is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cards import (
    Card,
    CardBrand,
    CardProblem,
    InvalidCard,
    brand_of,
    looks_like_card_number,
    parse_card_number,
    parse_security_code,
    typed_brand,
)

VISA = "4000024329596391"
AMEX_DIGITS = 15


def with_check_digit(digits: str) -> str:
    doubled = (sum(divmod(int(digit) * 2, 10)) for digit in digits[::-2])
    total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
    return f"{digits}{-total % 10}"


def digits_of(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


numbers = st.integers(12, 18).flatmap(digits_of).map(with_check_digit)


@pytest.mark.parametrize(
    "typed",
    [
        VISA,
        "4000 0243 2959 6391",
        " 4000 0243 2959 6391 ",
        "4000-0243-2959-6391",
        "4000.0243.2959.6391",
        "4000\u00a00243\u00a02959\u00a06391",
        "4000\u202f0243\u20092959\u20076391",
        "4000\u20110243\u20132959\u20106391",
        "4000\t0243  2959--6391",
    ],
)
def test_typed_numbers_lose_their_signs(typed: str) -> None:
    assert parse_card_number(typed) == VISA


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", CardProblem.NUMBER_MISSING),
        (" - . ", CardProblem.NUMBER_MISSING),
        ("number", CardProblem.NUMBER_NOT_DIGITS),
        (f"{VISA}x", CardProblem.NUMBER_LETTER),
        (f"4OOO{VISA[4:]}", CardProblem.NUMBER_LETTER),
        (f"O{VISA}", CardProblem.NUMBER_LETTER),
        (f"l {VISA[1:]}", CardProblem.NUMBER_LETTER),
        (f"{VISA[:-1]}¹", CardProblem.NUMBER_LETTER),
        (f"+{VISA}", CardProblem.NUMBER_NOT_DIGITS),
        ("4" * 12, CardProblem.NUMBER_SHORT),
        ("4" * 20, CardProblem.NUMBER_LONG),
        ("4" * 10_000, CardProblem.NUMBER_LONG),
        ("4242424242424241", CardProblem.NUMBER_CHECKSUM),
        ("4000024329593691", CardProblem.NUMBER_CHECKSUM),
        # Bancontact and Maestro, with and without a slip of the finger.
        ("67030000000000003", CardProblem.NUMBER_DEBIT),
        ("6703 0000 0000 0000 1", CardProblem.NUMBER_DEBIT),
        ("5018 0000 0000 0009", CardProblem.NUMBER_DEBIT),
        ("6703", CardProblem.NUMBER_SHORT),
        # American Express with a digit missing, wrong or too many: mending it would not help.
        ("3782 822463 1000", CardProblem.NUMBER_FOREIGN),
        ("3782 822463 10006", CardProblem.NUMBER_FOREIGN),
        ("3782 822463 100050", CardProblem.NUMBER_FOREIGN),
        ("3" * 2 + "7" * 20, CardProblem.NUMBER_LONG),
        ("37" * 10, CardProblem.NUMBER_FOREIGN),
        ("3782", CardProblem.NUMBER_SHORT),
    ],
)
def test_wrong_numbers_name_their_problem(typed: str, problem: CardProblem) -> None:
    with pytest.raises(InvalidCard) as refused:
        parse_card_number(typed)
    assert refused.value.problem is problem
    assert str(refused.value) == problem.value


def is_credit(number: str) -> bool:
    amex_length = brand_of(number) is not CardBrand.AMEX or len(number) == AMEX_DIGITS
    return amex_length and brand_of(number) is not CardBrand.MAESTRO


@given(numbers.filter(is_credit))
def test_good_check_digits_are_accepted(number: str) -> None:
    assert parse_card_number(number) == number


@given(numbers.filter(is_credit), st.data())
def test_any_one_wrong_digit_is_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {number[place]})))
    with pytest.raises(InvalidCard):
        parse_card_number(number[:place] + other + number[place + 1 :])


@given(st.text())
def test_any_text_is_digits_or_refused(typed: str) -> None:
    try:
        bare = parse_card_number(typed)
    except InvalidCard:
        return
    assert bare.isascii()
    assert bare.isdecimal()


@pytest.mark.parametrize(
    ("typed", "brand", "code"),
    [
        ("123", CardBrand.VISA, "123"),
        ("000", CardBrand.MASTERCARD, "000"),
        (" 12 3 ", None, "123"),
        # Where no brand is known the number is at fault, and the code may be right.
        ("1234", None, "1234"),
        ("1234", CardBrand.AMEX, "1234"),
        ("12-34", CardBrand.AMEX, "1234"),
    ],
)
def test_codes_have_their_brands_length(typed: str, brand: CardBrand | None, code: str) -> None:
    assert parse_security_code(typed, brand) == code


@pytest.mark.parametrize(
    ("typed", "brand", "problem"),
    [
        ("", CardBrand.VISA, CardProblem.CODE_MISSING),
        ("  ", CardBrand.AMEX, CardProblem.CODE_MISSING),
        ("12", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("1234", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("12345", CardBrand.MASTERCARD, CardProblem.CODE_LENGTH),
        ("12a", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("12345", None, CardProblem.CODE_LENGTH),
        ("123", CardBrand.AMEX, CardProblem.CODE_LENGTH_AMEX),
        ("abcd", CardBrand.AMEX, CardProblem.CODE_LENGTH_AMEX),
    ],
)
def test_wrong_codes_name_their_problem(typed: str, brand: CardBrand | None, problem: CardProblem) -> None:
    with pytest.raises(InvalidCard) as refused:
        parse_security_code(typed, brand)
    assert refused.value.problem is problem


RANGES = {
    CardBrand.VISA: [(4000, 4999)],
    CardBrand.MASTERCARD: [(5100, 5599), (2221, 2720)],
    CardBrand.AMEX: [(3400, 3499), (3700, 3799)],
    CardBrand.MAESTRO: [(5000, 5099), (5600, 5899), (6304, 6304), (6390, 6399), (6700, 6799)],
}
BRANDS = {
    first: brand for brand, spans in RANGES.items() for low, high in spans for first in range(low, high + 1)
}


def test_every_range_has_its_brand() -> None:
    for first in range(10_000):
        assert brand_of(f"{first:04d}000000000000") is BRANDS.get(first, CardBrand.OTHER)


@given(st.integers(0, 9999), digits_of(12))
def test_only_first_digits_name_the_brand(first: int, rest: str) -> None:
    assert Card(f"{first:04d}{rest}", "2912", "123").brand is BRANDS.get(first, CardBrand.OTHER)


@pytest.mark.parametrize(
    ("typed", "brand"),
    [
        ("3782 822463 1000", CardBrand.AMEX),
        ("3782 822463 10006", CardBrand.AMEX),
        ("Amex : 3782 8224O3 10005", CardBrand.AMEX),
        ("4", CardBrand.VISA),
        ("6703 x", CardBrand.MAESTRO),
        ("", None),
        ("card", None),
    ],
)
def test_first_digits_name_the_brand_whatever_else_is_wrong(typed: str, brand: CardBrand | None) -> None:
    assert typed_brand(typed) is brand


@given(numbers, st.sampled_from(["123", "0000"]))
def test_shown_card_shows_nothing(number: str, code: str) -> None:
    card = Card(number, "2912", code)
    assert f"{card!r} {card}" == "Card() Card()"
    assert card.last_four == number[-4:]


def test_an_office_reads_the_brand_as_it_stands_on_the_card() -> None:
    assert [*CardBrand] == ["Visa", "Mastercard", "American Express", "Maestro", "other"]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("400002432959", True),
        ("4000024329596", False),
        ("4000 0243 2959 6391", False),
        ("BE68539007547034", True),
        ("a card", True),
    ],
)
def test_what_may_be_a_card_number_is_known_by_its_digits(typed: str, shown: bool) -> None:
    assert looks_like_card_number(typed) is not shown

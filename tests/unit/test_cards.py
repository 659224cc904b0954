"""What is known of a typed card before any bank is asked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cards import (
    Card,
    CardBrand,
    CardProblem,
    InvalidCard,
    brand_of,
    parse_card_number,
    parse_expiry,
    parse_security_code,
)

VISA = "4000024329596391"
TODAY = date(2026, 11, 23)


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
        (f"{VISA}x", CardProblem.NUMBER_NOT_DIGITS),
        (f"{VISA}\0", CardProblem.NUMBER_NOT_DIGITS),
        (f"{VISA}\n", CardProblem.NUMBER_NOT_DIGITS),
        (f"4000\u200b{VISA[4:]}", CardProblem.NUMBER_NOT_DIGITS),
        (f"\ufeff{VISA}", CardProblem.NUMBER_NOT_DIGITS),
        ("٤٠٠٠٠٢٤٣٢٩٥٩٦٣٩١", CardProblem.NUMBER_NOT_DIGITS),
        ("４００００２４３２９５９６３９１", CardProblem.NUMBER_NOT_DIGITS),
        (f"{VISA[:-1]}¹", CardProblem.NUMBER_NOT_DIGITS),
        (f"+{VISA}", CardProblem.NUMBER_NOT_DIGITS),
        (f"4000_0243{VISA[8:]}", CardProblem.NUMBER_NOT_DIGITS),
        ("4" * 12, CardProblem.NUMBER_LENGTH),
        ("4" * 20, CardProblem.NUMBER_LENGTH),
        ("4" * 10_000, CardProblem.NUMBER_LENGTH),
        ("4242424242424241", CardProblem.NUMBER_CHECKSUM),
        ("4000024329593691", CardProblem.NUMBER_CHECKSUM),
    ],
)
def test_wrong_numbers_name_their_problem(typed: str, problem: CardProblem) -> None:
    with pytest.raises(InvalidCard) as refused:
        parse_card_number(typed)
    assert refused.value.problem is problem
    assert str(refused.value) == problem.value


@given(numbers)
def test_good_check_digits_are_accepted(number: str) -> None:
    assert parse_card_number(number) == number


@given(numbers, st.data())
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
    "typed",
    [
        "12/29",
        "12/2029",
        "1229",
        "122029",
        "12 / 29",
        "12 / 2029",
        "12-29",
        "12.29",
        "12 29",
        " 12/29 ",
        "12/29\n",
    ],
)
def test_expiry_is_read_in_every_form(typed: str) -> None:
    assert parse_expiry(typed, TODAY) == "2912"


@pytest.mark.parametrize("typed", ["1/29", "01/29", "1/2029", "0129", "1 / 29", "1-29", "012029"])
def test_short_months_get_their_zero(typed: str) -> None:
    assert parse_expiry(typed, TODAY) == "2901"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", CardProblem.EXPIRY_MISSING),
        (" \u00a0", CardProblem.EXPIRY_MISSING),
        ("00/27", CardProblem.EXPIRY_FORMAT),
        ("0/27", CardProblem.EXPIRY_FORMAT),
        ("13/27", CardProblem.EXPIRY_FORMAT),
        ("12/", CardProblem.EXPIRY_FORMAT),
        ("12/7", CardProblem.EXPIRY_FORMAT),
        ("12/027", CardProblem.EXPIRY_FORMAT),
        ("02/1999", CardProblem.EXPIRY_FORMAT),
        ("2029-12", CardProblem.EXPIRY_FORMAT),
        ("31/12/29", CardProblem.EXPIRY_FORMAT),
        ("12//29", CardProblem.EXPIRY_FORMAT),
        ("12/29\0", CardProblem.EXPIRY_FORMAT),
        ("12\u200b/29", CardProblem.EXPIRY_FORMAT),
        ("１２/２９", CardProblem.EXPIRY_FORMAT),
        ("١٢/٢٩", CardProblem.EXPIRY_FORMAT),
        # Three digits would be January 2029 or December of a year that was cut: nobody guesses.
        ("129", CardProblem.EXPIRY_FORMAT),
        ("12029", CardProblem.EXPIRY_FORMAT),
        ("10/26", CardProblem.EXPIRY_PAST),
        ("12/25", CardProblem.EXPIRY_PAST),
        ("12/00", CardProblem.EXPIRY_PAST),
        ("01/47", CardProblem.EXPIRY_FAR),
        ("12/2099", CardProblem.EXPIRY_FAR),
    ],
)
def test_wrong_expiries_name_their_problem(typed: str, problem: CardProblem) -> None:
    with pytest.raises(InvalidCard) as refused:
        parse_expiry(typed, TODAY)
    assert refused.value.problem is problem


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("11/26", date(2026, 11, 30)),
        ("12/26", date(2026, 12, 31)),
        ("02/27", date(2027, 2, 28)),
        ("02/28", date(2028, 2, 29)),
    ],
)
def test_card_is_good_through_its_month(typed: str, last: date) -> None:
    assert parse_expiry(typed, last)
    with pytest.raises(InvalidCard) as refused:
        parse_expiry(typed, date.fromordinal(last.toordinal() + 1))
    assert refused.value.problem is CardProblem.EXPIRY_PAST


def test_furthest_expiry_is_twenty_years() -> None:
    assert parse_expiry("12/46", TODAY) == "4612"


@pytest.mark.parametrize(
    ("typed", "brand", "code"),
    [
        ("123", CardBrand.VISA, "123"),
        ("000", CardBrand.MASTERCARD, "000"),
        (" 12 3 ", None, "123"),
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
        ("1234", None, CardProblem.CODE_LENGTH),
        ("12345", CardBrand.MASTERCARD, CardProblem.CODE_LENGTH),
        ("12a", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("１２３", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("١٢٣", CardBrand.VISA, CardProblem.CODE_LENGTH),
        ("123\n", CardBrand.VISA, CardProblem.CODE_LENGTH),
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
    CardBrand.MAESTRO: [(5000, 5099), (5600, 5899), (6000, 6999)],
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


@given(numbers, st.sampled_from(["123", "0000"]))
def test_shown_card_shows_nothing(number: str, code: str) -> None:
    card = Card(number, "2912", code)
    assert f"{card!r} {card}" == "Card() Card()"
    assert card.last_four == number[-4:]

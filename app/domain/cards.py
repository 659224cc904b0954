"""What can be known of a card before any bank is asked: shape, checksum, expiry, security code."""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class CardProblem(StrEnum):
    """What is wrong with a typed field; each has a sentence in every language."""

    NUMBER_MISSING = "number_missing"
    NUMBER_NOT_DIGITS = "number_not_digits"
    NUMBER_LENGTH = "number_length"
    NUMBER_CHECKSUM = "number_checksum"
    EXPIRY_MISSING = "expiry_missing"
    EXPIRY_FORMAT = "expiry_format"
    EXPIRY_PAST = "expiry_past"
    EXPIRY_FAR = "expiry_far"
    CODE_MISSING = "code_missing"
    CODE_LENGTH = "code_length"
    CODE_LENGTH_AMEX = "code_length_amex"


class CardBrand(StrEnum):
    """The mark on the card, from its first digits; it never tells credit from debit."""

    VISA = "Visa"
    MASTERCARD = "Mastercard"
    AMEX = "American Express"
    MAESTRO = "Maestro"
    OTHER = "other"


class InvalidCard(ValueError):
    """A field that cannot be sent to any bank; carries the problem, never the value."""

    def __init__(self, problem: CardProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


#: So many digits are no reference and no name.
_LIKE_A_CARD = re.compile(r"\s*(?:\d[\s.\-]*){13,}")


@dataclass(frozen=True)
class Card:
    """A card for the length of one request; its repr shows nothing of it."""

    number: str = field(repr=False)
    expiry: str = field(repr=False)
    code: str = field(repr=False)

    @property
    def brand(self) -> CardBrand:
        """The brand by the first digits (ISO/IEC 7812 ranges)."""
        return brand_of(self.number)

    @property
    def last_four(self) -> str:
        """The only digits that are ever kept."""
        return self.number[-4:]


_NOISE = re.compile(r"[ \t.\-\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013]")
_DIGITS = re.compile(r"[0-9]+")
#: Month and year; without a sign between them the month has two digits, or 129 would be January 2029.
_EXPIRY = re.compile(r"(0?[1-9](?=[/.\-])|0[1-9]|1[0-2])[/.\-]?(20)?([0-9]{2})")
_MASTERCARD = re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
_FURTHEST_YEARS = 20


def brand_of(number: str) -> CardBrand:
    """Name the brand of a card number."""
    if number.startswith("4"):
        return CardBrand.VISA
    if _MASTERCARD.match(number):
        return CardBrand.MASTERCARD
    if number.startswith(("34", "37")):
        return CardBrand.AMEX
    if number.startswith(("50", "56", "57", "58", "6")):
        return CardBrand.MAESTRO
    return CardBrand.OTHER


def masked_card(brand: str, last_four: str) -> str:
    """Name a card by what is kept of it: its brand, where it has one, and its last four digits."""
    return f"{'' if brand == CardBrand.OTHER else brand} ••••\N{NO-BREAK SPACE}{last_four}".strip()


def parse_card_number(text: str) -> str:
    """Return the bare digits of a typed or pasted card number; raise InvalidCard."""
    bare = _NOISE.sub("", text)
    if not bare:
        raise InvalidCard(CardProblem.NUMBER_MISSING)
    if not _DIGITS.fullmatch(bare):
        raise InvalidCard(CardProblem.NUMBER_NOT_DIGITS)
    if not 13 <= len(bare) <= 19:
        raise InvalidCard(CardProblem.NUMBER_LENGTH)
    if not _passes_luhn(bare):
        raise InvalidCard(CardProblem.NUMBER_CHECKSUM)
    return bare


def parse_expiry(text: str, today: date) -> str:
    """Return YYMM of MM/YY, MM/YYYY, MMYY and their like; a card is good through its month's last day."""
    bare = re.sub(r"\s", "", text)
    if not bare:
        raise InvalidCard(CardProblem.EXPIRY_MISSING)
    match = _EXPIRY.fullmatch(bare)
    if match is None:
        raise InvalidCard(CardProblem.EXPIRY_FORMAT)
    month, year = int(match[1]), 2000 + int(match[3])
    if date(year, month, calendar.monthrange(year, month)[1]) < today:
        raise InvalidCard(CardProblem.EXPIRY_PAST)
    if year > today.year + _FURTHEST_YEARS:
        raise InvalidCard(CardProblem.EXPIRY_FAR)
    return f"{year % 100:02d}{month:02d}"


def parse_security_code(text: str, brand: CardBrand | None) -> str:
    """Return the code on the card: four digits for American Express, three for any other brand."""
    bare = _NOISE.sub("", text)
    if not bare:
        raise InvalidCard(CardProblem.CODE_MISSING)
    length = 4 if brand is CardBrand.AMEX else 3
    if not _DIGITS.fullmatch(bare) or len(bare) != length:
        raise InvalidCard(CardProblem.CODE_LENGTH_AMEX if length == 4 else CardProblem.CODE_LENGTH)
    return bare


def _passes_luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(int(d) for d in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def looks_like_card_number(text: str) -> bool:
    """Tell whether a text can be a card's number: wherever it was typed, it is shown nowhere."""
    return _LIKE_A_CARD.fullmatch(text) is not None

"""What can be known of a card before any bank is asked: shape, checksum, brand, security code."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.typed_text import bare_number, has_letters, plain_text


class CardProblem(StrEnum):
    """What is wrong with a typed field; each has a sentence in every language."""

    NUMBER_MISSING = "number_missing"
    NUMBER_NOT_DIGITS = "number_not_digits"
    NUMBER_LETTER = "number_letter"
    NUMBER_SHORT = "number_short"
    NUMBER_LONG = "number_long"
    NUMBER_DEBIT = "number_debit"
    NUMBER_FOREIGN = "number_foreign"
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
        self.problem = problem


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


_DIGITS = re.compile(r"[0-9]+")
_MASTERCARD = re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720")
#: Maestro is a debit brand; 6703 is Bancontact's own part of it.
_MAESTRO = re.compile(r"5[06-8]|6304|639|67")
_SHORTEST, _LONGEST, _AMEX_DIGITS = 13, 19, 15
#: Two letters with digits glued to them begin an account number.
_LIKE_AN_IBAN = re.compile(r"(?i)(?:^|[\W_]|iban)[a-z]{2}[0-9]{2}")


def brand_of(number: str) -> CardBrand:
    """Name the brand of a card number."""
    if number.startswith("4"):
        return CardBrand.VISA
    if _MASTERCARD.match(number):
        return CardBrand.MASTERCARD
    if number.startswith(("34", "37")):
        return CardBrand.AMEX
    if _MAESTRO.match(number):
        return CardBrand.MAESTRO
    return CardBrand.OTHER


def typed_brand(text: str) -> CardBrand | None:
    """Name the brand by the first digits of a typed number, whatever else is wrong; None without any."""
    digits = "".join(_DIGITS.findall(bare_number(text)))
    return brand_of(digits) if digits else None


def masked_card(brand: str, last_four: str) -> str:
    """Name a card by what is kept of it: its brand, where it has one, and its last four digits."""
    return f"{'' if brand == CardBrand.OTHER else brand} ••••\N{NO-BREAK SPACE}{last_four}".strip()


def parse_card_number(text: str) -> str:
    """Return the bare digits of a typed or pasted card number; raise InvalidCard."""
    bare = bare_number(text)
    if not bare:
        raise InvalidCard(CardProblem.NUMBER_MISSING)
    if not _DIGITS.fullmatch(bare):
        letter = has_letters(bare)
        raise InvalidCard(CardProblem.NUMBER_LETTER if letter else CardProblem.NUMBER_NOT_DIGITS)
    if len(bare) < _SHORTEST:
        raise InvalidCard(CardProblem.NUMBER_SHORT)
    if brand_of(bare) is CardBrand.MAESTRO:
        raise InvalidCard(CardProblem.NUMBER_DEBIT)
    is_valid = len(bare) <= _LONGEST and _passes_luhn(bare)
    # A right number of this brand is the bank's to refuse; a wrong one need not be mended first.
    if brand_of(bare) is CardBrand.AMEX and not (is_valid and len(bare) == _AMEX_DIGITS):
        raise InvalidCard(CardProblem.NUMBER_FOREIGN)
    if len(bare) > _LONGEST:
        raise InvalidCard(CardProblem.NUMBER_LONG)
    if not is_valid:
        raise InvalidCard(CardProblem.NUMBER_CHECKSUM)
    return bare


def parse_security_code(text: str, brand: CardBrand | None) -> str:
    """Return the code on the card: four digits for American Express, three for any other brand.

    Where no brand is known either will do: the number is at fault then, and the code may be right.
    """
    bare = bare_number(text)
    if not bare:
        raise InvalidCard(CardProblem.CODE_MISSING)
    lengths = (3, 4) if brand is None else (4,) if brand is CardBrand.AMEX else (3,)
    if not _DIGITS.fullmatch(bare) or len(bare) not in lengths:
        raise InvalidCard(CardProblem.CODE_LENGTH_AMEX if 3 not in lengths else CardProblem.CODE_LENGTH)
    return bare


def _passes_luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    return (sum(int(d) for d in digits[-1::-2]) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def looks_like_card_number(text: str) -> bool:
    """Tell whether a text can be a card's number: wherever it was typed, it is shown nowhere."""
    digits = _DIGITS.fullmatch(bare_number(text))
    if digits is None or len(digits[0]) < _SHORTEST:
        return False
    return not _LIKE_AN_IBAN.search(plain_text(text))

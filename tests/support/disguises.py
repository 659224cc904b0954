"""Right values in an odd dress: what mail programs, spreadsheets, telephones and other scripts make of them.

Each disguise says in which kinds of field the value is still read; in any other kind it is refused there,
or kept as it was typed where the field takes any text.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """What a field takes."""

    CARD_NUMBER = "card number"
    EXPIRY = "expiry date"
    CODE = "security code"
    REFERENCE = "client reference"
    IBAN = "IBAN"
    ADDRESS = "e-mail address"
    TELEPHONE = "telephone number"
    #: One of a list of words: a bank, a language, a state, a heading.
    KEYWORD = "keyword"
    #: Compared with names and codes.
    SEARCH = "search"
    #: Kept as it is seen.
    NAME = "name"


RIGHT = {
    FieldKind.CARD_NUMBER: "4000024329596391",
    FieldKind.EXPIRY: "05/29",
    FieldKind.CODE: "123",
    FieldKind.REFERENCE: "6123456789",
    FieldKind.IBAN: "BE78735000000186",
    FieldKind.ADDRESS: "titulaire@client.example",
    FieldKind.TELEPHONE: "020123456",
    FieldKind.KEYWORD: "belfius",
    FieldKind.SEARCH: "acme",
    FieldKind.NAME: "Acme SA",
}
ALL = frozenset(FieldKind)
#: A name keeps its signs: 't Hoekje and Dupont – Fils are called so.
READ_BY_A_RULE = ALL - {FieldKind.NAME}
DIGITS = frozenset({FieldKind.CARD_NUMBER, FieldKind.CODE, FieldKind.REFERENCE})
NUMBERS = DIGITS | {FieldKind.EXPIRY, FieldKind.TELEPHONE}
GROUPED = NUMBERS | {FieldKind.IBAN}


@dataclass(frozen=True)
class Disguise:
    """One dress, and the kinds of field that see through it."""

    name: str
    dress: Callable[[str], str]
    read: frozenset[FieldKind]


def everywhere(mark: str) -> Callable[[str], str]:
    """Put a mark in front, behind the second letter and at the end."""
    return lambda value: f"{mark}{value[:2]}{mark}{value[2:]}{mark}"


def around(front: str, end: str = "") -> Callable[[str], str]:
    """Put something in front and at the end."""
    return lambda value: f"{front}{value}{end}"


def between(sign: str) -> Callable[[str], str]:
    """Put a sign between every two letters, or between month and year."""

    def dress(value: str) -> str:
        if "/" in value:
            return value.replace("/", sign)
        return sign.join(value[place : place + 2] for place in range(0, len(value), 2))

    return dress


def in_digits(zero: str) -> Callable[[str], str]:
    """Write the digits in another script."""
    return lambda value: value.translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})


def full_width(value: str) -> str:
    """Write everything as an Asian keyboard does."""
    return "".join(
        "\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) if sign.isascii() else sign for sign in value
    )


def _named(signs: Iterable[str]) -> list[tuple[str, str]]:
    return [(unicodedata.name(sign, f"U+{ord(sign):04X}").lower(), sign) for sign in signs]


_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061"
    "\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206f\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0\U000e0020\U000e0100"
)
_BLANKS = (
    " \t\n\r\x0b\x0c\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u2800\u3000"
)
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
#: Strokes, minus signs, points and colons of other scripts and of mathematics.
_LOOKALIKES = "\u2044\u2215\u02d7\u2500\u2796\u30fc\u2024\u3002\uff61\u2236\ua789"
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10\U0001d7ce\U0001d7f6"
_QUOTES = {
    "an apostrophe in front": ("'", ""),
    "a typographic apostrophe in front": ("\u2019", ""),
    "apostrophes": ("'", "'"),
    "quotation marks": ('"', '"'),
    "English quotation marks": ("\u201c", "\u201d"),
    "German quotation marks": ("\u201e", "\u201c"),
    "guillemets": ("\u00ab\u00a0", "\u00a0\u00bb"),
    "single quotation marks": ("\u2018", "\u2019"),
    "backticks": ("`", "`"),
    "a spreadsheet's formula": ('="', '"'),
}
_SPELLED = frozenset({FieldKind.IBAN, FieldKind.ADDRESS})
_AFTER_A_COLON = NUMBERS | _SPELLED

_LABELS = (
    Disguise("a brand", around("Visa : "), _AFTER_A_COLON),
    Disguise("a glued brand", around("Mastercard:"), _AFTER_A_COLON),
    Disguise("a label of words", around("Carte n° "), GROUPED),
    Disguise("a label of one sign", around("№ "), GROUPED),
    Disguise("a short label", around("Réf. "), GROUPED),
    Disguise("a German label", around("Kundenreferenz: "), _AFTER_A_COLON),
    Disguise("a Dutch label", around("Vervaldatum = "), GROUPED),
    Disguise("a form's label", around("MM/AA "), GROUPED),
    Disguise("a name with a digit", around("CVC2: "), _AFTER_A_COLON - {FieldKind.IBAN}),
    Disguise("the label of an account", around("IBAN: "), _AFTER_A_COLON),
    Disguise("the bank behind", around("", " (Belfius)"), NUMBERS | _SPELLED),
    Disguise("the scheme of a link", around("mailto:"), _AFTER_A_COLON),
    Disguise("a link with a subject", around("mailto:", "?subject=CARO"), _AFTER_A_COLON),
    Disguise(
        "a link as it is copied", lambda value: f"{value}<mailto:{value}>", frozenset({FieldKind.ADDRESS})
    ),
    Disguise("the scheme of a page", around("http://"), _AFTER_A_COLON),
    Disguise("a question mark behind", around("", "?"), NUMBERS | _SPELLED | {FieldKind.KEYWORD}),
    Disguise("angle brackets", around("<", ">"), NUMBERS | _SPELLED | {FieldKind.KEYWORD}),
    Disguise("a person's name", around("Dupont, Jean <", ">"), NUMBERS | _SPELLED),
    Disguise("a full stop behind", around("", "."), NUMBERS | _SPELLED | {FieldKind.KEYWORD}),
    Disguise("a semicolon behind", around("", ";"), NUMBERS | _SPELLED | {FieldKind.KEYWORD}),
    Disguise("a bullet in front", around("• "), NUMBERS | {FieldKind.IBAN, FieldKind.KEYWORD}),
    Disguise(
        "decimals",
        around("", ",00"),
        frozenset({FieldKind.CARD_NUMBER, FieldKind.REFERENCE, FieldKind.TELEPHONE}),
    ),
)

_ALTERED = (
    Disguise("a plus sign in front", around("+"), frozenset({FieldKind.IBAN, FieldKind.KEYWORD})),
    Disguise("a letter for a digit in front", around("O"), frozenset({FieldKind.IBAN})),
    Disguise("a digit too many", around("", "1"), frozenset()),
    Disguise("a footnote", around("", "¹"), frozenset()),
    Disguise("another value behind", lambda value: f"{value}, {value[::-1]}", frozenset()),
)

#: What no eye sees.
UNSEEN = (
    *(Disguise(name, everywhere(sign), ALL) for name, sign in _named(_INVISIBLE)),
    *(Disguise(f"{name} around", around(sign, sign), ALL) for name, sign in _named(_BLANKS)),
)
DISGUISES = (
    *UNSEEN,
    *(Disguise(f"{name} between", between(sign), GROUPED) for name, sign in _named(_BLANKS)),
    *(Disguise(f"{name} between", between(sign), GROUPED) for name, sign in _named(_DASHES)),
    *(Disguise(f"{name} between", between(sign), GROUPED) for name, sign in _named(_LOOKALIKES)),
    *(Disguise(f"{sign} between", between(sign), GROUPED) for sign in "./_,"),
    *(Disguise(f"{sign} between", between(sign), GROUPED) for sign in "\\=~*\u00b7\u2022\u2219\u30fb"),
    *(Disguise(name, in_digits(zero), ALL) for name, zero in _named(_ZEROS)),
    *(Disguise(name, around(*signs), READ_BY_A_RULE) for name, signs in _QUOTES.items()),
    Disguise("full width", full_width, READ_BY_A_RULE),
    Disguise("a script of mathematics", in_digits("\U0001d7e2"), ALL),
    *_LABELS,
    *_ALTERED,
)

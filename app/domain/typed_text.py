"""Typed and pasted text as the eye reads it: what cannot be seen goes, and what looks alike becomes one sign.

Every field asks one of these functions first and applies its own rule then.
"""

import re
import unicodedata

#: What Unicode calls default-ignorable, and interlinear marks: never seen, and some turn the text round.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: White space, control characters, the empty Braille cell, and halves of characters that no database takes.
_BLANK = re.compile("[\\s\x00-\x1f\x7f-\x9f\u2800\ud800-\udfff]+")

_LOOKALIKES = {
    "-": "\u2043\u2212\u02d7\u2500\u2796\u30fc",
    "'": "`\u00b4\u02b9\u02bb\u02bc\u02c8\u2018\u2019\u201a\u201b\u2032\u2035\u275b\u275c\uff07",
    '"': "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u2039\u203a\u275d\u275e\u301d\u301e\uff02",
    ".": "\u2024\u3002\uff61",
    "/": "\u2044\u2215",
    ":": "\u2236\ua789",
}
_PLAIN = {ord(sign): plain for plain, signs in _LOOKALIKES.items() for sign in signs}
#: Kinds of compatibility characters that mean what they look like; a superscript is a footnote, no digit.
_SAME_MEANING = ("<wide>", "<narrow>", "<font>", "<small>")

#: Any sign between and around the digits of a number, but for those that would make it another thing: a
#: telephone number, an address, a share, an amount.
_SEPARATORS = re.compile(r"[^\w+@%$€]|_")
_LABEL = re.compile(r"[^\d+@%$€]*")
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS_FOR_DIGITS = frozenset("OoIlQ")
_LANGUAGE_TAG = re.compile(r"\W*([a-z]{2})(?:[-_][a-z]{2})?(?:;.*)?\W*")
_CODE_NAMES = re.compile(r"(?i)\bcv[cv]2\b")
#: A spreadsheet's decimals behind a whole number, or behind one in groups that another sign parts.
_DECIMALS = re.compile(r"(\d{8}|\d([ .,])\d{3}\2\d{3}\2\d{3})(?!\2)[.,]0{1,2}$")


def visible_text(text: str) -> str:
    """Return what can be seen of a text, composed, with single spaces: for names, which keep their signs."""
    seen = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _BLANK.sub(" ", seen).strip()


def plain_text(text: str) -> str:
    """Return a text with plain digits, dashes, letters and quotation marks, and with none around it."""
    plain = "".join(map(_plain_sign, visible_text(text)))
    # Spreadsheets keep digits as text by '6123456789 or ="6123456789".
    return plain.removeprefix("=" if plain.startswith('="') else "").strip("'\" ")


def fold_text(text: str) -> str:
    """Return a text as it is compared: plain, in lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", plain_text(text)).casefold()
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(letters.split())


def fold_keyword(text: str) -> str:
    """Return a heading, a bank or another keyword as it is compared: folded, of words and blanks alone."""
    return " ".join(re.sub(r"[\W_]", " ", fold_text(text)).split())


def language_of(text: str) -> str:
    """Return the language of a tag: nl of nl-BE, nl_BE or NL;q=0.9; an empty text where it is no tag."""
    tag = _LANGUAGE_TAG.fullmatch(fold_text(text))
    return tag[1] if tag else ""


def bare_number(text: str) -> str:
    """Return the digits of a number without its label and separators; what else stands there is left."""
    return _SEPARATORS.sub("", strip_label(_DECIMALS.sub(r"\1", plain_text(text))))


def strip_label(text: str) -> str:
    """Return a plain text from its first digit to its last, where words alone stand around them."""
    text = _CODE_NAMES.sub("", text)
    digits = list(re.finditer(r"\d", text))
    if not digits:
        return text
    first, last = digits[0].start(), digits[-1].end()
    if _is_label(text[:first]):
        text, last = text[first:], last - first
    return text[:last] if _is_label(text[last:], shortest=2) else text


def has_letters(number: str) -> bool:
    """Tell whether letters stand among the digits of a bare number."""
    return bool(re.search(r"\d", number) and _WORD.search(number))


def _is_label(text: str, shortest: int = 1) -> bool:
    """Tell whether a text beside digits is a label, and no letter that was typed for a digit."""
    words = _WORD.findall(text)
    return bool(_LABEL.fullmatch(text)) and all(
        len(word) >= shortest and not _LETTERS_FOR_DIGITS.issuperset(word) for word in words
    )


def _plain_sign(sign: str) -> str:
    if sign.isascii() and sign != "`":
        return sign
    category = unicodedata.category(sign)
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    kind = unicodedata.decomposition(sign).partition(" ")[0]
    if kind in _SAME_MEANING or (kind == "<compat>" and category in ("Lu", "Ll")):
        sign = unicodedata.normalize("NFKC", sign)
    return "-" if category == "Pd" else sign.translate(_PLAIN)

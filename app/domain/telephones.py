"""Belgian telephone numbers: read in any dress, kept as E.164, shown as Belgians write them."""

import re

from app.domain.typed_text import bare_number, plain_text

#: Behind the 0 or +32: nine digits of a mobile, eight of any other; 090 costs more than a call may.
_SUBSCRIBER = r"4[5-9][0-9]{7}|(?!4[5-9]|90)[1-9][0-9]{7}"
_BELGIAN = re.compile(rf"(?:(?:00)?320?|0?)({_SUBSCRIBER})")
_INTERNATIONAL = re.compile(rf"320?({_SUBSCRIBER})")
_TRUNK_ZERO = re.compile(r"\(\s?0\s?\)")

LONGEST = len("+32470123456")

#: No subscriber's number in a Belgian zone begins with a 0: this one rings nowhere.
SAMPLE_TELEPHONE = "+3220123456"

#: In order, the groups in which a number is read: mobile, free of charge, large zone, other zone or service.
_SHAPES = (
    r"(04\d\d)(\d\d)(\d\d)(\d\d)",
    r"(0800)(\d\d)(\d{3})",
    r"(0[2349])(\d{3})(\d\d)(\d\d)",
    r"(0\d\d)(\d\d)(\d\d)(\d\d)",
)


def parse_telephone(text: str) -> str | None:
    """Return the number as +32 and its digits; None where it is no Belgian one, or may cost extra."""
    label, plus, number = plain_text(text).rpartition("+")
    if re.search(r"\d", label):
        return None
    bare = re.sub(r"[()]", "", bare_number(_TRUNK_ZERO.sub("0", number)))
    found = (_INTERNATIONAL if plus else _BELGIAN).fullmatch(bare)
    return f"+32{found[1]}" if found else None


def format_telephone(telephone: str) -> str:
    """Show a kept number as it is dialled in Belgium, in groups that no line tears apart."""
    national = "0" + telephone.removeprefix("+32")
    shapes = (re.fullmatch(shape, national) for shape in _SHAPES)
    return "\u00a0".join(next(filter(None, shapes)).groups())

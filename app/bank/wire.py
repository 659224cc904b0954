"""Strict readers for what comes over the wire; Python's own are more lenient than the protocol."""

import base64
import binascii
import json
import re
from typing import NoReturn

_BASE64URL = re.compile(r"([A-Za-z0-9_-]+)={0,2}")
#: A final challenge answer is a few hundred bytes; nothing larger is looked at.
_LONGEST = 4096


class InvalidMessage(ValueError):
    """The text is not what the protocol says it is."""


def read_object(text: str | bytes) -> dict[str, object]:
    """Parse one JSON object; raise InvalidMessage for repeated keys, NaN, arrays or bottomless nesting."""
    try:
        # Given bytes, the parser would guess UTF-16 and UTF-32 and let lone surrogates pass.
        read = text.decode() if isinstance(text, bytes) else text
        value = json.loads(read, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise InvalidMessage from None
    if not isinstance(value, dict):
        raise InvalidMessage
    return value


def read_message(encoded: str) -> dict[str, object]:
    """Parse a browser-carried message: base64url with or without padding, and no other character."""
    shape = _BASE64URL.fullmatch(encoded) if len(encoded) <= _LONGEST else None
    if shape is None:
        raise InvalidMessage
    try:
        return read_object(base64.urlsafe_b64decode(shape[1] + "=" * (-len(shape[1]) % 4)))
    except binascii.Error:
        raise InvalidMessage from None


def write_message(message: dict[str, str]) -> str:
    """Encode a message for the browser to carry: base64url without padding."""
    text = json.dumps(message, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidMessage
    return members


def _refuse_constant(_constant: str) -> NoReturn:
    raise InvalidMessage

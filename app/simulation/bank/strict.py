"""Readers that refuse what Python's own accept: duplicate keys, NaN, foreign base64 letters."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from app.simulation.bank.erro import Erro, ErroCode

VERSION = "2.2.0"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")

Message = Mapping[str, Any]


def parse_message(body: bytes) -> Message:
    """Parse one JSON object of the protocol's version; raise Erro 101, 102 or 204."""
    duplicates: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            duplicates.append("duplicate")
        return found

    try:
        message = json.loads(body.decode(), object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Erro(ErroCode.NOT_A_MESSAGE) from None
    if not isinstance(message, dict):
        raise Erro(ErroCode.NOT_A_MESSAGE)
    if message.get("messageVersion") not in (None, "", VERSION):
        raise Erro(ErroCode.VERSION, VERSION)
    if duplicates:
        raise Erro(ErroCode.DUPLICATE)
    return message


def require_elements(message: Message, names: tuple[str, ...]) -> None:
    """Raise Erro 201 that lists every element that is absent, empty or null."""
    missing = [name for name in names if message.get(name) in (None, "")]
    if missing:
        raise Erro(ErroCode.MISSING, ",".join(missing))


def decode_base64url(text: str) -> bytes:
    """Decode base64url with or without padding; raise Erro 101 on any other letter."""
    if not _BASE64URL.fullmatch(text):
        raise Erro(ErroCode.NOT_A_MESSAGE)
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise Erro(ErroCode.NOT_A_MESSAGE) from None


def encode_base64url(message: Message) -> str:
    """Encode a message as the browser carries it: JSON, base64url, no padding."""
    return base64.urlsafe_b64encode(json.dumps(message).encode()).rstrip(b"=").decode()


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)

"""The toy card reader: like a real one it always answers, and never says whether the answer is right."""

import hashlib
import hmac
import re
import secrets
from enum import StrEnum

from app.simulation.scenarios import PIN

_NOISE = re.compile(r"[ \u00a0\u2009\u202f-]")
_EIGHT = re.compile(r"[0-9]{8}")
_FOUR = re.compile(r"[0-9]{4}")


class ReaderMode(StrEnum):
    """The reader's keys: M1 identifies, M2 signs."""

    M1 = "M1"
    M2 = "M2"


def new_challenge() -> str:
    """Return eight fresh digits."""
    return f"{secrets.randbelow(10**8):08d}"


def reader_response(secret: str, mode: ReaderMode, challenge: str, pin: str) -> str:
    """Return the eight digits that the reader shows for what was typed into it."""
    typed = f"{mode}|{challenge}|{pin}".encode()
    digest = hmac.new(secret.encode(), typed, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def is_signature(secret: str, challenge: str, typed: str) -> bool:
    """Tell whether the typed response signs this challenge with the card's own PIN."""
    return hmac.compare_digest(reader_response(secret, ReaderMode.M2, challenge, PIN), typed)


def parse_eight_digits(text: str) -> str | None:
    """Return the eight digits of a typed challenge or response, None where it is not that."""
    bare = _NOISE.sub("", text.strip())
    return bare if _EIGHT.fullmatch(bare) else None


def parse_pin(text: str) -> str | None:
    """Return a typed PIN, None where it is not four digits."""
    bare = text.strip()
    return bare if _FOUR.fullmatch(bare) else None


def group_in_fours(digits: str) -> str:
    """Show eight digits as the reader's display does."""
    return f"{digits[:4]} {digits[4:]}"

"""What differs from run to run on a page, and what stands in its place where pages are compared."""

import re

#: What differs from run to run: ports, tokens, hashes and keys, the digits of a challenge.
_CHANCE = (
    (re.compile(r"(localhost|127\.0\.0\.1)(:|%3A)\d+"), r"\1\2PORT"),
    (re.compile(r"(?<![A-Za-z0-9_.-])(?=[A-Za-z0-9_.-]*[0-9A-Z])[A-Za-z0-9_.-]{20,}"), "TOKEN"),
    (re.compile(r"\bshown_\d+"), "shown_HASH"),
    (re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{8,16}\b(?!\s*\d)"), "HASH"),
    (re.compile(r"\b([0-9A-F]{4} [0-9A-F]{4}|[67]\d{3}\s?\d{3}\s?\d{3})\b"), "DIGITS"),
)


def mask_chance(text: str) -> str:
    """Replace what differs from run to run."""
    for pattern, replacement in _CHANCE:
        text = pattern.sub(replacement, text)
    return text

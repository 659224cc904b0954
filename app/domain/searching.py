"""How codes and names are found: whatever their case, accents and spaces."""

import unicodedata

LONGEST_KEY = 120


def normalize_text(text: str) -> str:
    """Return a text as it is compared: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(letters.split())


def search_key(text: str) -> str:
    """Return a text as it is sorted and searched."""
    return normalize_text(text)[:LONGEST_KEY]

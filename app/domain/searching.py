"""How codes and names are found: whatever their case, accents and spaces."""

import unicodedata

LONGEST_KEY = 120


def search_key(text: str) -> str:
    """Return a text as it is sorted and searched: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.split())[:LONGEST_KEY]

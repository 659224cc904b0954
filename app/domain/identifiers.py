"""The client reference: ten digits, the first a 6 or a 7; no checksum is documented, so none is invented."""

import re
import unicodedata

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from app.domain.banks import APP_BANKS, BANKS, Bank

_NOISE = re.compile(r"[\s.\-\u00a0\u202f\u2011\u2013]")
_SHAPE = re.compile(r"[67][0-9]{9}")


def parse_client_reference(text: str) -> str | None:
    """Return the ten bare digits, spaces, dots and dashes stripped; None where it is no reference."""
    bare = _NOISE.sub("", text)
    return bare if _SHAPE.fullmatch(bare) else None


def group_digits(reference: str) -> str:
    """Show a reference in groups as statements print it; the exact messages keep it bare."""
    return f"{reference[:4]} {reference[4:7]} {reference[7:]}"


def group_digits_unbroken(reference: str) -> str:
    """Show a reference in groups that no narrow screen tears apart."""
    return group_digits(reference).replace(" ", "\u00a0")


def parse_iban(text: str) -> str | None:
    """Return the compact IBAN, spaces stripped and checksum checked; None where it is none."""
    try:
        return str(IBAN(text).compact)
    except SchwiftyException:
        return None


def may_be_held_at(bank: Bank, iban: str) -> bool:
    """Tell whether an account may be at a bank; True where nobody knows whose bank code it is."""
    bic = IBAN(iban).bic
    return bic is None or str(bic)[:8] in bank.bics


def is_bank_app_account(iban: str) -> bool:
    """Tell whether the account is at a bank whose own app activates."""
    bic = IBAN(iban).bic
    return bic is not None and any(str(bic)[:8] in BANKS[key].bics for key in APP_BANKS)


LONGEST_KEY = 120


def normalize_text(text: str) -> str:
    """Return a text as it is compared: lower case, no accents, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(letters.split())


def search_key(text: str) -> str:
    """Return a text as it is sorted and searched."""
    return normalize_text(text)[:LONGEST_KEY]

"""Belgian account numbers, as far as KBC and CBC need them (ISO 13616, bank codes of the National Bank)."""

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

#: KBC and CBC are one group: an account of either serves either.
_BANK_APP_BICS = frozenset({"KREDBEBB", "CREGBEBB"})


def account_number(text: str) -> str | None:
    """Return the compact IBAN, spaces stripped and checksum checked; None where it is none."""
    try:
        return str(IBAN(text).compact)
    except SchwiftyException:
        return None


def serves_bank_app(iban: str) -> bool:
    """Tell whether the account is of KBC or CBC, whose own app activates."""
    bic = IBAN(iban).bic
    return bic is not None and str(bic)[:8] in _BANK_APP_BICS

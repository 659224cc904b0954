"""Account numbers (ISO 13616), and the bank that holds an account, by the bank codes of the National Bank."""

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from app.domain.banks import APP_BANKS, BANKS, Bank


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

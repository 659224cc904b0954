"""How a challenge ends on the bank's page: its words, by bank where the bank refuses, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel.speaklater import LazyString

from app.domain.bank_results import BankResult, TransactionStatus
from app.domain.banks import BANKS, RefusalStyle
from app.i18n import _l
from app.simulation.bank.handoff import encoded_response
from app.simulation.bank.transaction import BankTransaction
from app.simulation.scenarios import ReturnFault


class BankEnding(StrEnum):
    """The last page at the bank."""

    SIGNED = "signed"
    NO_RETURN = "no_return"
    REFUSED = "refused"
    PIN_BLOCKED = "pin_blocked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LATE = "late"


@dataclass(frozen=True)
class EndingText:
    """What the page says, and whether it goes back to the merchant by itself."""

    heading: LazyString
    text: LazyString | None = None
    goes_by_itself: bool = False


_STYLED: Mapping[RefusalStyle, EndingText] = {
    RefusalStyle.PLAIN: EndingText(_l("The bank has refused your request."), _l("No reason was given.")),
    RefusalStyle.VAGUE: EndingText(_l("Transaction refused")),
    RefusalStyle.CODE: EndingText(_l("Error 57-R")),
}

WORDS: Mapping[BankEnding, EndingText] = {
    BankEnding.SIGNED: EndingText(
        _l("You have signed."), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    BankEnding.NO_RETURN: EndingText(_l("You have signed."), _l("You can close this page.")),
    BankEnding.PIN_BLOCKED: EndingText(
        _l("Your signature was refused."),
        _l("The PIN of this card is blocked after three wrong tries. Ask your bank to unblock it."),
    ),
    BankEnding.CANCELLED: EndingText(
        _l("You have cancelled."), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    BankEnding.EXPIRED: EndingText(
        _l("This page has expired."), _l("You had ten minutes to sign. Nothing was signed.")
    ),
    BankEnding.LATE: EndingText(
        _l("This page has expired."),
        _l("The bank waits 30 seconds for your browser, and that time is over. Nothing was signed."),
    ),
}

_CANCELS: Mapping[str, BankEnding] = {
    "01": BankEnding.CANCELLED,
    "04": BankEnding.EXPIRED,
    "05": BankEnding.LATE,
}

#: Letters that are in no base64 alphabet.
GARBLED = "%%% not a message %%%"


def find_ending(transaction: BankTransaction, result: BankResult) -> BankEnding:
    """Return the last page of a transaction that has come to this result."""
    if result.cancel is not None:
        return _CANCELS[result.cancel]
    if result.reason == "19":
        return BankEnding.PIN_BLOCKED
    if transaction.return_fault is ReturnFault.NO_RETURN:
        return BankEnding.NO_RETURN
    signed = (
        result.status is TransactionStatus.AUTHENTICATED
        or transaction.return_fault is ReturnFault.FORGED_CRES
    )
    return BankEnding.SIGNED if signed else BankEnding.REFUSED


def ending_text(transaction: BankTransaction, ending: BankEnding) -> EndingText:
    """Return what the page says: a refusal is worded as this bank words it."""
    if ending is not BankEnding.REFUSED:
        return WORDS[ending]
    style = BANKS[transaction.bank].refusal_style
    words = _STYLED[style]
    cause = transaction.scenario_row.bank_says if style is RefusalStyle.PLAIN else None
    return EndingText(words.heading, cause or words.text)


def return_fields(transaction: BankTransaction, ending: BankEnding) -> Mapping[str, str]:
    """Return the form that the browser carries back to the merchant."""
    signed = ending is BankEnding.SIGNED
    answer = encoded_response(transaction.id, transaction.acs, signed)
    garbled = signed and transaction.return_fault is ReturnFault.GARBLED_CRES
    return {"cres": GARBLED if garbled else answer, "threeDSSessionData": transaction.session_data}

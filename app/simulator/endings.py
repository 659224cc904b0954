"""How a challenge ends on the bank's page: its words, by bank where the bank refuses, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel.speaklater import LazyString

from app.domain.banks import BANKS, RefusalStyle
from app.domain.results import BankResult, TransactionStatus
from app.i18n import _l
from app.simulator.handoff import encoded_response
from app.simulator.scenarios import ReturnFault
from app.simulator.transaction import Transaction


class Ending(StrEnum):
    """The last page at the bank."""

    SIGNED = "signed"
    NO_RETURN = "no_return"
    REFUSED = "refused"
    PIN_BLOCKED = "pin_blocked"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LATE = "late"


@dataclass(frozen=True)
class Words:
    """What the page says, and whether it goes back to the merchant by itself."""

    heading: LazyString
    text: LazyString | None = None
    goes_by_itself: bool = False


_STYLED: Mapping[RefusalStyle, Words] = {
    RefusalStyle.PLAIN: Words(_l("The bank has refused your request."), _l("No reason was given.")),
    RefusalStyle.VAGUE: Words(_l("Transaction refused")),
    RefusalStyle.CODE: Words(_l("Error 57-R")),
}

WORDS: Mapping[Ending, Words] = {
    Ending.SIGNED: Words(
        _l("You have signed."), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    Ending.NO_RETURN: Words(_l("You have signed."), _l("You can close this page.")),
    Ending.PIN_BLOCKED: Words(
        _l("Your signature was refused."),
        _l("The PIN of this card is blocked after three wrong tries. Ask your bank to unblock it."),
    ),
    Ending.CANCELLED: Words(
        _l("You have cancelled."), _l("You are going back to the merchant."), goes_by_itself=True
    ),
    Ending.EXPIRED: Words(
        _l("This page has expired."), _l("You had ten minutes to sign. Nothing was signed.")
    ),
    Ending.LATE: Words(
        _l("This page has expired."),
        _l("The bank waits 30 seconds for your browser, and that time is over. Nothing was signed."),
    ),
}

_CANCELS: Mapping[str, Ending] = {"01": Ending.CANCELLED, "04": Ending.EXPIRED, "05": Ending.LATE}

#: Letters that are in no base64 alphabet.
GARBLED = "%%% not a message %%%"


def ending_of(transaction: Transaction, result: BankResult) -> Ending:
    """Return the last page of a transaction that has come to this result."""
    if result.cancel is not None:
        return _CANCELS[result.cancel]
    if result.reason == "19":
        return Ending.PIN_BLOCKED
    if transaction.quirk is ReturnFault.NO_RETURN:
        return Ending.NO_RETURN
    signed = result.status is TransactionStatus.AUTHENTICATED or transaction.quirk is ReturnFault.FORGED_CRES
    return Ending.SIGNED if signed else Ending.REFUSED


def words_for(transaction: Transaction, ending: Ending) -> Words:
    """Return what the page says: a refusal is worded as this bank words it."""
    if ending is not Ending.REFUSED:
        return WORDS[ending]
    style = BANKS[transaction.bank].refusal_style
    words = _STYLED[style]
    cause = transaction.row.bank_says if style is RefusalStyle.PLAIN else None
    return Words(words.heading, cause or words.text)


def return_fields(transaction: Transaction, ending: Ending) -> Mapping[str, str]:
    """Return the form that the browser carries back to the merchant."""
    signed = ending is Ending.SIGNED
    answer = encoded_response(transaction.id, transaction.acs, signed)
    garbled = signed and transaction.quirk is ReturnFault.GARBLED_CRES
    return {"cres": GARBLED if garbled else answer, "threeDSSessionData": transaction.session_data}

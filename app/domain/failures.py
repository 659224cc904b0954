"""Every way an attempt fails, and what the page then shows: message, checklist, when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class FailureMessage(StrEnum):
    """The sentences a cardholder can read; the first three are the seed's, byte for byte in French."""

    E1 = "e1"
    E2 = "e2"
    E3 = "e3"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


class ChecklistItem(StrEnum):
    """One thing to check or do, under a message."""

    REFERENCE = "reference"
    BANK_CONTACT = "bank_contact"
    KIND = "kind"
    DATA = "data"
    PIN = "pin"
    VALIDITY = "validity"
    BLOCKED = "blocked"
    ONLINE = "online"
    NEW_CARD = "new_card"
    DEVICE = "device"
    LATER = "later"
    BANK = "bank"
    AGAIN = "again"


class Failure(StrEnum):
    """What went wrong, as coarse as the cardholder may know it."""

    WRONG_CARD = "wrong_card"
    NOT_CREDIT = "not_credit"
    CARD_DATA = "card_data"
    PIN = "pin"
    CARD_EXPIRED = "card_expired"
    NOT_PERMITTED = "not_permitted"
    REFUSED = "refused"
    BANK_REFUSED = "bank_refused"
    CARD_BLOCKED = "card_blocked"
    CARD_NEVER_USED = "card_never_used"
    DEVICE = "device"
    TECHNICAL = "technical"
    TOO_FREQUENT = "too_frequent"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    HANDOFF_LATE = "handoff_late"


@dataclass(frozen=True)
class FailureContent:
    """What the failure page shows: message, checklist (likeliest cause first), wait before a retry."""

    message: FailureMessage
    items: tuple[ChecklistItem, ...]
    wait: timedelta | None = None


_MINUTES = timedelta(minutes=5)
_A_WHILE = timedelta(minutes=15)
_A_DAY = timedelta(days=1)

CATALOGUE: Mapping[Failure, FailureContent] = {
    Failure.WRONG_CARD: FailureContent(
        FailureMessage.E1, (ChecklistItem.REFERENCE, ChecklistItem.BANK_CONTACT)
    ),
    Failure.NOT_CREDIT: FailureContent(FailureMessage.E2, (ChecklistItem.KIND,)),
    Failure.CARD_DATA: FailureContent(
        FailureMessage.E3,
        (
            ChecklistItem.DATA,
            ChecklistItem.VALIDITY,
            ChecklistItem.PIN,
            ChecklistItem.BLOCKED,
            ChecklistItem.NEW_CARD,
            ChecklistItem.BANK,
        ),
    ),
    Failure.PIN: FailureContent(
        FailureMessage.E3, (ChecklistItem.PIN, ChecklistItem.BLOCKED, ChecklistItem.BANK)
    ),
    Failure.CARD_EXPIRED: FailureContent(
        FailureMessage.E3, (ChecklistItem.VALIDITY, ChecklistItem.DATA, ChecklistItem.BANK)
    ),
    # One reason code stands for both causes, so the page never asserts one of them.
    Failure.NOT_PERMITTED: FailureContent(
        FailureMessage.E3, (ChecklistItem.ONLINE, ChecklistItem.BLOCKED, ChecklistItem.BANK), _MINUTES
    ),
    Failure.REFUSED: FailureContent(
        FailureMessage.E3,
        (
            ChecklistItem.ONLINE,
            ChecklistItem.BLOCKED,
            ChecklistItem.DATA,
            ChecklistItem.PIN,
            ChecklistItem.VALIDITY,
            ChecklistItem.NEW_CARD,
            ChecklistItem.BANK,
        ),
    ),
    # Fraud, theft and loss are never told to the person who holds the card.
    Failure.BANK_REFUSED: FailureContent(FailureMessage.E3, (ChecklistItem.BANK,)),
    Failure.CARD_BLOCKED: FailureContent(
        FailureMessage.E3, (ChecklistItem.BLOCKED, ChecklistItem.ONLINE, ChecklistItem.BANK), _MINUTES
    ),
    Failure.CARD_NEVER_USED: FailureContent(
        FailureMessage.E3, (ChecklistItem.NEW_CARD, ChecklistItem.BLOCKED, ChecklistItem.BANK)
    ),
    Failure.DEVICE: FailureContent(FailureMessage.E3, (ChecklistItem.DEVICE, ChecklistItem.BANK)),
    Failure.TECHNICAL: FailureContent(FailureMessage.E3, (ChecklistItem.LATER, ChecklistItem.BANK), _A_WHILE),
    Failure.TOO_FREQUENT: FailureContent(
        FailureMessage.E3, (ChecklistItem.LATER, ChecklistItem.BANK), _A_DAY
    ),
    Failure.TIMED_OUT: FailureContent(
        FailureMessage.E3, (ChecklistItem.LATER, ChecklistItem.DATA, ChecklistItem.BANK)
    ),
    Failure.CANCELLED: FailureContent(FailureMessage.CANCELLED, (ChecklistItem.AGAIN,)),
    Failure.HANDOFF_LATE: FailureContent(FailureMessage.TOO_LATE, (ChecklistItem.AGAIN,)),
}

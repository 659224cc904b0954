"""Every way an attempt fails, and what the page then shows: message, checklist, when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Message(StrEnum):
    """The sentences a cardholder can read; the first three are the seed's, byte for byte in French."""

    E1 = "e1"
    E2 = "e2"
    E3 = "e3"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"


class Item(StrEnum):
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
class Page:
    """What the failure page shows: message, checklist (likeliest cause first), wait before a retry."""

    message: Message
    items: tuple[Item, ...]
    wait: timedelta | None = None


_MINUTES = timedelta(minutes=5)
_A_WHILE = timedelta(minutes=15)
_A_DAY = timedelta(days=1)

CATALOGUE: Mapping[Failure, Page] = {
    Failure.WRONG_CARD: Page(Message.E1, (Item.REFERENCE, Item.BANK_CONTACT)),
    Failure.NOT_CREDIT: Page(Message.E2, (Item.KIND,)),
    Failure.CARD_DATA: Page(
        Message.E3,
        (Item.DATA, Item.VALIDITY, Item.PIN, Item.BLOCKED, Item.NEW_CARD, Item.BANK),
    ),
    Failure.PIN: Page(Message.E3, (Item.PIN, Item.BLOCKED, Item.BANK)),
    Failure.CARD_EXPIRED: Page(Message.E3, (Item.VALIDITY, Item.DATA, Item.BANK)),
    # One reason code stands for both causes, so the page never asserts one of them.
    Failure.NOT_PERMITTED: Page(Message.E3, (Item.ONLINE, Item.BLOCKED, Item.BANK), _MINUTES),
    Failure.REFUSED: Page(
        Message.E3,
        (Item.ONLINE, Item.BLOCKED, Item.DATA, Item.PIN, Item.VALIDITY, Item.NEW_CARD, Item.BANK),
    ),
    # Fraud, theft and loss are never told to the person who holds the card.
    Failure.BANK_REFUSED: Page(Message.E3, (Item.BANK,)),
    Failure.CARD_BLOCKED: Page(Message.E3, (Item.BLOCKED, Item.ONLINE, Item.BANK), _MINUTES),
    Failure.CARD_NEVER_USED: Page(Message.E3, (Item.NEW_CARD, Item.BLOCKED, Item.BANK)),
    Failure.DEVICE: Page(Message.E3, (Item.DEVICE, Item.BANK)),
    Failure.TECHNICAL: Page(Message.E3, (Item.LATER, Item.BANK), _A_WHILE),
    Failure.TOO_FREQUENT: Page(Message.E3, (Item.LATER, Item.BANK), _A_DAY),
    Failure.TIMED_OUT: Page(Message.E3, (Item.LATER, Item.DATA, Item.BANK)),
    Failure.CANCELLED: Page(Message.CANCELLED, (Item.AGAIN,)),
    Failure.HANDOFF_LATE: Page(Message.TOO_LATE, (Item.AGAIN,)),
}

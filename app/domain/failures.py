"""Every way an attempt fails, and what the page then shows: message, checklist, when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum, auto


class FailureMessage(StrEnum):
    """The messages of a failed try; the first three are the help article's, byte for byte in French."""

    WRONG_CARD = "e1"
    CARD_NOT_USABLE = "e2"
    SOMETHING_WRONG = "e3"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    TIME_OVER = "time_over"


class FailureTone(StrEnum):
    """How a message is shown: in alarm where something needs mending, else calmly and without a checklist."""

    ALARM = "alarm"
    CALM = "calm"


TONES: Mapping[FailureMessage, FailureTone] = {
    FailureMessage.WRONG_CARD: FailureTone.ALARM,
    FailureMessage.CARD_NOT_USABLE: FailureTone.ALARM,
    FailureMessage.SOMETHING_WRONG: FailureTone.ALARM,
    FailureMessage.CANCELLED: FailureTone.CALM,
    FailureMessage.TOO_LATE: FailureTone.CALM,
    FailureMessage.TIME_OVER: FailureTone.CALM,
}


class ChecklistItem(StrEnum):
    """One thing to check or do, under a message."""

    REFERENCE = auto()
    BANK_CONTACT = auto()
    KIND = auto()
    BRAND = auto()
    DATA = auto()
    PIN = auto()
    PIN_BLOCKED = auto()
    RESPONSE = auto()
    VALIDITY = auto()
    BLOCKED = auto()
    ONLINE = auto()
    NEW_CARD = auto()
    DEVICE = auto()
    LATER = auto()
    TOO_OFTEN = auto()
    BANK = auto()


class Failure(StrEnum):
    """What went wrong, as coarse as the cardholder may know it."""

    WRONG_CARD = "wrong_card"
    NOT_CREDIT = "not_credit"
    BRAND_NOT_CARRIED = "brand_not_carried"
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
    """What the failure page shows: message, checklist (likeliest cause first), wait before a retry.

    The wait is None where the page names none, since something must be done or asked first.
    """

    message: FailureMessage
    items: tuple[ChecklistItem, ...] = ()
    wait: timedelta | None = None

    @property
    def tone(self) -> FailureTone:
        """How the message is shown."""
        return TONES[self.message]


_NO_WAIT = timedelta()
_MINUTES = timedelta(minutes=5)
_A_WHILE = timedelta(minutes=15)
_A_DAY = timedelta(days=1)

FAILURES: Mapping[Failure, FailureContent] = {
    Failure.WRONG_CARD: FailureContent(
        FailureMessage.WRONG_CARD, (ChecklistItem.REFERENCE, ChecklistItem.BANK_CONTACT), _NO_WAIT
    ),
    Failure.NOT_CREDIT: FailureContent(
        FailureMessage.CARD_NOT_USABLE, (ChecklistItem.KIND, ChecklistItem.REFERENCE), _NO_WAIT
    ),
    Failure.BRAND_NOT_CARRIED: FailureContent(
        FailureMessage.CARD_NOT_USABLE, (ChecklistItem.BRAND, ChecklistItem.REFERENCE), _NO_WAIT
    ),
    Failure.CARD_DATA: FailureContent(
        FailureMessage.SOMETHING_WRONG,
        (
            ChecklistItem.DATA,
            ChecklistItem.VALIDITY,
            ChecklistItem.PIN,
            ChecklistItem.BLOCKED,
            ChecklistItem.NEW_CARD,
            ChecklistItem.BANK,
        ),
    ),
    # Three wrong responses do not prove a wrong PIN, so the page asserts neither cause.
    Failure.PIN: FailureContent(
        FailureMessage.SOMETHING_WRONG, (ChecklistItem.PIN_BLOCKED, ChecklistItem.RESPONSE)
    ),
    Failure.CARD_EXPIRED: FailureContent(
        FailureMessage.SOMETHING_WRONG,
        (ChecklistItem.VALIDITY, ChecklistItem.DATA, ChecklistItem.BANK),
        _NO_WAIT,
    ),
    # One reason code stands for both causes, so the page never asserts one of them.
    Failure.NOT_PERMITTED: FailureContent(
        FailureMessage.SOMETHING_WRONG,
        (ChecklistItem.ONLINE, ChecklistItem.BLOCKED, ChecklistItem.BANK),
        _MINUTES,
    ),
    Failure.REFUSED: FailureContent(
        FailureMessage.SOMETHING_WRONG,
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
    Failure.BANK_REFUSED: FailureContent(FailureMessage.SOMETHING_WRONG, (ChecklistItem.BANK,)),
    Failure.CARD_BLOCKED: FailureContent(
        FailureMessage.SOMETHING_WRONG,
        (ChecklistItem.BLOCKED, ChecklistItem.ONLINE, ChecklistItem.BANK),
        _MINUTES,
    ),
    Failure.CARD_NEVER_USED: FailureContent(
        FailureMessage.SOMETHING_WRONG, (ChecklistItem.NEW_CARD, ChecklistItem.BLOCKED, ChecklistItem.BANK)
    ),
    Failure.DEVICE: FailureContent(
        FailureMessage.SOMETHING_WRONG, (ChecklistItem.DEVICE, ChecklistItem.BANK), _NO_WAIT
    ),
    Failure.TECHNICAL: FailureContent(FailureMessage.SOMETHING_WRONG, (ChecklistItem.LATER,), _A_WHILE),
    Failure.TOO_FREQUENT: FailureContent(FailureMessage.SOMETHING_WRONG, (ChecklistItem.TOO_OFTEN,), _A_DAY),
    Failure.TIMED_OUT: FailureContent(FailureMessage.TIME_OVER),
    Failure.CANCELLED: FailureContent(FailureMessage.CANCELLED),
    Failure.HANDOFF_LATE: FailureContent(FailureMessage.TOO_LATE),
}

"""What a cardholder in a dead end can say to the office: fixed sentences, and the pages that offer them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.domain.caps import DAY, HOUR
from app.domain.history import NEW_GENERATION, SETTLING, EventType, MailKind
from app.domain.states import LinkCondition


class OfficeMessage(StrEnum):
    """A sentence that is sent by one press; there is no free text."""

    NEW_LINK = "new_link"
    UNEXPECTED = "unexpected"


#: For so long a page that was opened may send its message, and so long one message is enough.
FORM_LIFE: timedelta = HOUR
ONE_IS_ENOUGH: timedelta = DAY

_BOTH = (OfficeMessage.NEW_LINK, OfficeMessage.UNEXPECTED)

#: Total over the closed links: no new link is wanted where the office has cancelled or the service is over.
ON_LINK_PAGES: Mapping[LinkCondition, tuple[OfficeMessage, ...]] = {
    # Nobody knows whose link these are, so there is no office.
    LinkCondition.ALTERED: (),
    LinkCondition.UNKNOWN: (),
    LinkCondition.MISSING: (),
    LinkCondition.ACTIVE: (),
    LinkCondition.WITHDRAWN: (OfficeMessage.UNEXPECTED,),
    LinkCondition.STOPPED: (),
    LinkCondition.REPLACED: _BOTH,
    LinkCondition.EXPIRED: _BOTH,
    LinkCondition.LOCKED: _BOTH,
}
#: A new link would lead to the same wrong reference.
ON_WRONG_REFERENCE_PAGE = (OfficeMessage.UNEXPECTED,)

#: The mail that takes each message to the office; its rule says in which states there is a use for it.
MAIL_KINDS: Mapping[OfficeMessage, MailKind] = {
    OfficeMessage.NEW_LINK: MailKind.NEW_LINK_WANTED,
    OfficeMessage.UNEXPECTED: MailKind.REQUEST_UNEXPECTED,
}


def last_sent_at(history: Sequence[Any], message: OfficeMessage, now: datetime) -> datetime | None:
    """Return when this generation sent a message within the last day; None where it may send it now."""
    for event in reversed(history):
        if event.event_type in NEW_GENERATION or event.at <= now - ONE_IS_ENOUGH:
            return None
        if event.event_type is EventType.OFFICE_MESSAGE and event.detail == message:
            sent_at: datetime = event.at
            return sent_at
    return None


def unsettled_message(history: Sequence[Any]) -> Any | None:
    """Return the cardholder's last message of a history, until something was done about it."""
    for event in reversed(history):
        if event.event_type in SETTLING:
            return None
        if event.event_type is EventType.OFFICE_MESSAGE:
            return event
    return None

"""What an accountant wants to be told of by mail, and when the mail of a day is due."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.clock import BRUSSELS
from app.domain.history import EventType, MailKind


class NewsChoice(StrEnum):
    """Which mails somebody wants; what could not be delivered is told to everybody."""

    PROBLEMS = "problems"
    EACH = "each"
    DAILY = "daily"
    NONE = "none"


_PROBLEMS = frozenset({MailKind.PROBLEM, MailKind.NEW_LINK_WANTED, MailKind.REQUEST_UNEXPECTED})

#: The mails that leave at once.
WANTED_MAILS: Mapping[NewsChoice, frozenset[MailKind]] = {
    NewsChoice.PROBLEMS: _PROBLEMS,
    NewsChoice.EACH: _PROBLEMS | {MailKind.ACTIVATED, MailKind.EXPIRED},
    NewsChoice.DAILY: frozenset(),
    NewsChoice.NONE: frozenset(),
}
#: Each of these goes to whoever wants it, and can be turned off by the mail itself.
NEWS_MAILS = WANTED_MAILS[NewsChoice.EACH]

#: The mail about each line of history that is news by itself; a problem has rules of its own.
MAIL_OF_EVENT: Mapping[EventType, MailKind] = {
    EventType.ACTIVATED: MailKind.ACTIVATED,
    EventType.EXPIRED: MailKind.EXPIRED,
}

#: What the mail of a day tells, in this order.
DIGEST_EVENTS = (
    EventType.OFFICE_MESSAGE,
    EventType.ATTEMPT_FAILED,
    EventType.REFUSED_IN_APP,
    EventType.ACTIVATED,
    EventType.EXPIRED,
)
_DIGEST_HOUR = time(7)


def last_digest_at(now: datetime) -> datetime:
    """Return when the last mail of a day was due: at seven in Brussels, also when its clocks change."""
    today = _digest_on_day(now, 0)
    return today if today <= now else _digest_on_day(now, -1)


def next_digest_at(since: datetime) -> datetime:
    """Return when the mail of a day is due that tells of what happens from an instant on."""
    today = _digest_on_day(since, 0)
    return today if today > since else _digest_on_day(since, 1)


def _digest_on_day(instant: datetime, days: int) -> datetime:
    day = instant.astimezone(BRUSSELS).date() + timedelta(days=days)
    return datetime.combine(day, _DIGEST_HOUR, BRUSSELS).astimezone(instant.tzinfo)

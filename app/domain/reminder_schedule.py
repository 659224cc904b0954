"""When an invitation that stays unanswered is repeated: on which days, at which hours, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.clock import BRUSSELS
from app.domain.history import MailKind

#: Up to three, in their order; on which days is a setting.
REMINDERS = (MailKind.FIRST_REMINDER, MailKind.SECOND_REMINDER, MailKind.THIRD_REMINDER)

#: Working hours in Brussels; who was invited in the evening is reminded with an hour to spare.
_OPENS, _LATEST, _CLOSES = time(8), time(17), time(18)


@dataclass(frozen=True)
class Reminder:
    """One repetition of an invitation, and its time."""

    kind: MailKind
    at: datetime


def reminder_schedule(invited_at: datetime, days: Sequence[int]) -> list[Reminder]:
    """Return the reminders of an invitation: whole days later on the calendar, in working hours."""
    return [
        Reminder(kind, _within_working_hours(invited_at, day))
        for kind, day in zip(REMINDERS, days, strict=False)
    ]


def first_reminder(invited_at: datetime, days: Sequence[int]) -> datetime | None:
    """Return when an invitation is repeated for the first time; None where it never is."""
    return next((reminder.at for reminder in reminder_schedule(invited_at, days)), None)


def find_due_reminder(
    invited_at: datetime, days: Sequence[int], waiting_for: datetime, now: datetime
) -> tuple[Reminder | None, datetime | None]:
    """Return the reminder to send now, and the time of the one to wait for next.

    After an outage only the newest of those that were missed is sent, and the next one is left out where
    it would follow on its heels: nearer than half the time that lies between the two.
    """
    planned = reminder_schedule(invited_at, days)
    missed = [reminder for reminder in planned if waiting_for <= reminder.at <= now]
    due = missed[-1] if missed else None
    coming = (reminder.at for reminder in planned if reminder.at > now)
    return due, next((at for at in coming if due is None or at - now >= (at - due.at) / 2), None)


def is_working_hour(now: datetime) -> bool:
    """Tell whether reminders may leave at this moment."""
    return _OPENS <= now.astimezone(BRUSSELS).time() < _CLOSES


def next_working_hour(now: datetime) -> datetime:
    """Return this moment within working hours, else the next opening."""
    if is_working_hour(now):
        return now
    local = now.astimezone(BRUSSELS)
    day = local.date() + timedelta(days=local.time() >= _CLOSES)
    return datetime.combine(day, _OPENS, BRUSSELS).astimezone(UTC)


def latest_invitation(days: int, now: datetime) -> datetime:
    """Return the latest invitation whose reminder after so many days is due now: the schedule backwards."""
    local = now.astimezone(BRUSSELS)
    day = local.date() - timedelta(days=days + (local.time() < _OPENS))
    hour = local.time() if _OPENS <= local.time() < _LATEST else time.max
    return datetime.combine(day, hour, BRUSSELS).astimezone(UTC)


def _within_working_hours(invited_at: datetime, days: int) -> datetime:
    local = invited_at.astimezone(BRUSSELS)
    hour = min(max(local.time(), _OPENS), _LATEST)
    return datetime.combine(local.date() + timedelta(days=days), hour, BRUSSELS).astimezone(UTC)

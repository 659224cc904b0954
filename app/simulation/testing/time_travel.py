"""Time that goes by for one request alone: whatever falls due on the way happens on the way."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update

from app.db import UtcDateTime
from app.domain.history import MailKind
from app.domain.reminder_schedule import (
    REMINDERS,
    Reminder,
    find_due_reminder,
    latest_invitation,
    reminder_schedule,
)
from app.domain.states import ATTEMPT_TIME, OPEN
from app.models import Activation, Attempt, Consent, Event, OutboxMessage
from app.queries.activation_view import HANDOFF_TIME
from app.simulation.testing.activation_records import ActivationRecord, ActivationRecordReader
from app.simulation.testing.sandbox_offices import NotPossibleNow


class Milestone(StrEnum):
    """What can be waited for."""

    NEXT_REMINDER = "next_reminder"
    LINK_END = "link_end"
    HANDOFF_END = "handoff_end"
    BANK_TIMEOUT = "bank_timeout"
    NEXT_MAIL = "next_mail"
    LOCK_END = "lock_end"
    ROOM_TO_SEND = "room_to_send"
    ROOM_FOR_MESSAGE = "room_for_message"


#: Time that goes by stops at these, so that what is due then is done then. Nothing is done where a cap ends.
STOPS = frozenset(Milestone) - {Milestone.LOCK_END, Milestone.ROOM_TO_SEND, Milestone.ROOM_FOR_MESSAGE}

#: The bank counts from the moment when it answered, which we learn a little later; and strictly.
_A_LITTLE = timedelta(seconds=1)


def milestones(record: ActivationRecord) -> Mapping[Milestone, datetime]:
    """Return what the request waits for, the soonest first."""
    times = {
        Milestone.NEXT_REMINDER: record.columns.next_reminder_at if _is_answerable(record) else None,
        Milestone.LINK_END: record.columns.expires_at if record.columns.state in OPEN else None,
        Milestone.LOCK_END: record.card_page_opens_at,
        Milestone.ROOM_TO_SEND: record.room_to_send_from,
        Milestone.ROOM_FOR_MESSAGE: record.room_for_message_from,
        Milestone.NEXT_MAIL: min((mail.due_at for mail in record.waiting_mails), default=None),
        **_bank_milestones(record),
    }
    return dict(sorted(((name, at) for name, at in times.items() if at), key=lambda pair: pair[1]))


def _is_answerable(record: ActivationRecord) -> bool:
    return record.columns.state in OPEN and record.columns.refused_at is None


def _bank_milestones(record: ActivationRecord) -> Mapping[Milestone, datetime | None]:
    attempt = next((pair for pair in record.attempts if pair.concluded_at is None), None)
    if attempt is None:
        return {}
    waits = attempt.challenged_at is not None and attempt.returned_at is None
    return {
        Milestone.HANDOFF_END: attempt.challenged_at + HANDOFF_TIME + _A_LITTLE if waits else None,
        Milestone.BANK_TIMEOUT: attempt.started_at + ATTEMPT_TIME,
    }


Work = Callable[[], None]

LONGEST = timedelta(days=400)
_MOST_STOPS = 60

#: In the order in which the outbox takes them, then the other use cases: nobody waits for each other.
_ROWS = (OutboxMessage, Activation, Attempt, Consent, Event)
#: A lease belongs to the worker that holds it, whose time does not move; what is computed follows by itself.
_OTHERS = frozenset({"leased_until", "label_since"})


class TimeTravel(ActivationRecordReader):
    """All instants of a request are shifted back at once; those at the bank likewise."""

    def age_activation(self, public_id: str, by: timedelta, work: Work) -> None:
        """Let time go by, with the jobs of each moment on the way; raise UnknownSandboxItem, BankFault."""
        for _ in range(_MOST_STOPS):
            record = self.read_record(public_id)
            stops = (
                wait
                for milestone, wait in self._time_to_milestones(record).items()
                if milestone in STOPS and wait
            )
            step = min(by, *stops, LONGEST)
            self._shift_activation(record, step)
            work()
            by -= step
            if by <= timedelta(0):
                return

    def age_until(self, public_id: str, milestone: Milestone, work: Work) -> None:
        """Let time go by until a moment; raise NotPossibleNow where the request does not wait for it."""
        by = self._time_to_milestones(self.read_record(public_id)).get(milestone)
        if by is None:
            raise NotPossibleNow("nothing_to_wait_for", "The request does not wait for this moment.")
        self.age_activation(public_id, by, work)

    def make_checks_due(self) -> None:
        """Let the bank be asked at once about everything that waits for it, not at the next turn."""
        now = self.clock()
        own_activations = select(Activation.id).where(Activation.office_id == self.office_id)
        asking = update(Attempt).where(
            Attempt.activation_id.in_(own_activations), Attempt.next_check_at > now
        )
        in_app = update(Activation).where(Activation.office_id == self.office_id)
        # One after the other, so that nobody waits here for a request and there for its attempt.
        for hastened in (
            asking.values(next_check_at=now),
            in_app.where(Activation.bank_check_at > now).values(bank_check_at=now),
        ):
            with self.database.write_connection() as connection:
                connection.execute(hastened)

    def is_mail_in_delivery(self) -> bool:
        """Tell whether a worker is just delivering a mail about one of the office's requests."""
        own_activations = select(Activation.id).where(Activation.office_id == self.office_id)
        held = select(OutboxMessage.id).where(
            OutboxMessage.activation_id.in_(own_activations), OutboxMessage.leased_until > self.clock()
        )
        with self.database.read_connection() as connection:
            return connection.execute(held.limit(1)).first() is not None

    def _time_to_milestones(self, record: ActivationRecord) -> dict[Milestone, timedelta]:
        """Return by how much the request must age until each moment; what is due is waited for no longer.

        A reminder is planned by the day on which it was asked for, and keeps to that day's hours: what
        counts is not how far off it is, but how old the invitation must be for it to be due at this hour.
        """
        now, waits = self.clock(), dict(milestones(record))
        if Milestone.NEXT_REMINDER in waits and (awaited := self._next_reminder(record.columns)):
            invited_by = latest_invitation(self._reminder_days(awaited.kind), now)
            waits[Milestone.NEXT_REMINDER] = now + (record.columns.invited_at - invited_by)
        return {milestone: max(at - now, timedelta(0)) for milestone, at in waits.items()}

    def _reminder_days(self, kind: MailKind) -> int:
        return self.services.context.policy.reminder_days[REMINDERS.index(kind)]

    def _next_reminder(self, columns: Any) -> Reminder | None:
        """Return the reminder that the request waits for."""
        at: datetime | None = columns.next_reminder_at
        return (
            find_due_reminder(columns.invited_at, self.services.context.policy.reminder_days, at, at)[0]
            if at
            else None
        )

    def _shift_activation(self, record: ActivationRecord, by: timedelta) -> None:
        columns = record.columns
        transactions = [attempt.transaction for attempt in record.attempts]
        self.bank.age_transactions(transactions, columns.office, columns.client_reference, by)
        with self.database.write_connection() as connection:
            for row in _ROWS:
                _shift_rows(connection, row.__table__, columns.id, by)
            replanned = {"next_reminder_at": self._shifted_reminder_at(columns, by)}
            connection.execute(
                update(Activation)
                .where(Activation.id == columns.id, Activation.next_reminder_at.is_not(None))
                .values(replanned)
            )

    def _shifted_reminder_at(self, columns: Any, by: timedelta) -> datetime | None:
        """Return when the reminder that is waited for comes, once the invitation is so much older."""
        at: datetime | None = columns.next_reminder_at
        awaited = self._next_reminder(columns)
        if awaited is None:
            return at and at - by
        planned = reminder_schedule(columns.invited_at - by, self.services.context.policy.reminder_days)
        return planned[REMINDERS.index(awaited.kind)].at


def _shift_rows(connection: Connection, table: Any, activation_id: int, by: timedelta) -> None:
    """Shift the rows of one request; whoever is writing one of them is waited for."""
    key = table.c.id if table.name == Activation.__tablename__ else table.c.activation_id
    instants = [c for c in table.c if isinstance(c.type, UtcDateTime) and c.name not in _OTHERS]
    held = select(table.c.id, *instants).where(key == activation_id).order_by(table.c.id).with_for_update()
    for id_, *ats in connection.execute(held).all():
        older = {column.name: at - by for column, at in zip(instants, ats, strict=True) if at}
        connection.execute(update(table).where(table.c.id == id_).values(older))

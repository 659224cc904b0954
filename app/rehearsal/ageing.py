"""Time that goes by for one request alone: whatever falls due on the way happens on the way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from app.db import Instant
from app.domain.reminders import due_reminder, schedule
from app.models import Activation, Attempt, Consent, Event, OutboxMessage
from app.rehearsal.ground import Impossible
from app.rehearsal.moments import STOPS, Moment, moments
from app.rehearsal.records import Record, Records

Work = Callable[[], None]

LONGEST = timedelta(days=400)
_MOST_STOPS = 60
_MOST_APPROACHES = 3

#: In the order in which the outbox takes them, then the other use cases: nobody waits for each other.
_ROWS = (OutboxMessage, Activation, Attempt, Consent, Event)
#: A lease belongs to the worker that holds it, whose time does not move.
_OTHERS = frozenset({"leased_until"})


class Ageing(Records):
    """All instants of a request are shifted back at once; those at the bank likewise."""

    def age(self, public_id: str, by: timedelta, work: Work) -> None:
        """Let time go by, and work at each moment that the request waits for; raise Unknown, BankFault."""
        for _ in range(_MOST_STOPS):
            step = min(by, *self._next_stops(public_id), LONGEST)
            self._shift(self.record(public_id), step)
            work()
            by -= step
            if by <= timedelta(0):
                return

    def age_to(self, public_id: str, moment: Moment, work: Work) -> None:
        """Let time go by until a moment; raise Impossible where the request does not wait for it."""
        record = self.record(public_id)
        at = moments(record).get(moment)
        if at is None:
            raise Impossible("nothing_to_wait_for", "The request does not wait for this moment.")
        by = max(at - self.clock(), timedelta(0))
        if moment is Moment.NEXT_REMINDER:
            by += self._until_its_hour(record, by)
        self.age(public_id, by, work)

    def hasten(self) -> None:
        """Let the bank be asked at once about everything that waits for it, not at the next turn."""
        now = self.clock()
        own = select(Activation.id).where(Activation.office_id == self.office_id)
        asking = update(Attempt).where(Attempt.activation_id.in_(own), Attempt.next_check_at > now)
        in_app = update(Activation).where(Activation.office_id == self.office_id)
        # One after the other, so that nobody waits here for a request and there for its attempt.
        for hastened in (
            asking.values(next_check_at=now),
            in_app.where(Activation.bank_check_at > now).values(bank_check_at=now),
        ):
            with self.database.statements() as connection:
                connection.execute(hastened)

    def is_in_hand(self) -> bool:
        """Tell whether a worker is just delivering a mail about one of the office's requests."""
        own = select(Activation.id).where(Activation.office_id == self.office_id)
        held = select(OutboxMessage.id).where(
            OutboxMessage.activation_id.in_(own), OutboxMessage.leased_until > self.clock()
        )
        with self.database.connection() as connection:
            return connection.execute(held.limit(1)).first() is not None

    def _next_stops(self, public_id: str) -> list[timedelta]:
        now, waits = self.clock(), moments(self.record(public_id))
        return [at - now for name, at in waits.items() if name in STOPS and at > now]

    def _until_its_hour(self, record: Record, by: timedelta) -> timedelta:
        """Return how much longer a reminder takes: it keeps to the hours of the day that it then is."""
        more = timedelta(0)
        for _ in range(_MOST_APPROACHES):
            planned = self._replanned(record.facts, by + more)
            more += max(planned - self.clock(), timedelta(0)) if planned else timedelta(0)
        return more

    def _shift(self, record: Record, by: timedelta) -> None:
        facts = record.facts
        transactions = [attempt.transaction for attempt in record.attempts]
        self.bank.age(transactions, facts.client_reference, by)
        with self.database.statements() as connection:
            for row in _ROWS:
                _shift_rows(connection, row.__table__, facts.id, by)
            replanned = {"next_reminder_at": self._replanned(facts, by)}
            connection.execute(
                update(Activation)
                .where(Activation.id == facts.id, Activation.next_reminder_at.is_not(None))
                .values(replanned)
            )

    def _replanned(self, facts: Any, by: timedelta) -> datetime | None:
        """Return when the reminder that is waited for comes, once the invitation is so much older."""
        at: datetime | None = facts.next_reminder_at
        days = self.activations.reminder_days
        waiting = due_reminder(facts.invited_at, days, at, at)[0] if at else None
        if waiting is None:
            return at and at - by
        planned = schedule(facts.invited_at - by, days)
        return next(reminder.at for reminder in planned if reminder.kind is waiting.kind)


def _shift_rows(connection: Connection, table: Any, activation_id: int, by: timedelta) -> None:
    """Shift the rows of one request; whoever is writing one of them is waited for."""
    key = table.c.id if table.name == Activation.__tablename__ else table.c.activation_id
    instants = [c for c in table.c if isinstance(c.type, Instant) and c.name not in _OTHERS]
    held = select(table.c.id, *instants).where(key == activation_id).order_by(table.c.id).with_for_update()
    for id_, *ats in connection.execute(held).all():
        older = {column.name: at - by for column, at in zip(instants, ats, strict=True) if at}
        connection.execute(update(table).where(table.c.id == id_).values(older))

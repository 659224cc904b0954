"""Repeating an invitation that stays unanswered."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update

from app.context import Context
from app.db import UtcDateTime
from app.domain.reminder_schedule import find_due_reminder, is_working_hour
from app.mail.outbox import enqueue_mail_once
from app.models import Activation
from app.models.activation import TO_REMIND, UNANSWERED

_BATCH = 100

_DUE: Select[*tuple[Any, ...]] = (
    select(Activation.id, Activation.round, Activation.invited_at, Activation.next_reminder_at)
    .where(
        *TO_REMIND,
        # The end is looked at when the turn is taken: SQLite would go by that index, through all others.
        Activation.next_reminder_at <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(Activation.next_reminder_at)
    .limit(_BATCH)
)


class ReminderService(Context):
    """Queueing reminders; the outbox delivers them."""

    def queue_due_reminders(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Queue every reminder whose time has come, in working hours; return how many."""
        now = self.clock()
        if not (self.any_hour or is_working_hour(now)):
            return 0
        with self.database.read_connection() as connection:
            due = connection.execute(_DUE.where(*self._own(Activation.id)), {"now": now}).all()
        return sum(self._queue_reminder(row, now) for row in due if goes_on())

    def _queue_reminder(self, row: Row[*tuple[Any, ...]], now: datetime) -> bool:
        """Take one turn, unless another worker or an answer has been quicker."""
        id_, round_, invited_at, waiting_for = row
        reminder, coming = find_due_reminder(invited_at, self.reminder_days, waiting_for, now)
        with self.database.transaction() as session:
            taken = session.execute(
                update(Activation)
                .where(
                    Activation.id == id_,
                    Activation.round == round_,
                    Activation.state.in_(UNANSWERED),
                    Activation.next_reminder_at == waiting_for,
                    Activation.expires_at > now,
                )
                .values(next_reminder_at=coming)
                .returning(Activation.id)
            ).one_or_none()
            if taken is None or reminder is None:
                return False
            # Where the settings have got other days, a reminder's turn can come a second time.
            enqueue_mail_once(session, reminder.kind, id_, round_, now)
        return True

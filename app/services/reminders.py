"""Repeating an invitation that stays unanswered."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from app.context import Context
from app.db import bind_moment
from app.domain.reminder_schedule import find_due_reminder, is_working_hour
from app.models import Activation
from app.models.activation import TO_REMIND, UNANSWERED
from app.services.unit_of_work import unit_of_work

_BATCH = 100

_DUE: Select[*tuple[Any, ...]] = (
    select(Activation.id, Activation.round, Activation.invited_at, Activation.next_reminder_at)
    .where(
        *TO_REMIND,
        # The end is looked at when the turn is taken: SQLite would go by that index, through all others.
        Activation.next_reminder_at <= bind_moment("now"),
    )
    .order_by(Activation.next_reminder_at)
    .limit(_BATCH)
)


@dataclass(frozen=True)
class ReminderService:
    """Queueing reminders; the outbox delivers them."""

    context: Context

    def queue_due_reminders(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Queue every reminder whose time has come, in working hours; return how many."""
        context = self.context
        now = context.clock()
        if not (context.policy.any_hour or is_working_hour(now)):
            return 0
        due = _DUE.where(*context.office_condition(Activation.id))
        with context.database.read_connection() as connection:
            rows = connection.execute(due, {"now": now}).all()
        return sum(self._queue_reminder(row, now) for row in rows if goes_on())

    def _queue_reminder(self, due: Row[*tuple[Any, ...]], now: datetime) -> bool:
        """Take one turn, unless another worker or an answer has been quicker."""
        reminder, next_at = find_due_reminder(
            due.invited_at, self.context.policy.reminder_days, due.next_reminder_at, now
        )
        with unit_of_work(self.context) as work:
            claimed = work.session.execute(
                update(Activation)
                .where(
                    Activation.id == due.id,
                    Activation.round == due.round,
                    Activation.state.in_(UNANSWERED),
                    Activation.invited_at == due.invited_at,
                    Activation.next_reminder_at == due.next_reminder_at,
                    Activation.expires_at > now,
                )
                .values(next_reminder_at=next_at)
                .returning(Activation.id)
            ).one_or_none()
            if claimed is None or reminder is None:
                return False
            # Where the settings have got other days, a reminder's turn can come a second time.
            work.queue_mail_once(reminder.kind, due.id, due.round)
            return True

"""The reminder that an activation waits for, by the rule by which the worker sends it."""

from app.context import Context
from app.db import TypedRow
from app.domain.reminder_schedule import Reminder, find_due_reminder
from app.models import Activation
from app.models.activation import UNANSWERED


def read_next_reminder(context: Context, row: TypedRow) -> Reminder | None:
    """Return the next reminder; whoever is at the bank, has refused, or is out of time gets none."""
    at = row[Activation.next_reminder_at]
    if at is None or row[Activation.state] not in UNANSWERED or row[Activation.refused_at]:
        return None
    if context.clock() >= row[Activation.expires_at]:
        return None
    return find_due_reminder(row[Activation.invited_at], context.policy.reminder_days, at, at)[0]

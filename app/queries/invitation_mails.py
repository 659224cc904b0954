"""The invitations and reminders that were queued for an activation, in the columns that the caps count."""

from sqlalchemy import select

from app.domain.banks import INVITATION_KINDS
from app.domain.reminder_schedule import REMINDERS
from app.models import OutboxMessage

INVITATION_MAILS = select(
    OutboxMessage.activation_id,
    OutboxMessage.kind,
    OutboxMessage.round,
    OutboxMessage.created_at,
    OutboxMessage.sent_at,
    OutboxMessage.dead_at,
).where(OutboxMessage.kind.in_(sorted({*INVITATION_KINDS, *REMINDERS})))

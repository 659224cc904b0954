"""The invitations and reminders that were queued for an activation, in the columns that the caps count."""

from sqlalchemy import bindparam, select

from app.domain.banks import INVITATION_KINDS
from app.domain.reminder_schedule import REMINDERS
from app.models import Activation, OutboxMessage

INVITATION_MAILS = select(
    OutboxMessage.activation_id,
    OutboxMessage.kind,
    OutboxMessage.round,
    OutboxMessage.created_at,
    OutboxMessage.sent_at,
    OutboxMessage.dead_at,
).where(OutboxMessage.kind.in_(sorted({*INVITATION_KINDS, *REMINDERS})))
#: Of all requests of one dossier.
DOSSIER_INVITATIONS = INVITATION_MAILS.join(Activation, Activation.id == OutboxMessage.activation_id).where(
    Activation.dossier_id == bindparam("dossier")
)

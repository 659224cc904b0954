"""Mails in bulk: rows written directly, as so many orders would have left them."""

from datetime import datetime, timedelta

from sqlalchemy import func, insert, select

from app.db import Database
from app.domain.history import MailKind
from app.domain.states import ActivationState
from app.models import Activation, OutboxMessage
from tests.bench.visitor_load import invite, public_id

_LINK_LIFE = timedelta(days=56)
_WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None))


def queue_invitations(database: Database, numbers: range, now: datetime) -> None:
    """Invite these cardholders, in a database without any: all mails due now, to addresses of their own."""
    invite(database, ActivationState.INVITED, numbers, now, now + _LINK_LIFE)
    mail = {"kind": MailKind.INVITATION, "round": 1, "created_at": now, "due_at": now}
    with database.transaction() as session:
        ids = session.execute(select(Activation.id).order_by(Activation.id)).scalars()
        session.execute(insert(OutboxMessage), [{"activation_id": id_, **mail} for id_ in ids])


def message_ids(numbers: range) -> list[str]:
    """Return the Message-IDs of these invitations, in order."""
    return [f"<{MailKind.INVITATION}.1.{public_id(number)}@example.be>" for number in numbers]


def waiting(database: Database) -> int:
    """Count the mails that have not ended yet."""
    with database.read_connection() as connection:
        return connection.execute(
            select(func.count()).select_from(OutboxMessage).where(*_WAITING)
        ).scalar_one()

"""The transactional outbox: a mail joins the change that causes it and leaves on its own later."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.history import MailKind
from app.models import OutboxMessage


def enqueue(session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime) -> None:
    """Add a mail to the transaction at hand: kind and subject only, no address, no text, no link."""
    session.add(
        OutboxMessage(activation_id=activation_id, kind=kind, round=round_, created_at=now, due_at=now)
    )

"""What every mail has, whatever it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import SQLColumnExpression

from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, MailRule
from app.models import OutboxMessage


@dataclass(frozen=True, kw_only=True)
class QueuedMail:
    """What every mail has, whatever it is about."""

    message_id: int
    kind: MailKind
    round: int
    created_at: datetime
    tries: int
    leased_until: datetime | None
    request_id: str | None = None

    @property
    def mail_rule(self) -> MailRule:
        """What holds for mails of this kind."""
        return MAILS[self.kind]


QUEUE_COLUMNS: Mapping[str, SQLColumnExpression[Any]] = {
    "message_id": OutboxMessage.id,
    "kind": OutboxMessage.kind,
    "round": OutboxMessage.round,
    "created_at": OutboxMessage.created_at,
    "tries": OutboxMessage.tries,
    "leased_until": OutboxMessage.leased_until,
    "request_id": OutboxMessage.request_id,
}

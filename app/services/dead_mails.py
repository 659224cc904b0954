"""Mails that were given up: an operator sees them, and has them tried again once the cause is gone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from app.context import Context
from app.domain.history import MailKind
from app.logs import log
from app.models import Activation, OutboxMessage

_DEAD = (
    OutboxMessage.dead_at.is_not(None),
    OutboxMessage.dropped.is_(False),
    # What a newer version gave up is left to it.
    OutboxMessage.kind.in_(list(MailKind)),
)


@dataclass(frozen=True)
class DeadMail:
    """A mail that was given up, and whose request it was about; a link to sign in is about none."""

    id: int
    kind: MailKind
    activation: str | None
    tries: int
    dead_at: datetime


@dataclass(frozen=True)
class DeadMailService:
    """What an operator does with mails that were given up; each method is one transaction."""

    context: Context

    def list_dead_mails(self) -> list[DeadMail]:
        """List them, the last one first."""
        row = OutboxMessage
        query = (
            select(row.id, row.kind, Activation.public_id, row.tries, row.dead_at)
            .outerjoin(Activation, Activation.id == row.activation_id)
            .where(*_DEAD)
            .order_by(row.dead_at.desc(), row.id.desc())
        )
        with self.context.database.read_connection() as connection:
            return [
                DeadMail(found.id, found.kind, found.public_id, found.tries, found.dead_at)
                for found in connection.execute(query)
            ]

    def retry_dead_mails(self, ids: Collection[int] | None = None) -> int:
        """Let these, or all of them, leave as if they were new; return how many there were.

        Whether one is still wanted is seen when its turn comes, as with every mail.
        """
        now = self.context.clock()
        chosen: list[ColumnElement[bool]] = [] if ids is None else [OutboxMessage.id.in_(ids)]
        anew = {"dead_at": None, "created_at": now, "due_at": now, "tries": 0}
        again = update(OutboxMessage).where(*_DEAD, *chosen).values(anew)
        with self.context.database.write_connection() as connection:
            retried = connection.execute(again.returning(OutboxMessage.id)).scalars().all()
        log.info("mails_retried", count=len(retried))
        return len(retried)

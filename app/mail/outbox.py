"""The transactional outbox: a mail joins the change that causes it and leaves on its own later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.domain.activation import OPEN, State
from app.domain.history import Happening, MailKind
from app.mail.letters import Letter, read_letter
from app.mail.transport import MailTransport, Undeliverable
from app.models import Activation, Event, OutboxMessage

_LEASE = timedelta(minutes=5)
_BATCH = 50
#: After each failed try wait so long; the last wait repeats until the mail is three days old.
_WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
_LAST_WAIT = timedelta(hours=6)
_PATIENCE = timedelta(hours=72)

#: A mail that no longer fits the state when its turn comes is dropped unsent.
_WANTED_IN: Mapping[MailKind, frozenset[State]] = {
    MailKind.INVITATION: OPEN,
    MailKind.INSTRUCTIONS: OPEN,
    MailKind.CONFIRMATION: frozenset({State.ACTIVE}),
}
#: After this mail the cardholder's address has served its purpose.
_LAST_MAIL = MailKind.CONFIRMATION

_log = structlog.get_logger()


def enqueue(session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime) -> None:
    """Add a mail to the transaction at hand: kind and subject only, no address, no text, no link."""
    session.add(
        OutboxMessage(
            activation_id=activation_id, kind=kind, round=round_, created_at=now, due_at=now, tries=0
        )
    )


@dataclass(frozen=True)
class Outbox:
    """Deliver what is due; each mail is claimed with a lease, rendered, sent, and marked."""

    database: Database
    clock: Clock
    compose: Callable[[Letter], bytes]
    transport: MailTransport

    def deliver_due(self) -> int:
        """Send the mails whose time has come; return how many were taken up."""
        now = self.clock()
        free = or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now)
        with self.database.connection() as connection:
            due = connection.execute(
                select(OutboxMessage.id)
                .where(
                    OutboxMessage.sent_at.is_(None),
                    OutboxMessage.dead_at.is_(None),
                    OutboxMessage.due_at <= now,
                    free,
                )
                .order_by(OutboxMessage.due_at, OutboxMessage.id)
                .limit(_BATCH)
            ).scalars()
            waiting = list(due)
        return sum(self._deliver(message_id) for message_id in waiting if self._claim(message_id))

    def _claim(self, message_id: int) -> bool:
        now = self.clock()
        with self.database.transaction() as session:
            claimed = session.execute(
                update(OutboxMessage)
                .where(
                    OutboxMessage.id == message_id,
                    OutboxMessage.sent_at.is_(None),
                    OutboxMessage.dead_at.is_(None),
                    or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= now),
                )
                .values(leased_until=now + _LEASE)
                .returning(OutboxMessage.id)
            ).one_or_none()
        return claimed is not None

    def _deliver(self, message_id: int) -> int:
        with self.database.connection() as connection:
            letter = read_letter(connection, message_id)
        if letter.address is None or letter.state not in _WANTED_IN[letter.kind] or letter.is_stale:
            self._end(letter, dead=True)
            return 1
        try:
            self.transport.send(letter.address, self.compose(letter))
        except Undeliverable:
            self._postpone(letter)
        except Exception as error:  # one mail that cannot be written must not keep back the others
            _log.error("mail_not_written", message=letter.message_id, error=type(error).__name__)
            self._postpone(letter)
        else:
            self._end(letter, dead=False)
        return 1

    def _postpone(self, letter: Letter) -> None:
        now = self.clock()
        if now - letter.created_at >= _PATIENCE:
            self._end(letter, dead=True)
            return
        wait = _WAITS[letter.tries] if letter.tries < len(_WAITS) else _LAST_WAIT
        with self.database.transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == letter.message_id)
                .values(tries=letter.tries + 1, due_at=now + wait, leased_until=None)
            )
        _log.warning("mail_postponed", message=letter.message_id, kind=letter.kind, tries=letter.tries + 1)

    def _mark(self, session: Session, letter: Letter, ending: dict[str, datetime]) -> bool:
        """End a mail once; False where another worker already has, after this one's lease ran out."""
        ended = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == letter.message_id,
                OutboxMessage.sent_at.is_(None),
                OutboxMessage.dead_at.is_(None),
            )
            .values(leased_until=None, **ending)
            .returning(OutboxMessage.id)
        )
        return ended.one_or_none() is not None

    def _end(self, letter: Letter, *, dead: bool) -> None:
        """Mark the mail; with the last one the address goes, in the same transaction."""
        now = self.clock()
        erased = letter.kind is _LAST_MAIL and letter.address is not None
        with self.database.transaction() as session:
            if not self._mark(session, letter, {"dead_at" if dead else "sent_at": now}):
                return
            happening = Happening.MAIL_DEAD if dead else Happening.MAIL_SENT
            session.add(_line(letter, happening, now, letter.kind))
            if erased:
                session.execute(
                    update(Activation).where(Activation.id == letter.activation_id).values(address=None)
                )
                session.add(_line(letter, Happening.ADDRESS_ERASED, now))
        if erased:
            self.database.checkpoint()


def _line(letter: Letter, happening: Happening, now: datetime, detail: str | None = None) -> Event:
    return Event(
        activation_id=letter.activation_id, at=now, actor="worker", happening=happening, detail=detail
    )

"""The transactional outbox: a mail joins the change that causes it and leaves on its own later."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.clock import Clock, Stopwatch, start_time_limit
from app.db import Database
from app.domain.history import EventType
from app.domain.mails import next_delivery_at
from app.domain.reminders import next_working_hour
from app.mail.claims import WAITING, claiming
from app.mail.letters import AnyLetter, Letter
from app.mail.queue import enqueue_once
from app.mail.reading import read_letter
from app.mail.transport import MailTransport, RefusedForGood, Undeliverable
from app.models import Activation, Event, OutboxMessage

#: Longer than any delivery takes; a mail whose worker died is taken up again after it.
LEASE = timedelta(minutes=5)
_log = structlog.get_logger()


@dataclass(frozen=True)
class Outbox:
    """Deliver what is due; each mail is claimed with a lease, rendered, sent, and marked."""

    database: Database
    clock: Clock
    stopwatch: Stopwatch
    compose: Callable[[AnyLetter], bytes]
    transport: MailTransport
    office_id: int | None = None
    any_hour: bool = False

    def within(self, office_id: int) -> Self:
        """Return the same outbox for the mails of one office alone."""
        return replace(self, office_id=office_id)

    def deliver_due(self, goes_on: Callable[[], bool] = lambda: True) -> int:
        """Send the mails whose time has come, one after the other; return how many were taken up.

        The mail in hand is finished before a stop. Past the time limit the rest stays due, so that a slow
        relay does not keep the worker's other jobs waiting.
        """
        has_time, taken, erasing = start_time_limit(self.stopwatch), 0, False
        try:
            while goes_on() and (not taken or has_time()):
                letter = self._claim()
                if letter is None:
                    break
                taken, erasing = taken + 1, erasing or letter.rule.last
                self._deliver(letter)
        finally:
            self.transport.close()
            if erasing:
                self.database.checkpoint()
        return taken

    def _claim(self) -> AnyLetter | None:
        """Take the next mail for the time of a lease; no other worker sees it until then."""
        now = self.clock()
        with self.database.transaction() as session:
            claim = claiming(self.office_id)
            claimed = session.execute(claim, {"now": now, "lease": now + LEASE}).one_or_none()
            return None if claimed is None else read_letter(session, claimed.id, claimed.kind)

    def _deliver(self, letter: AnyLetter) -> None:
        opens_at = self._opening(letter)
        if not letter.is_wanted(self.clock()) or letter.address is None:
            self._end(letter, EventType.MAIL_DROPPED)
        elif opens_at is not None:
            self._put_off(letter, opens_at, tries=letter.tries)
        else:
            self._send(letter, letter.address)

    def _send(self, letter: AnyLetter, address: str) -> None:
        try:
            self.transport.send(address, self.compose(letter))
        except RefusedForGood:
            self._end(letter, EventType.MAIL_DEAD)
        except Undeliverable:
            self._retry(letter)
        except Exception as error:  # one mail that cannot be written must not keep back the others
            _log.error("mail_not_written", message=letter.message_id, error=type(error).__name__)
            self._retry(letter)
        else:
            self._end(letter, EventType.MAIL_SENT)

    def _opening(self, letter: AnyLetter) -> datetime | None:
        """Return when a mail for working hours may leave, None where that is now."""
        now = self.clock()
        waits = letter.rule.in_working_hours and not self.any_hour
        opens_at = next_working_hour(now) if waits else now
        return opens_at if opens_at > now else None

    def _retry(self, letter: AnyLetter) -> None:
        now = self.clock()
        again_at = next_delivery_at(letter.created_at, letter.tries, now)
        if again_at is None:
            self._end(letter, EventType.MAIL_DEAD)
        else:
            self._put_off(letter, again_at, tries=letter.tries + 1)

    def _put_off(self, letter: AnyLetter, until: datetime, *, tries: int) -> None:
        """Give the mail back until later, unless the lease ran out and another worker has it."""
        with self.database.transaction() as session:
            session.execute(
                update(OutboxMessage)
                .where(
                    OutboxMessage.id == letter.message_id, OutboxMessage.leased_until == letter.leased_until
                )
                .values(tries=tries, due_at=until, leased_until=None)
            )
        _log.warning("mail_put_off", message=letter.message_id, kind=letter.kind, tries=tries)

    def _end(self, letter: AnyLetter, happening: EventType) -> None:
        """End a mail once, and do in the same transaction what follows from that."""
        now = self.clock()
        ended = "sent_at" if happening is EventType.MAIL_SENT else "dead_at"
        with self.database.transaction() as session:
            if not self._mark(session, letter, {ended: now}):
                return
            if happening is EventType.MAIL_DEAD:
                self._tell_of_loss(session, letter, now)
            self._note(session, letter, happening, letter.kind)
            if letter.rule.last:
                self._erase(session, letter)

    def _tell_of_loss(self, session: Session, letter: AnyLetter, now: datetime) -> None:
        """Queue the notice once; workers that lose two mails of one request wait here for each other."""
        if letter.rule.when_lost and isinstance(letter, Letter):
            session.execute(
                select(Activation.id).where(Activation.id == letter.activation_id).with_for_update()
            )
            enqueue_once(session, letter.rule.when_lost, letter.activation_id, letter.current_round, now)

    def _mark(self, session: Session, letter: AnyLetter, ending: dict[str, datetime]) -> bool:
        """End a mail; False where another worker already has, after this one's lease ran out."""
        ended = session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == letter.message_id, *WAITING)
            .values(leased_until=None, **ending)
            .returning(OutboxMessage.id)
        )
        return ended.one_or_none() is not None

    def _erase(self, session: Session, letter: AnyLetter) -> None:
        """Forget the cardholder's address: it has served its purpose."""
        erased = session.execute(
            update(Activation)
            .where(Activation.id == letter.activation_id, Activation.address.is_not(None))
            .values(address=None)
            .returning(Activation.id)
        )
        if erased.one_or_none() is not None:
            self._note(session, letter, EventType.ADDRESS_ERASED)

    def _note(
        self, session: Session, letter: AnyLetter, happening: EventType, detail: str | None = None
    ) -> None:
        if letter.activation_id is not None:
            line = {"activation_id": letter.activation_id, "actor": "worker", "detail": detail}
            session.execute(insert(Event), {**line, "at": self.clock(), "happening": happening})
        _log.info(happening, activation=letter.activation_id, detail=detail)

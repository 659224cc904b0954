"""The outbox: queue a mail, claim it with a lease, deliver it, mark what became of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.clock import Clock, Stopwatch, start_time_limit
from app.db import Database, bind_moment
from app.domain.history import WORKER, EventType, MailKind
from app.domain.mail_rules import MAILS, next_delivery_at
from app.domain.news_rules import NEWS_MAILS, WANTED_MAILS
from app.domain.reminder_schedule import next_working_hour
from app.logs import current_request_id, log, traced_to
from app.mail.digest import IS_CONCERNED
from app.mail.mail_context import AnyMailContext, MailContext, read_mail_context
from app.mail.transports import DeliveryFailed, DeliveryRefused, MailTransport
from app.models import Accountant, Activation, ColleagueInvitation, Office, OutboxMessage, SignInLink
from app.models.event import record_event
from app.models.personal_data import erase_personal_data

#: Longer than any delivery takes; a mail whose worker died is taken up again after it.
LEASE = timedelta(minutes=5)

_NOW = bind_moment("now")
#: What has neither been sent nor given up.
WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None))


def _claim_statement(*conditions: ColumnElement[bool]) -> ReturningUpdate[int, MailKind]:
    """Return the statement that takes the next mail that is due."""
    next_due = (
        select(OutboxMessage.id)
        .where(
            *WAITING,
            *conditions,
            # What a newer version queues beside this one is left to it, and keeps back no other mail.
            OutboxMessage.kind.in_(list(MailKind)),
            OutboxMessage.due_at <= _NOW,
            or_(OutboxMessage.leased_until.is_(None), OutboxMessage.leased_until <= _NOW),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        # Several workers pass each other on PostgreSQL; SQLite has one writer at a time and ignores it.
        .with_for_update(skip_locked=True)
    )
    claimed = update(OutboxMessage).where(OutboxMessage.id == next_due.scalar_subquery())
    leased = claimed.values(leased_until=bind_moment("lease"))
    return leased.returning(OutboxMessage.id, OutboxMessage.kind)


def _within_office(office_id: int) -> ColumnElement[bool]:
    requests = select(Activation.id).where(Activation.office_id == office_id)
    links = select(SignInLink.id).join(Accountant).where(Accountant.office_id == office_id)
    invitations = select(ColleagueInvitation.id).where(ColleagueInvitation.office_id == office_id)
    return or_(
        OutboxMessage.activation_id.in_(requests),
        OutboxMessage.sign_in_link_id.in_(links),
        OutboxMessage.invitation_id.in_(invitations),
        OutboxMessage.recipient_id.in_(select(Accountant.id).where(Accountant.office_id == office_id)),
    )


_CLAIM = _claim_statement()


def claim_statement(office_id: int | None) -> ReturningUpdate[int, MailKind]:
    """Return the statement that takes the next mail that is due, for the time of a lease."""
    return _CLAIM if office_id is None else _claim_statement(_within_office(office_id))


def enqueue_mail(
    session: Session | Connection, kind: MailKind, activation_id: int, round_: int, now: datetime
) -> None:
    """Add a mail to the transaction at hand: kind and subject only, no address, no text, no link.

    News goes to each who wants it.
    """
    subject = {"activation_id": activation_id, "kind": kind, "round": round_}
    mail = {**subject, "created_at": now, "due_at": now + MAILS[kind].wait, "tries": 0}
    if kind in NEWS_MAILS:
        connection = session.connection() if isinstance(session, Session) else session
        connection.execute(_NEWS_MAILS[kind], mail)
    else:
        session.execute(_NEW_MAIL, mail)


def requeue_waiting_mail(
    session: Session, kind: MailKind, activation_id: int, round_: int, now: datetime
) -> bool:
    """Let the mail of this kind that still waits be this round's; False where none does, or it is leaving."""
    row = OutboxMessage
    waiting = (
        select(row.id)
        .where(row.activation_id == activation_id, row.kind == kind, *WAITING)
        .where(or_(row.leased_until.is_(None), row.leased_until <= now))
        .order_by(row.id.desc())
        .limit(1)
        # A worker that takes it now wins: what it sends is out of date, and a new mail is queued.
        .with_for_update(skip_locked=True)
    )
    requeued = update(row).where(row.id == waiting.scalar_subquery())
    fresh = requeued.values(
        round=round_,
        created_at=now,
        due_at=now + MAILS[kind].wait,
        tries=0,
        request_id=current_request_id(),
    )
    return session.execute(fresh.returning(row.id)).one_or_none() is not None


def enqueue_sign_in_mail(connection: Connection, link: str, now: datetime) -> None:
    """Add the mail that lets an accountant in to the transaction at hand; no link, no mail."""
    connection.execute(_SIGN_IN_MAIL, {"link": link, "now": now, "due_at": sign_in_mail_due_at(now)})


def enqueue_digest(
    connection: Connection, accountant_id: int, since: datetime, until: datetime, now: datetime
) -> None:
    """Add the mail that tells somebody of a time to the transaction at hand."""
    subject = {"recipient_id": accountant_id, "covers_from": since, "covers_until": until}
    mail = {"kind": MailKind.DIGEST, "round": 1, "created_at": now, "due_at": now, "tries": 0}
    connection.execute(_NEW_MAIL, {**subject, **mail})


def enqueue_new_browser_mail(connection: Connection, link_id: int, now: datetime) -> None:
    """Add the mail that tells of a sign-in with a browser that was not known."""
    subject = {"sign_in_link_id": link_id, "kind": MailKind.NEW_BROWSER, "round": 1}
    connection.execute(_NEW_MAIL, {**subject, "created_at": now, "due_at": now, "tries": 0})


def enqueue_invitation_mail(connection: Connection, invitation_id: int, now: datetime) -> None:
    """Add the mail that asks a colleague in to the transaction at hand."""
    subject = {"invitation_id": invitation_id, "kind": MailKind.COLLEAGUE_INVITED, "round": 1}
    connection.execute(_NEW_MAIL, {**subject, "created_at": now, "due_at": now, "tries": 0})


def sign_in_mail_due_at(now: datetime) -> datetime:
    """Return when a mail that lets an accountant in is due, if it is asked for now."""
    return now + MAILS[MailKind.SIGN_IN].wait


def enqueue_mail_once(
    session: Session | Connection, kind: MailKind, activation_id: int, round_: int, now: datetime
) -> None:
    """Add a mail to the transaction at hand, unless this round already has one of its kind."""
    row = OutboxMessage
    queued = exists().where(row.activation_id == activation_id, row.kind == kind, row.round == round_)
    if not session.scalar(select(queued)):
        enqueue_mail(session, kind, activation_id, round_, now)


_NEW_MAIL = insert(OutboxMessage)
_MAIL_COLUMNS = ("kind", "round", "created_at", "due_at", "tries")


def _news_statement(kind: MailKind) -> Insert:
    """Return the statement that adds a mail for each who wants news of this kind."""
    columns = OutboxMessage.__table__.columns
    wanting = [choice for choice, kinds in WANTED_MAILS.items() if kind in kinds]
    return insert(OutboxMessage).from_select(
        ["activation_id", "recipient_id", *_MAIL_COLUMNS],
        select(
            Activation.id,
            Accountant.id,
            *(bindparam(name, type_=columns[name].type) for name in _MAIL_COLUMNS),
        )
        .join(Office, Office.id == Activation.office_id)
        .join(Accountant, Accountant.office_id == Office.id)
        .where(
            Activation.id == bindparam("activation_id"),
            Accountant.disabled_at.is_(None),
            Accountant.news.in_(wanting),
            IS_CONCERNED,
        ),
    )


_NEWS_MAILS = {kind: _news_statement(kind) for kind in NEWS_MAILS}

_SIGN_IN_MAIL = insert(OutboxMessage).from_select(
    ["sign_in_link_id", "kind", "round", "created_at", "due_at", "tries"],
    select(
        SignInLink.id,
        literal(MailKind.SIGN_IN, OutboxMessage.kind.type),
        literal(1),
        bind_moment("now"),
        bind_moment("due_at"),
        literal(0),
    ).where(SignInLink.public_id == bindparam("link")),
)


_END = update(OutboxMessage).where(OutboxMessage.id == bindparam("message_id"), *WAITING)
#: By what is recorded of the end.
_MARKS = {
    event_type: _END.values({"leased_until": None, **ending}).returning(OutboxMessage.id)
    for event_type, ending in (
        (EventType.MAIL_SENT, {"sent_at": _NOW}),
        (EventType.MAIL_DEAD, {"dead_at": _NOW}),
        (EventType.MAIL_DROPPED, {"dead_at": _NOW, "dropped": True}),
    )
}


@dataclass(frozen=True)
class Outbox:
    """Deliver what is due; each mail is claimed with a lease, rendered, sent, and marked."""

    database: Database
    clock: Clock
    stopwatch: Stopwatch
    compose: Callable[[AnyMailContext], bytes]
    transport: MailTransport
    office_id: int | None = None
    any_hour: bool = False

    def for_office(self, office_id: int) -> Self:
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
                mail = self._claim_next()
                if mail is None:
                    break
                taken, erasing = taken + 1, erasing or mail.mail_rule.last
                with traced_to(mail.request_id):
                    self._deliver_mail(mail)
        finally:
            self.transport.close_connection()
            if erasing:
                self.database.truncate_wal()
        return taken

    def _claim_next(self) -> AnyMailContext | None:
        """Take the next mail for the time of a lease; no other worker sees it until then.

        One whose facts cannot be read keeps its lease, and does not keep back the others.
        """
        statement = claim_statement(self.office_id)
        while True:
            now = self.clock()
            with self.database.write_connection() as connection:
                claimed = connection.execute(statement, {"now": now, "lease": now + LEASE}).one_or_none()
                if claimed is None:
                    return None
                try:
                    return read_mail_context(connection, claimed.id, claimed.kind)
                except DBAPIError:
                    raise
                except Exception as error:
                    log.error("mail_not_read", message=claimed.id, error=type(error).__name__)

    def _deliver_mail(self, mail: AnyMailContext) -> None:
        opens_at = self._working_hours_start(mail)
        if not mail.is_still_due(self.clock()) or mail.recipient_address is None:
            self._finish_mail(mail, EventType.MAIL_DROPPED)
        elif opens_at is not None:
            self._release_until(mail, opens_at, tries=mail.tries)
        else:
            self._send_mail(mail, mail.recipient_address)

    def _send_mail(self, mail: AnyMailContext, address: str) -> None:
        try:
            self.transport.send_mail(address, self.compose(mail))
        except DeliveryRefused:
            self._finish_mail(mail, EventType.MAIL_DEAD)
        except DeliveryFailed:
            self._schedule_retry(mail)
        except Exception as error:  # one mail that cannot be written must not keep back the others
            log.error("mail_not_written", message=mail.message_id, error=type(error).__name__)
            self._schedule_retry(mail)
        else:
            self._finish_mail(mail, EventType.MAIL_SENT)

    def _working_hours_start(self, mail: AnyMailContext) -> datetime | None:
        """Return when a mail for working hours may leave, None where that is now."""
        now = self.clock()
        waits = mail.mail_rule.in_working_hours and not self.any_hour
        opens_at = next_working_hour(now) if waits else now
        return opens_at if opens_at > now else None

    def _schedule_retry(self, mail: AnyMailContext) -> None:
        now = self.clock()
        again_at = next_delivery_at(mail.created_at, mail.tries, now)
        if again_at is None:
            self._finish_mail(mail, EventType.MAIL_DEAD)
        else:
            self._release_until(mail, again_at, tries=mail.tries + 1)

    def _release_until(self, mail: AnyMailContext, until: datetime, *, tries: int) -> None:
        """Give the mail back until later, unless the lease ran out and another worker has it."""
        with self.database.write_connection() as connection:
            connection.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == mail.message_id, OutboxMessage.leased_until == mail.leased_until)
                .values(tries=tries, due_at=until, leased_until=None)
            )
        log.warning("mail_put_off", message=mail.message_id, kind=mail.kind, tries=tries)

    def _finish_mail(self, mail: AnyMailContext, event_type: EventType) -> None:
        """End a mail once, and do in the same transaction what follows from that."""
        now, mark = self.clock(), _MARKS[event_type]
        with self.database.write_connection() as connection:
            if connection.execute(mark, {"message_id": mail.message_id, "now": now}).one_or_none() is None:
                # This one's lease ran out, and another worker has ended it.
                return
            if event_type is EventType.MAIL_DEAD:
                self._queue_loss_notice(connection, mail, now)
            if mail.activation_id is None:
                log.info(event_type, activation=None, detail=mail.kind)
            else:
                record_event(connection, mail.activation_id, event_type, WORKER, now, mail.kind)
            if mail.mail_rule.last:
                # The cardholder's address has served its purpose.
                erase_personal_data(connection, WORKER, now, Activation.id == mail.activation_id)

    def _queue_loss_notice(self, connection: Connection, mail: AnyMailContext, now: datetime) -> None:
        """Queue the notice once; workers that lose two mails of one request wait here for each other."""
        if mail.mail_rule.when_lost and isinstance(mail, MailContext):
            connection.execute(
                select(Activation.id).where(Activation.id == mail.activation_id).with_for_update()
            )
            notice, round_ = mail.mail_rule.when_lost, mail.current_round
            enqueue_mail_once(connection, notice, mail.activation_id, round_, now)

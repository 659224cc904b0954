"""Which mail is taken next: of all that are due, or of one office's."""

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from app.db import UtcDateTime
from app.domain.history import MailKind
from app.models import Accountant, Activation, OutboxMessage, SignInLink

_NOW = bindparam("now", type_=UtcDateTime)
#: What has neither been sent nor given up.
WAITING = (OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None))


def _claim_statement(*own: ColumnElement[bool]) -> ReturningUpdate[int, MailKind]:
    """Return the statement that takes the next mail that is due."""
    coming = (
        select(OutboxMessage.id)
        .where(
            *WAITING,
            *own,
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
    claimed = update(OutboxMessage).where(OutboxMessage.id == coming.scalar_subquery())
    leased = claimed.values(leased_until=bindparam("lease", type_=UtcDateTime))
    return leased.returning(OutboxMessage.id, OutboxMessage.kind)


def _within_office(office_id: int) -> ColumnElement[bool]:
    requests = select(Activation.id).where(Activation.office_id == office_id)
    links = select(SignInLink.id).join(Accountant).where(Accountant.office_id == office_id)
    return or_(OutboxMessage.activation_id.in_(requests), OutboxMessage.sign_in_link_id.in_(links))


_CLAIM = _claim_statement()


def claim_statement(office_id: int | None) -> ReturningUpdate[int, MailKind]:
    """Return the statement that takes the next mail that is due, for the time of a lease."""
    return _CLAIM if office_id is None else _claim_statement(_within_office(office_id))

"""What an operator watches: how many there are of what, and how late the worker is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db import TypedColumns
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, MailKind
from app.domain.news_rules import NewsChoice, next_digest_at
from app.domain.states import StatusLabel
from app.mail.outbox import WAITING
from app.models import Accountant, Activation, Attempt, BulkAction, OutboxMessage, WorkerHeartbeat
from app.models.activation import TO_EXPIRE, TO_REMIND

Key = TypeVar("Key")


class MailProgress(StrEnum):
    """What has become of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


#: How an attempt may end, with its failure where it failed; an open one has no outcome.
ATTEMPT_ENDINGS = (
    (None, None),
    (AttemptOutcome.SUCCEEDED, None),
    (AttemptOutcome.SUPERSEDED, None),
    *((AttemptOutcome.FAILED, failure) for failure in Failure),
)


@dataclass(frozen=True)
class OperatorTotals:
    """Counts over all offices, with a zero for whatever there is not; `late` by the name of the job."""

    requests: Mapping[StatusLabel, int]
    attempts: Mapping[tuple[AttemptOutcome | None, Failure | None], int]
    mails: Mapping[tuple[MailKind, MailProgress], int]
    late: Mapping[str, timedelta]
    #: Since a worker, whichever, last went through its jobs; None where none ever has.
    idle: timedelta | None


#: What a newer version writes beside this one, in words that this one does not know, is left to it.
_KNOWN_FAILURE = or_(Attempt.failure.is_(None), Attempt.failure.in_(list(Failure)))
_KNOWN_KIND = OutboxMessage.kind.in_(list(MailKind))

_NUMBER = func.count().label("number")
_PROGRESS = case(
    (OutboxMessage.sent_at.is_not(None), MailProgress.SENT),
    (OutboxMessage.dropped, MailProgress.DROPPED),
    (OutboxMessage.dead_at.is_not(None), MailProgress.DEAD),
    else_=MailProgress.WAITING,
).label("posting")
_ACTIVATION_COLUMNS = TypedColumns(Activation.label, _NUMBER)
_ACTIVATIONS = select(*_ACTIVATION_COLUMNS.columns).group_by(Activation.label)
_ATTEMPT_COLUMNS = TypedColumns(Attempt.outcome, Attempt.failure, _NUMBER)
_ATTEMPTS = select(*_ATTEMPT_COLUMNS.columns).where(_KNOWN_FAILURE).group_by(Attempt.outcome, Attempt.failure)
_MAIL_COLUMNS = TypedColumns(OutboxMessage.kind, _PROGRESS, _NUMBER)
_MAILS = select(*_MAIL_COLUMNS.columns).where(_KNOWN_KIND).group_by(OutboxMessage.kind, _PROGRESS)


def _select_oldest(due: InstrumentedAttribute[Any], *waiting: ColumnElement[bool]) -> Select[Any]:
    """Ask an index for its first entry."""
    return select(due).where(due.is_not(None), *waiting).order_by(due).limit(1)


#: By the names of the worker's jobs.
OLDEST_DUE: Mapping[str, Select[Any]] = {
    "conclude": _select_oldest(Attempt.next_check_at),
    "ask_bank_apps": _select_oldest(Activation.bank_check_at),
    "bulk": _select_oldest(BulkAction.leased_until, BulkAction.finished_at.is_(None)),
    "remind": _select_oldest(Activation.next_reminder_at, *TO_REMIND),
    "deliver": _select_oldest(OutboxMessage.due_at, *WAITING),
    "expire": _select_oldest(Activation.expires_at, *TO_EXPIRE),
    "forget": _select_oldest(BulkAction.erase_at),
}
#: Until when the mails of a day have told everything; of an installation's few accountants, no index.
_OLDEST_NEWS = select(func.min(Accountant.news_since)).where(
    Accountant.news == NewsChoice.DAILY, Accountant.disabled_at.is_(None)
)


_LAST_HEARTBEAT = select(WorkerHeartbeat.beaten_at).order_by(WorkerHeartbeat.beaten_at.desc()).limit(1)


def read_operator_totals(context: Context) -> OperatorTotals:
    """Return all counts, and for each job how long its oldest piece of work has been due."""
    now = context.clock()
    with context.database.read_connection() as connection:
        requests = {
            row[Activation.label]: row[_NUMBER]
            for row in _ACTIVATION_COLUMNS.rows(connection.execute(_ACTIVATIONS))
        }
        attempts = {
            (row[Attempt.outcome], row[Attempt.failure]): row[_NUMBER]
            for row in _ATTEMPT_COLUMNS.rows(connection.execute(_ATTEMPTS))
        }
        mails = {
            (row[OutboxMessage.kind], MailProgress(row[_PROGRESS])): row[_NUMBER]
            for row in _MAIL_COLUMNS.rows(connection.execute(_MAILS))
        }
        late = _read_lateness(connection, now)
        idle = _idle_time(connection, now)
    return OperatorTotals(
        requests=_fill_with_zero(requests, set(StatusLabel) - {StatusLabel.NOT_ORDERED}),
        attempts=_fill_with_zero(attempts, ATTEMPT_ENDINGS),
        mails=_fill_with_zero(mails, product(MailKind, MailProgress)),
        late=late,
        idle=idle,
    )


def _read_lateness(connection: Connection, now: datetime) -> Mapping[str, timedelta]:
    due = {job: connection.scalar(oldest) for job, oldest in OLDEST_DUE.items()}
    news_since = connection.scalar(_OLDEST_NEWS)
    due["digest"] = next_digest_at(news_since) if news_since else None
    return {job: max(now - at, timedelta(0)) if at else timedelta(0) for job, at in due.items()}


def _idle_time(connection: Connection, now: datetime) -> timedelta | None:
    beaten_at: datetime | None = connection.execute(_LAST_HEARTBEAT).scalar()
    return now - beaten_at if beaten_at else None


def _fill_with_zero(counts: Mapping[Key, int], keys: Iterable[Key]) -> Mapping[Key, int]:
    """Return these counts, and a zero for everything else that there may be."""
    return {key: counts.get(key, 0) for key in keys}

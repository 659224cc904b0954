"""What an operator watches: how many there are of what, and how late the worker is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, case, func, or_, select

from app.activations.desk import Desk
from app.activations.due import TO_EXPIRE, TO_REMIND
from app.domain.failures import Failure
from app.domain.history import MailKind, Outcome
from app.domain.labels import Label
from app.models import Activation, Attempt, OutboxMessage


class Posting(StrEnum):
    """What has become of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


#: How an attempt may stand: open, or ended one way or the other; a failed one with its failure.
STANDINGS = (
    (None, None),
    (Outcome.SUCCEEDED, None),
    (Outcome.SUPERSEDED, None),
    *((Outcome.FAILED, failure) for failure in Failure),
)


@dataclass(frozen=True)
class Totals:
    """Counts over all offices, with a zero for whatever there is not; `late` by the name of the job."""

    requests: Mapping[Label, int]
    attempts: Mapping[tuple[Outcome | None, Failure | None], int]
    mails: Mapping[tuple[MailKind, Posting], int]
    late: Mapping[str, timedelta]


class Overview(Desk):
    """Reading for whoever keeps the machine running; no row is told, and nobody's name."""

    def totals(self) -> Totals:
        """Return all counts, and for each job how long its oldest piece of work has been due."""
        now = self.clock()
        with self.database.connection() as connection:
            requests = {row.label: row.number for row in connection.execute(_REQUESTS)}
            attempts = {(row.outcome, row.failure): row.number for row in connection.execute(_ATTEMPTS)}
            mails = {(row.kind, Posting(row.posting)): row.number for row in connection.execute(_MAILS)}
            late = {job: _late(connection, due, now) for job, due in OLDEST_DUE.items()}
        return Totals(
            requests={label: requests.get(label, 0) for label in Label if label is not Label.NOT_ORDERED},
            attempts={standing: attempts.get(standing, 0) for standing in STANDINGS},
            mails={
                (kind, posting): mails.get((kind, posting), 0) for kind in MailKind for posting in Posting
            },
            late=late,
        )


def _late(connection: Connection, oldest: Select[Any], now: datetime) -> timedelta:
    due: datetime | None = connection.execute(oldest).scalar()
    return max(now - due, timedelta(0)) if due else timedelta(0)


#: What a newer version writes beside this one, in words that this one does not know, is left to it.
_KNOWN_FAILURE = or_(Attempt.failure.is_(None), Attempt.failure.in_(list(Failure)))
_KNOWN_KIND = OutboxMessage.kind.in_(list(MailKind))

_NUMBER = func.count().label("number")
_REQUESTS = select(Activation.label, _NUMBER).group_by(Activation.label)
_ATTEMPTS = (
    select(Attempt.outcome, Attempt.failure, _NUMBER)
    .where(_KNOWN_FAILURE)
    .group_by(Attempt.outcome, Attempt.failure)
)
_POSTING = case(
    (OutboxMessage.sent_at.is_not(None), Posting.SENT),
    (OutboxMessage.dead_at.is_not(None), Posting.DEAD),
    else_=Posting.WAITING,
).label("posting")
_MAILS = (
    select(OutboxMessage.kind, _POSTING, _NUMBER).where(_KNOWN_KIND).group_by(OutboxMessage.kind, _POSTING)
)

#: By the names of the worker's jobs; each asks an index for its first entry.
OLDEST_DUE: Mapping[str, Select[Any]] = {
    "conclude": select(Attempt.next_check_at)
    .where(Attempt.next_check_at.is_not(None))
    .order_by(Attempt.next_check_at)
    .limit(1),
    "ask_bank_apps": select(Activation.bank_check_at)
    .where(Activation.bank_check_at.is_not(None))
    .order_by(Activation.bank_check_at)
    .limit(1),
    "remind": select(Activation.next_reminder_at)
    .where(*TO_REMIND, Activation.next_reminder_at.is_not(None))
    .order_by(Activation.next_reminder_at)
    .limit(1),
    "deliver": select(OutboxMessage.due_at)
    .where(OutboxMessage.sent_at.is_(None), OutboxMessage.dead_at.is_(None))
    .order_by(OutboxMessage.due_at)
    .limit(1),
    "expire": select(Activation.expires_at).where(*TO_EXPIRE).order_by(Activation.expires_at).limit(1),
}

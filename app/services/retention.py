"""What has served its time is deleted: sessions and sign-in links, mails, signs of life; consents stay."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select

from app.clock import BRUSSELS, brussels_day, start_time_limit
from app.context import Context
from app.domain.caps import UPLOAD_LIFE
from app.logs import log
from app.models import (
    Base,
    ColleagueInvitation,
    DossierUpload,
    OutboxMessage,
    PortalSession,
    SignInLink,
    WorkerHeartbeat,
)

#: Rows of one transaction: nobody waits long for it.
_BATCH = 500
#: The hours in Brussels in which a file may be written anew: whoever writes meanwhile has to wait.
_NIGHT = range(3, 5)


@dataclass(frozen=True)
class _Cutoffs:
    """What ended before these moments goes."""

    sessions: datetime
    mails: datetime
    uploads: datetime


def _old_links(cutoffs: _Cutoffs) -> ColumnElement[bool]:
    return SignInLink.expires_at < cutoffs.sessions


def _old_invitations(cutoffs: _Cutoffs) -> ColumnElement[bool]:
    return ColleagueInvitation.expires_at < cutoffs.sessions


def _old_mails(cutoffs: _Cutoffs) -> ColumnElement[bool]:
    # A mail that signs in goes with its link; any other that still waits stays.
    ended_at = func.coalesce(OutboxMessage.sent_at, OutboxMessage.dead_at)
    links = select(SignInLink.id).where(_old_links(cutoffs))
    invitations = select(ColleagueInvitation.id).where(_old_invitations(cutoffs))
    return or_(
        ended_at < cutoffs.mails,
        OutboxMessage.sign_in_link_id.in_(links),
        OutboxMessage.invitation_id.in_(invitations),
    )


#: In this order: a mail points to its link.
_RULES: Mapping[type[Base], Callable[[_Cutoffs], ColumnElement[bool]]] = {
    OutboxMessage: _old_mails,
    SignInLink: lambda cutoffs: (
        _old_links(cutoffs)
        & ~select(OutboxMessage).where(OutboxMessage.sign_in_link_id == SignInLink.id).exists()
    ),
    ColleagueInvitation: lambda cutoffs: (
        _old_invitations(cutoffs)
        & ~select(OutboxMessage).where(OutboxMessage.invitation_id == ColleagueInvitation.id).exists()
    ),
    PortalSession: lambda cutoffs: (
        func.coalesce(PortalSession.ended_at, PortalSession.seen_at) < cutoffs.sessions
    ),
    WorkerHeartbeat: lambda cutoffs: WorkerHeartbeat.beaten_at < cutoffs.sessions,
    DossierUpload: lambda cutoffs: DossierUpload.uploaded_at < cutoffs.uploads,
}


@dataclass(frozen=True)
class RetentionService:
    """Deleting what nobody needs any more."""

    context: Context

    def delete_old_rows(self) -> int:
        """Delete what is old enough, batch by batch, and return how many rows that were."""
        now, policy = self.context.clock(), self.context.policy
        cutoffs = _Cutoffs(now - policy.session_retention, now - policy.mail_retention, now - UPLOAD_LIFE)
        has_time, counts = start_time_limit(self.context.stopwatch), dict.fromkeys(_RULES, 0)
        for model, is_old in _RULES.items():
            full = True
            while full and has_time():
                deleted = self._delete_batch(model, is_old(cutoffs))
                counts[model], full = counts[model] + deleted, deleted == _BATCH
        for model, count in counts.items():
            if count:
                log.info("rows_deleted", table=model.__tablename__, count=count)
        return sum(counts.values())

    def vacuum_at_night(self) -> int:
        """Write the database's file anew, once a night, so that no copy of what was erased outlives it."""
        now, any_hour = self.context.clock(), self.context.policy.any_hour
        if not (any_hour or now.astimezone(BRUSSELS).hour in _NIGHT):
            return 0
        return int(self.context.database.vacuum(brussels_day(now)))

    def _delete_batch(self, model: type[Base], condition: ColumnElement[bool]) -> int:
        (key,) = model.__table__.primary_key
        batch = select(key).where(condition).limit(_BATCH)
        with self.context.database.write_connection() as connection:
            return connection.execute(delete(model).where(key.in_(batch))).rowcount

"""What a mail to somebody of an office is about, where it is about no single request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, SQLColumnExpression, and_, bindparam, select
from sqlalchemy.orm import aliased

from app.db import ViewColumns
from app.domain.history import MailKind
from app.domain.news_rules import NewsChoice
from app.mail.digest import DigestLine, read_digest_lines
from app.mail.queued_mail import QUEUE_COLUMNS, QueuedMail
from app.models import Accountant, ColleagueInvitation, Office, OutboxMessage, PortalSession, SignInLink


@dataclass(frozen=True, kw_only=True)
class SignInMailContext(QueuedMail):
    """The mail that lets an accountant in; about no activation."""

    public_id: str
    expires_at: datetime
    claimed_at: datetime | None
    contact: str
    recipient_language: str
    office: str
    activation_id: None = None

    @property
    def recipient_address(self) -> str:
        """Whom the mail goes to."""
        return self.contact

    def is_still_due(self, now: datetime) -> bool:
        """Tell whether the link in it can still be used."""
        return self.claimed_at is None and now < self.expires_at


@dataclass(frozen=True, kw_only=True)
class NewBrowserMailContext(SignInMailContext):
    """The mail that tells of a sign-in with a browser that was not known."""

    browser: str | None
    began_at: datetime

    def is_still_due(self, now: datetime) -> bool:
        """However late, the owner wants to know."""
        return True


@dataclass(frozen=True, kw_only=True)
class InvitationMailContext(SignInMailContext):
    """The mail that asks a colleague in: a link to sign in as somebody new."""

    inviter: str
    #: Whether an accountant has this address by now, of whichever office.
    is_taken: bool

    def is_still_due(self, now: datetime) -> bool:
        """Tell whether the invitation is open, and whoever has the address is nobody's accountant."""
        return super().is_still_due(now) and not self.is_taken


@dataclass(frozen=True, kw_only=True)
class DigestMailContext(QueuedMail):
    """The mail of a day: what happened in a time that includes its beginning."""

    contact_id: int
    contact: str
    recipient_language: str
    office: str
    covers_from: datetime
    covers_until: datetime
    contact_news: NewsChoice
    has_left: bool
    lines: Sequence[DigestLine] = ()
    activation_id: None = None

    @property
    def public_id(self) -> str:
        """How the mail is told from others."""
        return digest_id(self.contact_id, self.covers_until)

    @property
    def recipient_address(self) -> str:
        """Whom the mail goes to."""
        return self.contact

    def is_still_due(self, now: datetime) -> bool:
        """Tell whether its reader is still there and still wants it."""
        return not self.has_left and self.contact_news is NewsChoice.DAILY and bool(self.lines)


def digest_id(accountant_id: int, covers_until: datetime) -> str:
    """Return how the mail of a day is told from others."""
    return f"{accountant_id}-{covers_until:%Y%m%dT%H%M%S}"


_LINK_COLUMNS: Mapping[str, SQLColumnExpression[Any]] = {
    **QUEUE_COLUMNS,
    "public_id": SignInLink.public_id,
    "expires_at": SignInLink.expires_at,
    "claimed_at": SignInLink.claimed_at,
    "contact": Accountant.email,
    "recipient_language": Accountant.language,
    "office": Office.name,
}
_SIGN_IN_COLUMNS = ViewColumns(SignInMailContext, **_LINK_COLUMNS)
_SIGN_IN = (
    select(*_SIGN_IN_COLUMNS.columns)
    .join(SignInLink, SignInLink.id == OutboxMessage.sign_in_link_id)
    .join(Accountant, Accountant.id == SignInLink.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

#: The session that the link has opened began when the link was used.
_NEW_BROWSER_COLUMNS = ViewColumns(
    NewBrowserMailContext, **_LINK_COLUMNS, browser=PortalSession.browser, began_at=PortalSession.created_at
)
_NEW_BROWSER = (
    select(*_NEW_BROWSER_COLUMNS.columns)
    .join(SignInLink, SignInLink.id == OutboxMessage.sign_in_link_id)
    .join(Accountant, Accountant.id == SignInLink.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .join(
        PortalSession,
        and_(PortalSession.accountant_id == Accountant.id, PortalSession.created_at == SignInLink.claimed_at),
    )
    .where(OutboxMessage.id == bindparam("message_id"))
)

_DIGEST_COLUMNS = ViewColumns(
    DigestMailContext,
    **QUEUE_COLUMNS,
    contact_id=Accountant.id,
    contact=Accountant.email,
    recipient_language=Accountant.language,
    office=Office.name,
    covers_from=OutboxMessage.covers_from,
    covers_until=OutboxMessage.covers_until,
    contact_news=Accountant.news,
    has_left=Accountant.disabled_at.is_not(None),
)
_DIGEST = (
    select(*_DIGEST_COLUMNS.columns)
    .join(Accountant, Accountant.id == OutboxMessage.recipient_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_inviter, _holder = aliased(Accountant), aliased(Accountant)
_INVITATION_COLUMNS = ViewColumns(
    InvitationMailContext,
    **QUEUE_COLUMNS,
    public_id=ColleagueInvitation.public_id,
    expires_at=ColleagueInvitation.expires_at,
    claimed_at=ColleagueInvitation.accepted_at,
    contact=ColleagueInvitation.email,
    recipient_language=ColleagueInvitation.language,
    office=Office.name,
    inviter=_inviter.email,
    is_taken=_holder.id.is_not(None),
)
_INVITATION = (
    select(*_INVITATION_COLUMNS.columns)
    .join(ColleagueInvitation, ColleagueInvitation.id == OutboxMessage.invitation_id)
    .join(Office, Office.id == ColleagueInvitation.office_id)
    .join(_inviter, _inviter.id == ColleagueInvitation.invited_by)
    .outerjoin(_holder, _holder.email == ColleagueInvitation.email)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_Reader = Callable[[Connection, int], Any]


def _first(columns: ViewColumns[Any], statement: Select[*tuple[Any, ...]]) -> _Reader:
    return lambda connection, message_id: columns.first(
        connection.execute(statement, {"message_id": message_id})
    )


def _read_digest(connection: Connection, message_id: int) -> DigestMailContext | None:
    mail = _DIGEST_COLUMNS.first(connection.execute(_DIGEST, {"message_id": message_id}))
    if mail is None:
        return None
    lines = read_digest_lines(connection, mail.contact_id, mail.covers_from, mail.covers_until)
    return replace(mail, lines=lines)


#: How each of them is read; every other kind is about an activation.
READERS: Mapping[MailKind, _Reader] = {
    MailKind.SIGN_IN: _first(_SIGN_IN_COLUMNS, _SIGN_IN),
    MailKind.NEW_BROWSER: _first(_NEW_BROWSER_COLUMNS, _NEW_BROWSER),
    MailKind.COLLEAGUE_INVITED: _first(_INVITATION_COLUMNS, _INVITATION),
    MailKind.DIGEST: _read_digest,
}

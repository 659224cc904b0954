"""What a mail is about, read at the moment of its delivery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, SQLColumnExpression, and_, bindparam, select
from sqlalchemy.orm import aliased

from app.db import ViewColumns
from app.domain.banks import BANKS, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, MailRule, Recipient
from app.domain.states import ActivationState, state_by_clock
from app.models import (
    Accountant,
    Activation,
    Attempt,
    ColleagueInvitation,
    Consent,
    Dossier,
    Office,
    OutboxMessage,
    PortalSession,
    SignInLink,
)
from app.models.office import select_contact_id
from app.tokens import LinkClaims


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


@dataclass(frozen=True, kw_only=True)
class MailContext(QueuedMail):
    """One mail and its subject: everything the texts need."""

    activation_id: int
    public_id: str
    generation: int
    current_round: int
    state: ActivationState
    bank_key: str
    client_reference: str
    cardholder: str | None = field(repr=False)
    cardholder_language: str
    expires_at: datetime
    activated_at: datetime | None
    refused_at: datetime | None
    office: str
    contact: str
    contact_language: str
    telephone: str | None
    dossier_code: str
    dossier_name: str
    accepted_terms: str | None
    invited_at: datetime | None = None

    @property
    def recipient_address(self) -> str | None:
        """Whom the mail goes to; None once the cardholder's address is erased."""
        return self.contact if self.mail_rule.recipient is Recipient.ACCOUNTANT else self.cardholder

    @property
    def recipient_language(self) -> str:
        """The language of whoever reads the mail."""
        to_accountant = self.mail_rule.recipient is Recipient.ACCOUNTANT
        return self.contact_language if to_accountant else self.cardholder_language

    @property
    def bank(self) -> Bank:
        """The bank that was chosen when ordering."""
        return BANKS[self.bank_key]

    def is_still_due(self, now: datetime) -> bool:
        """Tell whether the mail still fits what has become of the request, its round and its link."""
        overtaken = self.round != self.current_round and not self.mail_rule.outlives_round
        refused = self.mail_rule.asks and self.refused_at is not None
        state = state_by_clock(self.state, self.expires_at, now)
        fits = self.recipient_address is not None and state in self.mail_rule.wanted_in
        return fits and not (overtaken or refused)

    @property
    def link_claims(self) -> LinkClaims:
        """Whom the link in this mail is for."""
        return LinkClaims(self.public_id, self.generation)


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


AnyMailContext = MailContext | SignInMailContext


@dataclass(frozen=True)
class LastRefusal:
    """What the cardholder met last, for the mail that tells the accountant of it."""

    failure: Failure
    at: datetime
    brand: str
    last_four: str
    language: str


_QUEUE_COLUMNS: Mapping[str, SQLColumnExpression[Any]] = {
    "message_id": OutboxMessage.id,
    "kind": OutboxMessage.kind,
    "round": OutboxMessage.round,
    "created_at": OutboxMessage.created_at,
    "tries": OutboxMessage.tries,
    "leased_until": OutboxMessage.leased_until,
    "request_id": OutboxMessage.request_id,
}

#: None where the cardholder has accepted none.
_ACCEPTED_TERMS: SQLColumnExpression[str | None] = (
    select(Consent.terms_version)
    .where(Consent.activation_id == Activation.id)
    .order_by(Consent.id.desc())
    .limit(1)
    .correlate(Activation)
    .scalar_subquery()
)
_MAIL_COLUMNS = ViewColumns(
    MailContext,
    **_QUEUE_COLUMNS,
    activation_id=Activation.id,
    public_id=Activation.public_id,
    generation=Activation.generation,
    current_round=Activation.round,
    state=Activation.state,
    bank_key=Activation.bank,
    client_reference=Activation.client_reference,
    cardholder=Activation.address,
    cardholder_language=Activation.language,
    expires_at=Activation.expires_at,
    activated_at=Activation.activated_at,
    refused_at=Activation.refused_at,
    office=Office.name,
    contact=Accountant.email,
    contact_language=Accountant.language,
    telephone=Office.telephone,
    dossier_code=Dossier.code,
    dossier_name=Dossier.name,
    accepted_terms=_ACCEPTED_TERMS,
    invited_at=Activation.invited_at,
)
_MAIL = (
    select(*_MAIL_COLUMNS.columns)
    .join(Activation, Activation.id == OutboxMessage.activation_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == select_contact_id())
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_LINK_COLUMNS: Mapping[str, SQLColumnExpression[Any]] = {
    **_QUEUE_COLUMNS,
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

_inviter, _holder = aliased(Accountant), aliased(Accountant)
_INVITATION_COLUMNS = ViewColumns(
    InvitationMailContext,
    **_QUEUE_COLUMNS,
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

_REFUSAL_COLUMNS = ViewColumns(
    LastRefusal,
    failure=Attempt.failure,
    at=Attempt.concluded_at,
    brand=Attempt.brand,
    last_four=Attempt.last_four,
    language=Attempt.language,
)
_LAST_REFUSAL = (
    select(*_REFUSAL_COLUMNS.columns)
    .where(Attempt.activation_id == bindparam("activation_id"), Attempt.problem.is_(True))
    # A problem is recorded together with both; the columns are empty only while an attempt is open.
    .where(Attempt.failure.is_not(None), Attempt.concluded_at.is_not(None))
    .order_by(Attempt.concluded_at.desc())
    .limit(1)
)


def read_mail_context(connection: Connection, message_id: int, kind: MailKind) -> AnyMailContext:
    """Read a mail's subject as it stands now."""
    mail: AnyMailContext | None
    parameters = {"message_id": message_id}
    if kind is MailKind.SIGN_IN:
        mail = _SIGN_IN_COLUMNS.first(connection.execute(_SIGN_IN, parameters))
    elif kind is MailKind.NEW_BROWSER:
        mail = _NEW_BROWSER_COLUMNS.first(connection.execute(_NEW_BROWSER, parameters))
    elif kind is MailKind.COLLEAGUE_INVITED:
        mail = _INVITATION_COLUMNS.first(connection.execute(_INVITATION, parameters))
    else:
        mail = _MAIL_COLUMNS.first(connection.execute(_MAIL, parameters))
    assert mail is not None  # noqa: S101  # its row is held, and so are those that it points to
    return mail


def read_last_refusal(connection: Connection, activation_id: int) -> LastRefusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    return _REFUSAL_COLUMNS.first(connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}))

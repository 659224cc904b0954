"""What a mail is about, read at the moment of its delivery."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, SQLColumnExpression, bindparam, select

from app.db import TypedColumns, TypedRow
from app.domain.banks import BANKS, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, MailRule, Recipient
from app.domain.states import ActivationState, state_by_clock
from app.models import Accountant, Activation, Attempt, Consent, Dossier, Office, OutboxMessage, SignInLink
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


AnyMailContext = MailContext | SignInMailContext


@dataclass(frozen=True)
class LastRefusal:
    """What the cardholder met last, for the mail that tells the accountant of it."""

    failure: Failure
    at: datetime
    brand: str
    last_four: str
    language: str


_QUEUE_COLUMNS = (
    OutboxMessage.id,
    OutboxMessage.kind,
    OutboxMessage.round,
    OutboxMessage.created_at,
    OutboxMessage.tries,
    OutboxMessage.leased_until,
)

#: None where the cardholder has accepted none.
_ACCEPTED_TERMS: SQLColumnExpression[str | None] = (
    select(Consent.terms_version)
    .where(Consent.activation_id == Activation.id)
    .order_by(Consent.id.desc())
    .limit(1)
    .correlate(Activation)
    .scalar_subquery()
)
_MAIL_COLUMNS = TypedColumns(
    *_QUEUE_COLUMNS,
    Activation.id,
    Activation.public_id,
    Activation.generation,
    Activation.round,
    Activation.state,
    Activation.bank,
    Activation.client_reference,
    Activation.address,
    Activation.language,
    Activation.expires_at,
    Activation.activated_at,
    Activation.refused_at,
    Office.name,
    Office.telephone,
    Accountant.email,
    Accountant.language,
    Dossier.code,
    Dossier.name,
    _ACCEPTED_TERMS,
    Activation.invited_at,
)
_MAIL = (
    select(*_MAIL_COLUMNS.columns)
    .join(Activation, Activation.id == OutboxMessage.activation_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == select_contact_id())
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_SIGN_IN_COLUMNS = TypedColumns(
    *_QUEUE_COLUMNS,
    SignInLink.public_id,
    SignInLink.expires_at,
    SignInLink.claimed_at,
    Accountant.email,
    Accountant.language,
    Office.name,
)
_SIGN_IN = (
    select(*_SIGN_IN_COLUMNS.columns)
    .join(SignInLink, SignInLink.id == OutboxMessage.sign_in_link_id)
    .join(Accountant, Accountant.id == SignInLink.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_REFUSAL_COLUMNS = TypedColumns(
    Attempt.failure, Attempt.concluded_at, Attempt.brand, Attempt.last_four, Attempt.language
)
_LAST_REFUSAL = (
    select(*_REFUSAL_COLUMNS.columns)
    .where(Attempt.activation_id == bindparam("activation_id"), Attempt.problem.is_(True))
    .order_by(Attempt.concluded_at.desc())
    .limit(1)
)


def read_mail_context(connection: Connection, message_id: int, kind: MailKind) -> AnyMailContext:
    """Read a mail's subject as it stands now."""
    parameters = {"message_id": message_id}
    if kind is MailKind.SIGN_IN:
        (row,) = _SIGN_IN_COLUMNS.rows(connection.execute(_SIGN_IN, parameters))
        return _sign_in_mail_context(row)
    (row,) = _MAIL_COLUMNS.rows(connection.execute(_MAIL, parameters))
    return _mail_context(row)


def _queued_mail(row: TypedRow) -> QueuedMail:
    return QueuedMail(
        message_id=row[OutboxMessage.id],
        kind=row[OutboxMessage.kind],
        round=row[OutboxMessage.round],
        created_at=row[OutboxMessage.created_at],
        tries=row[OutboxMessage.tries],
        leased_until=row[OutboxMessage.leased_until],
    )


def _mail_context(row: TypedRow) -> MailContext:
    return MailContext(
        **vars(_queued_mail(row)),
        activation_id=row[Activation.id],
        public_id=row[Activation.public_id],
        generation=row[Activation.generation],
        current_round=row[Activation.round],
        state=row[Activation.state],
        bank_key=row[Activation.bank],
        client_reference=row[Activation.client_reference],
        cardholder=row[Activation.address],
        cardholder_language=row[Activation.language],
        expires_at=row[Activation.expires_at],
        activated_at=row[Activation.activated_at],
        refused_at=row[Activation.refused_at],
        office=row[Office.name],
        contact=row[Accountant.email],
        contact_language=row[Accountant.language],
        telephone=row[Office.telephone],
        dossier_code=row[Dossier.code],
        dossier_name=row[Dossier.name],
        accepted_terms=row[_ACCEPTED_TERMS],
        invited_at=row[Activation.invited_at],
    )


def _sign_in_mail_context(row: TypedRow) -> SignInMailContext:
    return SignInMailContext(
        **vars(_queued_mail(row)),
        public_id=row[SignInLink.public_id],
        expires_at=row[SignInLink.expires_at],
        claimed_at=row[SignInLink.claimed_at],
        contact=row[Accountant.email],
        recipient_language=row[Accountant.language],
        office=row[Office.name],
    )


def read_last_refusal(connection: Connection, activation_id: int) -> LastRefusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    row = _REFUSAL_COLUMNS.first(connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}))
    if row is None:
        return None
    failure, concluded_at = row[Attempt.failure], row[Attempt.concluded_at]
    # A problem is recorded together with both; the columns are empty only while an attempt is open.
    if failure is None or concluded_at is None:
        return None
    return LastRefusal(
        failure=failure,
        at=concluded_at,
        brand=row[Attempt.brand],
        last_four=row[Attempt.last_four],
        language=row[Attempt.language],
    )

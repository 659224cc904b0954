"""What a mail is about, read at the moment of its delivery."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, SQLColumnExpression, bindparam, func, select

from app.db import ViewColumns
from app.domain.banks import BANKS, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mail_rules import Recipient
from app.domain.news_rules import NEWS_MAILS, WANTED_MAILS, NewsChoice
from app.domain.states import ActivationState, state_by_clock
from app.mail.office_mail_context import READERS, DigestMailContext, SignInMailContext
from app.mail.queued_mail import QUEUE_COLUMNS, QueuedMail
from app.models import (
    Accountant,
    Activation,
    Attempt,
    Consent,
    Dossier,
    Office,
    OutboxMessage,
)
from app.models.office import select_contact_id
from app.tokens import LinkClaims


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
    #: Who is told of news, their choice, and whether they have left.
    contact_id: int
    contact_news: NewsChoice
    has_left: bool

    @property
    def is_unwanted(self) -> bool:
        """Whether this is news that its reader does not want, or no longer."""
        wanted = self.kind in WANTED_MAILS[self.contact_news]
        return self.kind in NEWS_MAILS and (self.has_left or not wanted)

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
        return fits and not (overtaken or refused or self.is_unwanted)

    @property
    def link_claims(self) -> LinkClaims:
        """Whom the link in this mail is for."""
        return LinkClaims(self.public_id, self.generation)


AnyMailContext = MailContext | SignInMailContext | DigestMailContext


@dataclass(frozen=True)
class LastRefusal:
    """What the cardholder met last, for the mail that tells the accountant of it."""

    failure: Failure
    at: datetime
    brand: str
    last_four: str
    language: str


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
    **QUEUE_COLUMNS,
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
    contact_id=Accountant.id,
    contact_news=Accountant.news,
    has_left=Accountant.disabled_at.is_not(None),
)
_MAIL = (
    select(*_MAIL_COLUMNS.columns)
    .join(Activation, Activation.id == OutboxMessage.activation_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == func.coalesce(OutboxMessage.recipient_id, select_contact_id()))
    .join(Dossier, Dossier.id == Activation.dossier_id)
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
    if kind in READERS:
        mail = READERS[kind](connection, message_id)
    else:
        mail = _MAIL_COLUMNS.first(connection.execute(_MAIL, parameters))
    assert mail is not None  # noqa: S101  # its row is held, and so are those that it points to
    return mail


def read_last_refusal(connection: Connection, activation_id: int) -> LastRefusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    return _REFUSAL_COLUMNS.first(connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}))

"""What a mail is about, read at the moment of its delivery."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.orm import Session

from app.domain.banks import BANKS, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, MailRule, Recipient
from app.domain.states import OPEN, ActivationState
from app.models import Accountant, Activation, Attempt, Consent, Dossier, Office, OutboxMessage, SignInLink
from app.models.office import select_contact_id
from app.tokens import LinkClaims


@dataclass(frozen=True)
class MailContext:
    """One mail and its subject: everything the texts need."""

    message_id: int
    kind: MailKind
    round: int
    created_at: datetime
    tries: int
    leased_until: datetime | None
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
    dossier_code: str
    dossier_name: str
    accepted_terms: str | None
    invited_at: datetime | None = None

    @property
    def mail_rule(self) -> MailRule:
        """What holds for mails of this kind."""
        return MAILS[self.kind]

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
        ended = self.state in OPEN and now >= self.expires_at
        fits = self.recipient_address is not None and self.state in self.mail_rule.wanted_in
        return fits and not (overtaken or refused or ended)

    @property
    def link_claims(self) -> LinkClaims:
        """Whom the link in this mail is for."""
        return LinkClaims(self.public_id, self.generation)


@dataclass(frozen=True)
class SignInMailContext:
    """The mail that lets an accountant in; about no activation."""

    message_id: int
    kind: MailKind
    round: int
    created_at: datetime
    tries: int
    leased_until: datetime | None
    public_id: str
    expires_at: datetime
    claimed_at: datetime | None
    contact: str
    recipient_language: str
    office: str
    activation_id: None = None

    @property
    def mail_rule(self) -> MailRule:
        """What holds for mails of this kind."""
        return MAILS[self.kind]

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


_MAIL: Select[*tuple[Any, ...]] = (
    select(
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.round,
        OutboxMessage.created_at,
        OutboxMessage.tries,
        OutboxMessage.leased_until,
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
        Accountant.email,
        Accountant.language,
        Dossier.code,
        Dossier.name,
        select(Consent.terms_version)
        .where(Consent.activation_id == Activation.id)
        .order_by(Consent.id.desc())
        .limit(1)
        .correlate(Activation)
        .scalar_subquery(),
        Activation.invited_at,
    )
    .join(Activation, Activation.id == OutboxMessage.activation_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == select_contact_id())
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_SIGN_IN: Select[*tuple[Any, ...]] = (
    select(
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.round,
        OutboxMessage.created_at,
        OutboxMessage.tries,
        OutboxMessage.leased_until,
        SignInLink.public_id,
        SignInLink.expires_at,
        SignInLink.claimed_at,
        Accountant.email,
        Accountant.language,
        Office.name,
    )
    .join(SignInLink, SignInLink.id == OutboxMessage.sign_in_link_id)
    .join(Accountant, Accountant.id == SignInLink.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_LAST_REFUSAL: Select[*tuple[Any, ...]] = (
    select(Attempt.failure, Attempt.concluded_at, Attempt.brand, Attempt.last_four, Attempt.language)
    .where(Attempt.activation_id == bindparam("activation_id"), Attempt.problem.is_(True))
    .order_by(Attempt.concluded_at.desc())
    .limit(1)
)


def read_mail_context(connection: Connection | Session, message_id: int, kind: MailKind) -> AnyMailContext:
    """Read a mail's subject as it stands now."""
    parameters = {"message_id": message_id}
    if kind is MailKind.SIGN_IN:
        return SignInMailContext(*connection.execute(_SIGN_IN, parameters).one())
    return MailContext(*connection.execute(_MAIL, parameters).one())


def read_last_refusal(connection: Connection, activation_id: int) -> LastRefusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    row = connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}).one_or_none()
    return None if row is None else LastRefusal(*row)

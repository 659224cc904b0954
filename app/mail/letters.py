"""What a mail is about, read from the rows at the moment of delivery."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.orm import Session

from app.domain.activation import State
from app.domain.banks import BANKS, Bank
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.mails import MAILS, MailRule, Recipient
from app.links import LinkIdentity
from app.models import Accountant, Activation, Attempt, Consent, Dossier, Office, OutboxMessage


@dataclass(frozen=True)
class Letter:
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
    state: State
    bank_key: str
    client_reference: str
    cardholder: str | None
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

    @property
    def rule(self) -> MailRule:
        """What holds for mails of this kind."""
        return MAILS[self.kind]

    @property
    def address(self) -> str | None:
        """Whom the mail goes to; None once the cardholder's address is erased."""
        return self.contact if self.rule.recipient is Recipient.ACCOUNTANT else self.cardholder

    @property
    def language(self) -> str:
        """The language of whoever reads the mail."""
        to_accountant = self.rule.recipient is Recipient.ACCOUNTANT
        return self.contact_language if to_accountant else self.cardholder_language

    @property
    def bank(self) -> Bank:
        """The bank that was chosen when ordering."""
        return BANKS[self.bank_key]

    @property
    def is_wanted(self) -> bool:
        """Whether the mail still fits: its state has not passed, and no newer round has overtaken it."""
        overtaken = self.round != self.current_round and not self.rule.outlives_round
        return self.address is not None and self.state in self.rule.wanted_in and not overtaken

    @property
    def identity(self) -> LinkIdentity:
        """Whom the link in this mail is for."""
        return LinkIdentity(self.public_id, self.generation)


@dataclass(frozen=True)
class Refusal:
    """What the cardholder met last, for the mail that tells the accountant of it."""

    failure: Failure
    at: datetime
    brand: str
    last_four: str
    language: str


_LETTER: Select[*tuple[Any, ...]] = (
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
    )
    .join(Activation, Activation.id == OutboxMessage.activation_id)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == Activation.accountant_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .where(OutboxMessage.id == bindparam("message_id"))
)

_LAST_REFUSAL: Select[*tuple[Any, ...]] = (
    select(Attempt.failure, Attempt.concluded_at, Attempt.brand, Attempt.last_four, Attempt.language)
    .where(Attempt.activation_id == bindparam("activation_id"), Attempt.problem.is_(True))
    .order_by(Attempt.concluded_at.desc())
    .limit(1)
)


def read_letter(connection: Connection | Session, message_id: int) -> Letter:
    """Read a mail's subject as it stands now."""
    return Letter(*connection.execute(_LETTER, {"message_id": message_id}).one())


def read_last_refusal(connection: Connection, activation_id: int) -> Refusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    row = connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}).one_or_none()
    return None if row is None else Refusal(*row)

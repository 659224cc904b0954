"""Reading what a mail is about, as the rows stand at the moment of delivery."""

from typing import Any

from sqlalchemy import Connection, Select, bindparam, select
from sqlalchemy.orm import Session

from app.domain.history import MailKind
from app.mail.letters import AnyLetter, LastRefusal, MailContext, SignInMailContext
from app.models import Accountant, Activation, Attempt, Consent, Dossier, Office, OutboxMessage, SignInLink
from app.models.office import select_contact_id

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


def read_mail_context(connection: Connection | Session, message_id: int, kind: MailKind) -> AnyLetter:
    """Read a mail's subject as it stands now."""
    asked = {"message_id": message_id}
    if kind is MailKind.SIGN_IN:
        return SignInMailContext(*connection.execute(_SIGN_IN, asked).one())
    return MailContext(*connection.execute(_LETTER, asked).one())


def read_last_refusal(connection: Connection, activation_id: int) -> LastRefusal | None:
    """Read the newest attempt that was a problem; None where the bank's own app refused, without a card."""
    row = connection.execute(_LAST_REFUSAL, {"activation_id": activation_id}).one_or_none()
    return None if row is None else LastRefusal(*row)

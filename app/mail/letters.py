"""What a mail is about, read from the rows at the moment of delivery."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from app.domain.activation import State
from app.domain.history import MailKind
from app.links import LinkIdentity
from app.models import Accountant, Activation, Consent, Office, OutboxMessage


@dataclass(frozen=True)
class Letter:
    """One mail and its subject: everything the texts need."""

    message_id: int
    kind: MailKind
    round: int
    created_at: datetime
    tries: int
    activation_id: int
    public_id: str
    generation: int
    current_round: int
    state: State
    bank: str
    client_reference: str
    address: str | None
    language: str
    expires_at: datetime
    activated_at: datetime | None
    office: str
    contact: str
    accepted_terms: str | None

    @property
    def is_stale(self) -> bool:
        """An invitation of an earlier round has been overtaken by a newer one."""
        return self.kind is not MailKind.CONFIRMATION and self.round != self.current_round

    @property
    def identity(self) -> LinkIdentity:
        """Whom the link in this mail is for."""
        return LinkIdentity(self.public_id, self.generation)


_LETTER: Select[*tuple[Any, ...]] = (
    select(
        OutboxMessage.id,
        OutboxMessage.kind,
        OutboxMessage.round,
        OutboxMessage.created_at,
        OutboxMessage.tries,
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
        Office.name,
        Accountant.email,
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
    .where(OutboxMessage.id == bindparam("message_id"))
)


def read_letter(connection: Connection, message_id: int) -> Letter:
    """Read a mail's subject as it stands now."""
    return Letter(*connection.execute(_LETTER, {"message_id": message_id}).one())

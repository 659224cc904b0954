"""What the wizard's pages read of an activation and its last attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from app.domain.banks import BANKS, ActivationRoute
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.states import ActivationState, LinkStatus
from app.models import Accountant, Activation, Attempt, Office
from app.models.office import select_contact_id

#: The bank waits thirty seconds for the browser (EMV 3DS 2.2.0, CReq after ARes).
HANDOFF_TIME = timedelta(seconds=30)


@dataclass(frozen=True)
class ActivationView:
    """Where one activation stands, for the page that is about to be shown."""

    id: int
    public_id: str
    generation: int
    state: ActivationState
    client_reference: str
    bank: str
    office: str
    contact: str
    language: str
    expires_at: datetime
    activated_at: datetime | None

    @property
    def bank_name(self) -> str:
        """The name of the bank as its customers know it."""
        return BANKS[self.bank].name

    def link_status(self, link_generation: int) -> LinkStatus:
        """Return what decides whether a link of this generation opens the wizard."""
        return LinkStatus(
            state=self.state,
            generation=self.generation,
            link_generation=link_generation,
            expires_at=self.expires_at,
            has_link=BANKS[self.bank].route is ActivationRoute.LINK,
        )


@dataclass(frozen=True)
class AttemptView:
    """The newest attempt, for the pages around the bank."""

    transaction: str
    acs_transaction: str | None
    challenge_url: str | None
    brand: str
    last_four: str
    started_at: datetime
    challenged_at: datetime | None
    returned_at: datetime | None
    concluded_at: datetime | None
    outcome: AttemptOutcome | None
    failure: Failure | None

    def is_handoff_open(self, now: datetime) -> bool:
        """Tell whether the bank still waits for the browser."""
        if self.challenged_at is None or self.returned_at or self.concluded_at:
            return False
        return now < self.challenged_at + HANDOFF_TIME


_STANDING: Select[*tuple[Any, ...]] = (
    select(
        Activation.id,
        Activation.public_id,
        Activation.generation,
        Activation.state,
        Activation.client_reference,
        Activation.bank,
        Office.name,
        Accountant.email,
        Activation.language,
        Activation.expires_at,
        Activation.activated_at,
    )
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == select_contact_id())
    .where(Activation.public_id == bindparam("public_id"))
)

_LAST_ATTEMPT: Select[*tuple[Any, ...]] = (
    select(
        Attempt.transaction,
        Attempt.acs_transaction,
        Attempt.challenge_url,
        Attempt.brand,
        Attempt.last_four,
        Attempt.started_at,
        Attempt.challenged_at,
        Attempt.returned_at,
        Attempt.concluded_at,
        Attempt.outcome,
        Attempt.failure,
    )
    .where(Attempt.activation_id == bindparam("activation_id"))
    .where(Attempt.generation == bindparam("generation"))
    .order_by(Attempt.id.desc())
    .limit(1)
)


def read_activation(connection: Connection, public_id: str) -> ActivationView | None:
    """Read where an activation stands; None where there is no such activation."""
    row = connection.execute(_STANDING, {"public_id": public_id}).one_or_none()
    return None if row is None else ActivationView(*row)


def read_last_attempt(connection: Connection, standing: ActivationView) -> AttemptView | None:
    """Read the newest attempt of the present generation."""
    row = connection.execute(
        _LAST_ATTEMPT, {"activation_id": standing.id, "generation": standing.generation}
    ).one_or_none()
    return None if row is None else AttemptView(*row)

"""What the wizard's pages read of an activation and its last attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, select

from app.db import ViewColumns
from app.domain.banks import BANKS, ActivationRoute
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.states import ActivationState, LinkStatus
from app.models import Accountant, Activation, Attempt, Consent, Office
from app.models.office import select_contact_id

#: The bank waits thirty seconds for the browser (EMV 3DS 2.2.0, CReq after ARes).
HANDOFF_TIME = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
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
    telephone: str | None
    language: str
    invited_at: datetime
    expires_at: datetime
    changed_at: datetime
    activated_at: datetime | None
    #: Whether a card was ever refused in a way that counts: only then the card page may be closed.
    was_refused: bool

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


@dataclass(frozen=True, kw_only=True)
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

    @property
    def is_open(self) -> bool:
        """Whether the bank has not decided yet."""
        return self.concluded_at is None

    def has_failed_since(self, invited_at: datetime) -> bool:
        """Tell whether it ended in a failure of the round that began then; what was given up did not fail."""
        return self.failure is not None and (self.concluded_at or self.started_at) >= invited_at

    def is_handoff_open(self, now: datetime) -> bool:
        """Tell whether the bank still waits for the browser."""
        if self.challenged_at is None or self.returned_at or self.concluded_at:
            return False
        return now < self.challenged_at + HANDOFF_TIME


@dataclass(frozen=True, kw_only=True)
class ReturnedAttemptView:
    """What a browser without the link may learn of its attempt: how the activation stands, and since when."""

    state: ActivationState
    concluded_at: datetime | None
    outcome: AttemptOutcome | None

    @property
    def is_lost(self) -> bool:
        """Whether it was given up, so that a signature for it brings nothing, and no other has succeeded."""
        return self.outcome is AttemptOutcome.SUPERSEDED and self.state is not ActivationState.ACTIVE

    def has_ended_before(self, moment: datetime) -> bool:
        """Tell whether the attempt was over by then."""
        return self.concluded_at is not None and self.concluded_at < moment


@dataclass(frozen=True, kw_only=True)
class ReceiptView:
    """What a cardholder may keep of an activation; the address is there until its last mail has left."""

    consent: str
    brand: str
    last_four: str
    address: str | None
    terms_version: str
    terms_language: str


_WAS_REFUSED = (
    exists().where(Attempt.activation_id == Activation.id, Attempt.counted.is_(True)).label("was_refused")
)
_ACTIVATION_COLUMNS = ViewColumns(
    ActivationView,
    id=Activation.id,
    public_id=Activation.public_id,
    generation=Activation.generation,
    state=Activation.state,
    client_reference=Activation.client_reference,
    bank=Activation.bank,
    office=Office.name,
    contact=Accountant.email,
    telephone=Office.telephone,
    language=Activation.language,
    invited_at=Activation.invited_at,
    expires_at=Activation.expires_at,
    changed_at=Activation.changed_at,
    activated_at=Activation.activated_at,
    was_refused=_WAS_REFUSED,
)
_ACTIVATION = (
    select(*_ACTIVATION_COLUMNS.columns)
    .join(Office, Office.id == Activation.office_id)
    .join(Accountant, Accountant.id == select_contact_id())
    .where(Activation.public_id == bindparam("public_id"))
)

_ATTEMPT_COLUMNS = ViewColumns(
    AttemptView,
    transaction=Attempt.transaction,
    acs_transaction=Attempt.acs_transaction,
    challenge_url=Attempt.challenge_url,
    brand=Attempt.brand,
    last_four=Attempt.last_four,
    started_at=Attempt.started_at,
    challenged_at=Attempt.challenged_at,
    returned_at=Attempt.returned_at,
    concluded_at=Attempt.concluded_at,
    outcome=Attempt.outcome,
    failure=Attempt.failure,
)
_LAST_ATTEMPT = (
    select(*_ATTEMPT_COLUMNS.columns)
    .where(Attempt.activation_id == bindparam("activation_id"))
    .where(Attempt.generation == bindparam("generation"))
    .order_by(Attempt.id.desc())
    .limit(1)
)

#: The consent is known by the bank's transaction.
_RECEIPT_COLUMNS = ViewColumns(
    ReceiptView,
    consent=Attempt.transaction,
    brand=Attempt.brand,
    last_four=Attempt.last_four,
    address=Activation.address,
    terms_version=Consent.terms_version,
    terms_language=Consent.language,
)
_RECEIPT = (
    select(*_RECEIPT_COLUMNS.columns)
    .join(Activation, Activation.id == Attempt.activation_id)
    .join(Consent, Consent.activation_id == Activation.id)
    .where(Attempt.activation_id == bindparam("activation_id"))
    .where(Attempt.outcome == AttemptOutcome.SUCCEEDED)
    .order_by(Attempt.id.desc(), Consent.id.desc())
    .limit(1)
)

_RETURNED_COLUMNS = ViewColumns(
    ReturnedAttemptView,
    state=Activation.state,
    concluded_at=Attempt.concluded_at,
    outcome=Attempt.outcome,
)
_RETURNED = (
    select(*_RETURNED_COLUMNS.columns)
    .join(Attempt, Attempt.activation_id == Activation.id)
    .where(Attempt.transaction == bindparam("transaction_id"))
    .where(Activation.public_id == bindparam("public_id"))
)


def read_activation(connection: Connection, public_id: str) -> ActivationView | None:
    """Read where an activation stands; None where there is no such activation."""
    return _ACTIVATION_COLUMNS.first(connection.execute(_ACTIVATION, {"public_id": public_id}))


def read_last_attempt(connection: Connection, activation: ActivationView) -> AttemptView | None:
    """Read the newest attempt of the present generation."""
    parameters = {"activation_id": activation.id, "generation": activation.generation}
    return _ATTEMPT_COLUMNS.first(connection.execute(_LAST_ATTEMPT, parameters))


def read_returned_attempt(
    connection: Connection, public_id: str, transaction: str
) -> ReturnedAttemptView | None:
    """Read how an attempt of this activation stands; None where it has no such attempt."""
    parameters = {"public_id": public_id, "transaction_id": transaction}
    return _RETURNED_COLUMNS.first(connection.execute(_RETURNED, parameters))


def read_receipt(connection: Connection, activation: ActivationView) -> ReceiptView | None:
    """Read what can be kept of an active service."""
    return _RECEIPT_COLUMNS.first(connection.execute(_RECEIPT, {"activation_id": activation.id}))

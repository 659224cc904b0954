"""What the testers' API answers, as far as the tests read it, by the names of docs/openapi.json."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.domain.caps import Caps
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.states import ActivationState, StatusLabel


class ApiModel(BaseModel):
    """Something that the server has answered; what more it tells is nobody's business here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ServerModel(ApiModel):
    now: datetime
    bank_url: str
    caps: Caps


class AttemptModel(ApiModel):
    transaction: str
    outcome: AttemptOutcome | None
    failure: Failure | None
    counted: bool
    problem: bool
    brand: str
    last_four: str
    language: str
    bank_status: str | None
    bank_reason: str | None
    challenge_url: str | None
    concluded_at: datetime | None


class ConsentModel(ApiModel):
    client_reference: str
    language: str
    reference_confirmed: bool
    conditions_accepted: bool
    bank_status: str | None
    bank_transaction: str | None


class QueuedMailModel(ApiModel):
    kind: MailKind
    round: int
    sent_at: datetime | None


class EventModel(ApiModel):
    event_type: EventType


class ListedActivation(ApiModel):
    public_id: str
    reference: str
    language: str
    state: ActivationState
    label: StatusLabel


class ActivationEvidence(ListedActivation):
    """Everything that is recorded of one request, at one moment."""

    address: str | None
    link: str | None
    invited_at: datetime
    expires_at: datetime
    next_reminder_at: datetime | None
    activated_at: datetime | None
    attempts: tuple[AttemptModel, ...]
    consents: tuple[ConsentModel, ...]
    mails: tuple[QueuedMailModel, ...]
    events: tuple[EventModel, ...]

    @property
    def attempt(self) -> AttemptModel:
        (attempt,) = self.attempts
        return attempt

    @property
    def confirmations(self) -> int:
        return sum(mail.kind is MailKind.CONFIRMATION for mail in self.mails)

    @property
    def event_types(self) -> Sequence[EventType]:
        return [event.event_type for event in self.events]


class MailModel(ApiModel):
    to: str
    subject: str
    language: str
    headers: dict[str, str] = Field(repr=False)
    text: str = Field(repr=False)
    html: str = Field(repr=False)


class DossierModel(ApiModel):
    id: int
    code: str


class OfficeModel(ApiModel):
    """An accounting office of a test's own: the key that opens it, its people, its dossiers."""

    name: str
    key: str
    accountant: str
    colleague: str
    dossiers: tuple[DossierModel, ...]

    @property
    def domain(self) -> str:
        return self.accountant.partition("@")[2]

    def dossier(self, code: str) -> int:
        (number,) = (dossier.id for dossier in self.dossiers if dossier.code == code)
        return number

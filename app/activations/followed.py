"""One request as its accountant follows it: what stands in the rows, and what can be told from them."""

from dataclasses import dataclass
from datetime import date, datetime

from app.activations.limits import mark, room_to_send_from
from app.clock import brussels_day
from app.domain.activation import OPEN, ActivationState
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.caps import DAY, Caps, next_allowed_at
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.labels import SINCE, StatusLabel, status_label
from app.domain.mails import MAILS, Recipient
from app.domain.reminders import Reminder
from app.domain.statements import first_statement_month


@dataclass(frozen=True)
class Tried:
    """One card tried at the bank."""

    started_at: datetime
    concluded_at: datetime | None
    brand: str
    last_four: str
    language: str
    outcome: AttemptOutcome | None
    failure: Failure | None
    counted: bool


@dataclass(frozen=True)
class Happened:
    """One line of the history; `accountant` is the address of the colleague who acted."""

    accountant: str | None
    at: datetime
    actor: str
    happening: EventType
    detail: str | None

    @property
    def mail(self) -> MailKind | None:
        """The mail to the cardholder that this line is about."""
        kind = next((kind for kind in MailKind if kind == self.detail), None)
        return kind if kind and MAILS[kind].recipient is Recipient.CARDHOLDER else None


@dataclass(frozen=True)
class Followed:
    """One request, its attempts with the newest first, its history with the oldest first."""

    now: datetime
    caps: Caps
    address: str | None
    reminder: Reminder | None
    attempts: tuple[Tried, ...]
    history: tuple[Happened, ...]
    public_id: str
    bank_key: str
    client_reference: str
    language: str
    state: ActivationState
    generation: int
    round: int
    invited_at: datetime
    expires_at: datetime
    changed_at: datetime
    activated_at: datetime | None
    refused_at: datetime | None
    problem: bool

    @property
    def bank(self) -> Bank:
        """The bank that was chosen when ordering."""
        return BANKS[self.bank_key]

    @property
    def has_link(self) -> bool:
        """Whether the cardholder activates by our link, and not in the bank's own app."""
        return self.bank.route is ActivationRoute.LINK

    @property
    def label(self) -> StatusLabel:
        """Where the request stands."""
        return status_label(self.state, self.expires_at, self.problem, self.now)

    @property
    def since(self) -> datetime:
        """Since when it stands there."""
        since: datetime = getattr(self, SINCE.get(self.label, "changed_at"))
        return since

    @property
    def is_open(self) -> bool:
        """Whether the cardholder can still activate."""
        return self.state in OPEN and self.now < self.expires_at

    @property
    def is_over(self) -> bool:
        """Whether its time has run out and the worker is about to mark it; one at the bank may succeed."""
        return self.state in OPEN - {ActivationState.AWAITING_BANK} and self.now >= self.expires_at

    @property
    def seen(self) -> str:
        """What its forms carry, so that nothing is changed unseen."""
        return mark(self.state, self.generation, self.round)

    @property
    def first_statement(self) -> date | None:
        """The month from which on statements come, once the service is active."""
        return first_statement_month(brussels_day(self.activated_at)) if self.activated_at else None

    @property
    def last_mail(self) -> Happened | None:
        """The last mail of this round that left for the cardholder."""
        return self._newest(EventType.MAIL_SENT)

    @property
    def lost_mail(self) -> Happened | None:
        """The last mail of this round that could not be delivered to the cardholder."""
        return self._newest(EventType.MAIL_DEAD)

    @property
    def room_from(self) -> datetime | None:
        """When the cardholder may be written to again, None where that is now."""
        return room_to_send_from(self.history, self.caps, self.now)

    @property
    def closed_until(self) -> datetime | None:
        """When the card page opens again after too many refusals, None where it is open."""
        counted = (one.concluded_at for one in self.attempts if one.counted and one.concluded_at)
        refused = (at for at in counted if at >= self.invited_at)
        return next_allowed_at(refused, self.caps.refusals_a_day, DAY, self.now)

    def _newest(self, happening: EventType) -> Happened | None:
        lines = (line for line in reversed(self.history) if line.at >= self.invited_at)
        return next((line for line in lines if line.happening is happening and line.mail), None)


@dataclass(frozen=True)
class FollowedDossier:
    """One dossier: the banks at which CARO may be ordered for it, and its requests, newest first."""

    id: int
    code: str
    name: str
    banks: tuple[Bank, ...]
    requests: tuple[Followed, ...]


def masked(address: str) -> str:
    """Show enough of an address to recognise it, and too little to write to it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"

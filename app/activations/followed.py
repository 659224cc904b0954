"""One request as its accountant follows it: what stands in the rows, and what can be told from them."""

from dataclasses import dataclass
from datetime import date, datetime

from app.activations.limits import can_send_again_at, version_mark
from app.clock import brussels_day
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.caps import DAY, Caps, next_allowed_at
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.mail_rules import MAILS, Recipient
from app.domain.reminder_schedule import Reminder
from app.domain.states import OPEN, SINCE, ActivationState, StatusLabel, first_statement_month, status_label


@dataclass(frozen=True)
class AttemptRow:
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
class EventRow:
    """One line of the history; `accountant` is the address of the colleague who acted."""

    accountant: str | None
    at: datetime
    actor: str
    happening: EventType
    detail: str | None

    @property
    def mail_kind(self) -> MailKind | None:
        """The mail to the cardholder that this line is about."""
        kind = next((kind for kind in MailKind if kind == self.detail), None)
        return kind if kind and MAILS[kind].recipient is Recipient.CARDHOLDER else None


@dataclass(frozen=True)
class ActivationDetail:
    """One request, its attempts with the newest first, its history with the oldest first."""

    now: datetime
    caps: Caps
    address: str | None
    reminder: Reminder | None
    attempts: tuple[AttemptRow, ...]
    history: tuple[EventRow, ...]
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
    def label_since(self) -> datetime:
        """Since when it stands there."""
        since: datetime = getattr(self, SINCE.get(self.label, "changed_at"))
        return since

    @property
    def is_open(self) -> bool:
        """Whether the cardholder can still activate."""
        return self.state in OPEN and self.now < self.expires_at

    @property
    def is_past_end(self) -> bool:
        """Whether its time has run out and the worker is about to mark it; one at the bank may succeed."""
        return self.state in OPEN - {ActivationState.AWAITING_BANK} and self.now >= self.expires_at

    @property
    def version_mark(self) -> str:
        """What its forms carry, so that nothing is changed unseen."""
        return version_mark(self.state, self.generation, self.round)

    @property
    def first_statement(self) -> date | None:
        """The month from which on statements come, once the service is active."""
        return first_statement_month(brussels_day(self.activated_at)) if self.activated_at else None

    @property
    def last_mail(self) -> EventRow | None:
        """The last mail of this round that left for the cardholder."""
        return self._newest_event(EventType.MAIL_SENT)

    @property
    def lost_mail(self) -> EventRow | None:
        """The last mail of this round that could not be delivered to the cardholder."""
        return self._newest_event(EventType.MAIL_DEAD)

    @property
    def can_send_again_at(self) -> datetime | None:
        """When the cardholder may be written to again, None where that is now."""
        return can_send_again_at(self.history, self.caps, self.now)

    @property
    def card_page_opens_at(self) -> datetime | None:
        """When the card page opens again after too many refusals, None where it is open."""
        counted = (one.concluded_at for one in self.attempts if one.counted and one.concluded_at)
        refused = (at for at in counted if at >= self.invited_at)
        return next_allowed_at(refused, self.caps.refusals_a_day, DAY, self.now)

    def _newest_event(self, happening: EventType) -> EventRow | None:
        lines = (line for line in reversed(self.history) if line.at >= self.invited_at)
        return next((line for line in lines if line.happening is happening and line.mail_kind), None)


@dataclass(frozen=True)
class DossierDetail:
    """One dossier: the banks at which CARO may be ordered for it, and its requests, newest first."""

    id: int
    code: str
    name: str
    banks: tuple[Bank, ...]
    requests: tuple[ActivationDetail, ...]


def mask_address(address: str) -> str:
    """Show enough of an address to recognise it, and too little to write to it."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"

"""What is known of one activation: where it stands, its attempts, its history and its mails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.clock import brussels_day
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.caps import DAY, Caps, InvitationRecord, next_allowed_at
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.mail_rules import MAILS, Recipient
from app.domain.reminder_schedule import Reminder
from app.domain.states import (
    OPEN,
    SINCE,
    ActivationState,
    StatusLabel,
    first_statement_month,
    status_label,
    version_mark,
)


@dataclass(frozen=True, kw_only=True)
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
    transaction: str


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One event of the history; `accountant` is the address of the colleague who acted."""

    accountant: str | None
    at: datetime
    actor: str
    event_type: EventType
    detail: str | None

    @property
    def mail_kind(self) -> MailKind | None:
        """The mail to the cardholder that this event is about."""
        kind = next((kind for kind in MailKind if kind == self.detail), None)
        return kind if kind and MAILS[kind].recipient is Recipient.CARDHOLDER else None


@dataclass(frozen=True, kw_only=True)
class ActivationDetail:
    """One request, its attempts with the newest first, its history with the oldest first."""

    now: datetime
    caps: Caps
    address: str | None
    reminder: Reminder | None
    attempts: Sequence[AttemptRow]
    history: Sequence[EventRow]
    mails: Sequence[Any]
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
        """The month from which on statements come, while the service is active."""
        if self.state is not ActivationState.ACTIVE or self.activated_at is None:
            return None
        return first_statement_month(brussels_day(self.activated_at))

    @property
    def is_stopped(self) -> bool:
        """Whether the service was active and is no longer."""
        return self.state is ActivationState.REVOKED

    @property
    def last_mail(self) -> EventRow | None:
        """The last mail of this round that left for the cardholder."""
        return self._newest_event(EventType.MAIL_SENT)

    @property
    def lost_mail(self) -> EventRow | None:
        """The last mail of this round that could not be delivered to the cardholder."""
        return self._newest_event(EventType.MAIL_DEAD)

    @property
    def invitations(self) -> InvitationRecord:
        """What the caps on invitations and corrections count."""
        return InvitationRecord(self.mails, self.history, self.round, self.caps, self.now)

    @property
    def card_page_opens_at(self) -> datetime | None:
        """When the card page opens again after too many refusals, None where it is open."""
        counted = (
            attempt.concluded_at for attempt in self.attempts if attempt.counted and attempt.concluded_at
        )
        refused = (at for at in counted if at >= self.invited_at)
        return next_allowed_at(refused, self.caps.refusals_a_day, DAY, self.now)

    def _newest_event(self, event_type: EventType) -> EventRow | None:
        events = (event for event in reversed(self.history) if event.at >= self.invited_at)
        return next((event for event in events if event.event_type is event_type and event.mail_kind), None)

"""One dossier with its activations: where each stands, its attempts and its history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from app.clock import brussels_day
from app.context import Context
from app.db import TypedColumns, TypedRow
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.caps import DAY, Caps, InvitationRecord, next_allowed_at
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.identifiers import mask_address
from app.domain.mail_rules import MAILS, Recipient
from app.domain.reminder_schedule import Reminder, find_due_reminder
from app.domain.states import (
    OPEN,
    SINCE,
    ActivationState,
    StatusLabel,
    first_statement_month,
    status_label,
    version_mark,
)
from app.models import Accountant, Activation, Attempt, Dossier, Event, Mandate
from app.models.office import MandateState
from app.queries.invitation_mails import DOSSIER_INVITATIONS


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


@dataclass(frozen=True, kw_only=True)
class DossierDetail:
    """One dossier: the banks at which CARO may be ordered for it, and its requests, newest first."""

    id: int
    code: str
    name: str
    banks: tuple[Bank, ...]
    requests: tuple[ActivationDetail, ...]


_DOSSIER_COLUMNS = TypedColumns(Dossier.code, Dossier.name, Dossier.office_id, Mandate.bank, Mandate.state)
_DOSSIER = (
    select(*_DOSSIER_COLUMNS.columns)
    .outerjoin(Mandate, Mandate.dossier_id == Dossier.id)
    .where(Dossier.id == bindparam("dossier"))
)
#: Composed once: composing a statement takes longer than reading a dossier.
_OFFICE_DOSSIER = _DOSSIER.where(Dossier.office_id == bindparam("office"))

_ACTIVATION_COLUMNS = TypedColumns(
    Activation.id,
    Activation.address,
    Activation.next_reminder_at,
    Activation.public_id,
    Activation.bank,
    Activation.client_reference,
    Activation.language,
    Activation.state,
    Activation.generation,
    Activation.round,
    Activation.invited_at,
    Activation.expires_at,
    Activation.changed_at,
    Activation.activated_at,
    Activation.refused_at,
    Activation.problem,
)
_ACTIVATIONS = (
    select(*_ACTIVATION_COLUMNS.columns)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Activation.id.desc())
)

_ATTEMPT_COLUMNS = TypedColumns(
    Attempt.activation_id,
    Attempt.started_at,
    Attempt.concluded_at,
    Attempt.brand,
    Attempt.last_four,
    Attempt.language,
    Attempt.outcome,
    Attempt.failure,
    Attempt.counted,
)
_ATTEMPTS = (
    select(*_ATTEMPT_COLUMNS.columns)
    .join(Activation, Activation.id == Attempt.activation_id)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Attempt.id.desc())
)

_EVENT_COLUMNS = TypedColumns(Event.activation_id, Event.at, Event.actor, Event.event_type, Event.detail)
_EVENTS = (
    select(*_EVENT_COLUMNS.columns)
    .join(Activation, Activation.id == Event.activation_id)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Event.id)
)

_ACCOUNTANT_COLUMNS = TypedColumns(Accountant.id, Accountant.email)
_ACCOUNTANTS = select(*_ACCOUNTANT_COLUMNS.columns).where(Accountant.office_id == bindparam("office"))


def read_dossier(context: Context, dossier_id: int) -> DossierDetail | None:
    """Return one dossier with all that its page shows; None where the office has no such dossier."""
    statement = _DOSSIER if context.office_id is None else _OFFICE_DOSSIER
    parameters = {"dossier": dossier_id, "office": context.office_id}
    with context.database.read_connection() as connection:
        rows = _DOSSIER_COLUMNS.rows(connection.execute(statement, parameters))
        if not rows:
            return None
        return DossierDetail(
            id=dossier_id,
            code=rows[0][Dossier.code],
            name=rows[0][Dossier.name],
            banks=_orderable_banks(rows),
            requests=_read_activations(context, connection, dossier_id, rows[0][Dossier.office_id]),
        )


def _orderable_banks(rows: Sequence[TypedRow]) -> tuple[Bank, ...]:
    """Return the banks at which CARO may be ordered, in the order of the banks' own table."""
    active = {row[Mandate.bank] for row in rows if row[Mandate.state] == MandateState.ACTIVE}
    return tuple(bank for bank in BANKS.values() if bank.key in active)


def _read_activations(
    context: Context, connection: Connection, dossier_id: int, office_id: int
) -> tuple[ActivationDetail, ...]:
    rows = _ACTIVATION_COLUMNS.rows(connection.execute(_ACTIVATIONS, {"dossier": dossier_id}))
    attempts = _read_attempts(connection, dossier_id)
    events = _read_events(connection, dossier_id, office_id)
    mails = connection.execute(DOSSIER_INVITATIONS, {"dossier": dossier_id}).all()
    return tuple(
        _activation_detail(
            context,
            row,
            attempts=attempts.get(row[Activation.id], ()),
            history=events.get(row[Activation.id], ()),
            mails=[mail for mail in mails if mail.activation_id == row[Activation.id]],
        )
        for row in rows
    )


def _read_attempts(connection: Connection, dossier_id: int) -> Mapping[int, Sequence[AttemptRow]]:
    attempts: defaultdict[int, list[AttemptRow]] = defaultdict(list)
    for row in _ATTEMPT_COLUMNS.rows(connection.execute(_ATTEMPTS, {"dossier": dossier_id})):
        attempts[row[Attempt.activation_id]].append(
            AttemptRow(
                started_at=row[Attempt.started_at],
                concluded_at=row[Attempt.concluded_at],
                brand=row[Attempt.brand],
                last_four=row[Attempt.last_four],
                language=row[Attempt.language],
                outcome=row[Attempt.outcome],
                failure=row[Attempt.failure],
                counted=row[Attempt.counted],
            )
        )
    return attempts


def _read_events(connection: Connection, dossier_id: int, office_id: int) -> Mapping[int, Sequence[EventRow]]:
    accountants = _ACCOUNTANT_COLUMNS.rows(connection.execute(_ACCOUNTANTS, {"office": office_id}))
    emails = {f"accountant {row[Accountant.id]}": row[Accountant.email] for row in accountants}
    events: defaultdict[int, list[EventRow]] = defaultdict(list)
    for row in _EVENT_COLUMNS.rows(connection.execute(_EVENTS, {"dossier": dossier_id})):
        events[row[Event.activation_id]].append(
            EventRow(
                accountant=emails.get(row[Event.actor]),
                at=row[Event.at],
                actor=row[Event.actor],
                event_type=row[Event.event_type],
                detail=row[Event.detail],
            )
        )
    return events


def _activation_detail(context: Context, row: TypedRow, **of_it: Sequence[Any]) -> ActivationDetail:
    address = row[Activation.address]
    return ActivationDetail(
        now=context.clock(),
        caps=context.policy.caps,
        address=mask_address(address) if address else None,
        reminder=_next_reminder(context, row),
        **of_it,
        public_id=row[Activation.public_id],
        bank_key=row[Activation.bank],
        client_reference=row[Activation.client_reference],
        language=row[Activation.language],
        state=row[Activation.state],
        generation=row[Activation.generation],
        round=row[Activation.round],
        invited_at=row[Activation.invited_at],
        expires_at=row[Activation.expires_at],
        changed_at=row[Activation.changed_at],
        activated_at=row[Activation.activated_at],
        refused_at=row[Activation.refused_at],
        problem=row[Activation.problem],
    )


def _next_reminder(context: Context, row: TypedRow) -> Reminder | None:
    """Return the reminder that this activation waits for."""
    at = row[Activation.next_reminder_at]
    if at is None or row[Activation.state] not in OPEN or row[Activation.refused_at] is not None:
        return None
    return find_due_reminder(row[Activation.invited_at], context.policy.reminder_days, at, at)[0]

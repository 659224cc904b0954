"""One dossier with its activations: where each stands, its attempts and its history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from app.clock import brussels_day
from app.context import Context
from app.domain.banks import BANKS, ActivationRoute, Bank
from app.domain.caps import DAY, Caps, can_send_again_at, next_allowed_at
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
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
    event_type: EventType
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

    def _newest_event(self, event_type: EventType) -> EventRow | None:
        lines = (line for line in reversed(self.history) if line.at >= self.invited_at)
        return next((line for line in lines if line.event_type is event_type and line.mail_kind), None)


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


_Line = Row[*tuple[Any, ...]]


class Following(Context):
    """Reading what the accountant manages; of another office there is nothing to read."""

    def read_dossier(self, dossier_id: int) -> DossierDetail | None:
        """Return one dossier with everything to be told of it; None where there is no such dossier."""
        with self.database.read_connection() as connection:
            found = connection.execute(self._scoped(_DOSSIER), {"dossier": dossier_id}).all()
            if not found:
                return None
            return DossierDetail(
                id=dossier_id,
                code=found[0].code,
                name=found[0].name,
                banks=_orderable_banks(found),
                requests=self._read_activations(connection, dossier_id, found[0].office_id),
            )

    def _scoped(self, asked: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        return asked if self.office_id is None else asked.where(Dossier.office_id == self.office_id)

    def _read_activations(
        self, connection: Connection, dossier_id: int, office_id: int
    ) -> tuple[ActivationDetail, ...]:
        asked = {"dossier": dossier_id, "office": office_id}
        rows = connection.execute(_REQUESTS, asked).all()
        attempts = _group_by_activation(connection.execute(_ATTEMPTS, asked).all())
        history = _group_by_activation(connection.execute(_HISTORY, asked).all())
        people = {f"accountant {id_}": email for id_, email in connection.execute(_PEOPLE, asked)}
        return tuple(
            self._activation_detail(
                row,
                tuple(AttemptRow(*one[1:]) for one in attempts[row.id]),
                tuple(EventRow(people.get(one.actor), *one[1:]) for one in history[row.id]),
            )
            for row in rows
        )

    def _activation_detail(
        self, row: _Line, attempts: tuple[AttemptRow, ...], history: tuple[EventRow, ...]
    ) -> ActivationDetail:
        _id, address, _waiting, *columns = row
        shown = mask_address(address) if address else None
        return ActivationDetail(
            self.clock(), self.caps, shown, self._next_reminder(row), attempts, history, *columns
        )

    def _next_reminder(self, row: _Line) -> Reminder | None:
        """Return the reminder that this request waits for."""
        at: datetime | None = row.next_reminder_at
        if at is None or row.state not in OPEN or row.refused_at is not None:
            return None
        return find_due_reminder(row.invited_at, self.reminder_days, at, at)[0]


def _group_by_activation(rows: Sequence[_Line]) -> Mapping[int, list[_Line]]:
    sorted_: defaultdict[int, list[_Line]] = defaultdict(list)
    for row in rows:
        sorted_[row.activation_id].append(row)
    return sorted_


def _orderable_banks(rows: Sequence[_Line]) -> tuple[Bank, ...]:
    """Return the banks at which CARO may be ordered, in the order of the banks' own table."""
    active = {row.bank for row in rows if row.state == MandateState.ACTIVE}
    return tuple(bank for bank in BANKS.values() if bank.key in active)


_DOSSIER: Select[*tuple[Any, ...]] = (
    select(Dossier.code, Dossier.name, Dossier.office_id, Mandate.bank, Mandate.state)
    .outerjoin(Mandate, Mandate.dossier_id == Dossier.id)
    .where(Dossier.id == bindparam("dossier"))
)

_REQUESTS: Select[*tuple[Any, ...]] = (
    select(
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
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Activation.id.desc())
)

_ATTEMPTS: Select[*tuple[Any, ...]] = (
    select(
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
    .join(Activation, Activation.id == Attempt.activation_id)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Attempt.id.desc())
)

_HISTORY: Select[*tuple[Any, ...]] = (
    select(Event.activation_id, Event.at, Event.actor, Event.event_type, Event.detail)
    .join(Activation, Activation.id == Event.activation_id)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Event.id)
)

_PEOPLE: Select[*tuple[Any, ...]] = select(Accountant.id, Accountant.email).where(
    Accountant.office_id == bindparam("office")
)

"""Following one dossier: its requests, what was tried and what happened, in a handful of statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from app.activations.desk import Context
from app.activations.followed import ActivationDetail, AttemptRow, DossierDetail, EventRow, mask_address
from app.domain.banks import BANKS, Bank
from app.domain.reminder_schedule import Reminder, find_due_reminder
from app.domain.states import OPEN
from app.models import Accountant, Activation, Attempt, Dossier, Event, Mandate
from app.models.office import MandateState

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
    select(Event.activation_id, Event.at, Event.actor, Event.happening, Event.detail)
    .join(Activation, Activation.id == Event.activation_id)
    .where(Activation.dossier_id == bindparam("dossier"))
    .order_by(Event.id)
)

_PEOPLE: Select[*tuple[Any, ...]] = select(Accountant.id, Accountant.email).where(
    Accountant.office_id == bindparam("office")
)

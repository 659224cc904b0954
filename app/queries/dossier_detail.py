"""A dossier with its activations, or activations that were chosen: all that is known of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, select

from app.context import Context
from app.db import TypedColumns, TypedRow
from app.domain.banks import BANKS, Bank
from app.domain.identifiers import mask_address
from app.models import Activation, Attempt, Dossier, Event, Mandate, OutboxMessage
from app.models.office import MandateState
from app.queries.activation_detail import ActivationDetail, AttemptRow, EventRow
from app.queries.invitation_mails import INVITATION_MAILS
from app.queries.next_reminder import read_next_reminder
from app.queries.office_events import read_accountants


@dataclass(frozen=True, kw_only=True)
class DossierDetail:
    """One dossier: the banks at which CARO may be ordered for it, and its requests, newest first."""

    id: int
    code: str
    name: str
    banks: tuple[Bank, ...]
    requests: tuple[ActivationDetail, ...]


@dataclass(frozen=True)
class SelectedActivation:
    """One activation of several that were chosen, and the dossier that it belongs to."""

    dossier_id: int
    code: str
    name: str
    activation: ActivationDetail


_DOSSIER_COLUMNS = TypedColumns(Dossier.code, Dossier.name, Dossier.office_id, Mandate.bank, Mandate.state)
_DOSSIER = (
    select(*_DOSSIER_COLUMNS.columns)
    .outerjoin(Mandate, Mandate.dossier_id == Dossier.id)
    .where(Dossier.id == bindparam("dossier"))
)
#: Composed once: composing a statement takes longer than reading a dossier.
_OFFICE_DOSSIER = _DOSSIER.where(Dossier.office_id == bindparam("office"))


def read_dossier(context: Context, dossier_id: int) -> DossierDetail | None:
    """Return one dossier with all that its page shows; None where the office has no such dossier."""
    statement = _DOSSIER if context.office_id is None else _OFFICE_DOSSIER
    parameters = {"dossier": dossier_id, "office": context.office_id}
    with context.database.read_connection() as connection:
        rows = _DOSSIER_COLUMNS.rows(connection.execute(statement, parameters))
        if not rows:
            return None
        parameters["office"] = rows[0][Dossier.office_id]
        return DossierDetail(
            id=dossier_id,
            code=rows[0][Dossier.code],
            name=rows[0][Dossier.name],
            banks=_orderable_banks(rows),
            requests=tuple(_read_details(context, connection, _OF_DOSSIER, parameters)),
        )


def _orderable_banks(rows: Sequence[TypedRow]) -> tuple[Bank, ...]:
    """Return the banks at which CARO may be ordered, in the order of the banks' own table."""
    active = {row[Mandate.bank] for row in rows if row[Mandate.state] == MandateState.ACTIVE}
    return tuple(bank for bank in BANKS.values() if bank.key in active)


_IS_SELECTED = and_(
    Activation.office_id == bindparam("office"),
    Activation.public_id.in_(bindparam("public_ids", expanding=True)),
)
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
    Attempt.transaction,
)

_EVENT_COLUMNS = TypedColumns(Event.activation_id, Event.at, Event.actor, Event.event_type, Event.detail)


_NAME_COLUMNS = TypedColumns(Activation.public_id, Dossier.id, Dossier.code, Dossier.name)
_NAMES = select(*_NAME_COLUMNS.columns).join(Dossier, Dossier.id == Activation.dossier_id).where(_IS_SELECTED)


@dataclass(frozen=True)
class _DetailStatements:
    """The reads behind some activations; composing one takes longer than reading a dossier."""

    activations: Select[*tuple[Any, ...]]
    attempts: Select[*tuple[Any, ...]]
    events: Select[*tuple[Any, ...]]
    mails: Select[*tuple[Any, ...]]


def _compose_statements(condition: ColumnElement[bool]) -> _DetailStatements:
    attempts = select(*_ATTEMPT_COLUMNS.columns).join(Activation, Activation.id == Attempt.activation_id)
    events = select(*_EVENT_COLUMNS.columns).join(Activation, Activation.id == Event.activation_id)
    mails = INVITATION_MAILS.join(Activation, Activation.id == OutboxMessage.activation_id)
    return _DetailStatements(
        activations=select(*_ACTIVATION_COLUMNS.columns).where(condition).order_by(Activation.id.desc()),
        attempts=attempts.where(condition).order_by(Attempt.id.desc()),
        events=events.where(condition).order_by(Event.id),
        mails=mails.where(condition),
    )


_OF_DOSSIER = _compose_statements(Activation.dossier_id == bindparam("dossier"))
_SELECTED = _compose_statements(_IS_SELECTED)


def read_selected_activations(context: Context, public_ids: Sequence[str]) -> list[SelectedActivation]:
    """Return these activations of the office in this order; what it does not have is left out."""
    parameters = {"office": context.office_id, "public_ids": public_ids}
    with context.database.read_connection() as connection:
        names = _NAME_COLUMNS.rows(connection.execute(_NAMES, parameters))
        details = _read_details(context, connection, _SELECTED, parameters)
    by_id = {detail.public_id: detail for detail in details}
    dossiers = {row[Activation.public_id]: row for row in names}
    return [
        SelectedActivation(
            dossiers[key][Dossier.id], dossiers[key][Dossier.code], dossiers[key][Dossier.name], by_id[key]
        )
        for key in dict.fromkeys(public_ids)
        if key in by_id
    ]


def _read_details(
    context: Context, connection: Connection, statements: _DetailStatements, parameters: Mapping[str, Any]
) -> list[ActivationDetail]:
    rows = _ACTIVATION_COLUMNS.rows(connection.execute(statements.activations, parameters))
    attempts = _read_attempts(connection, statements, parameters)
    events = _read_events(connection, statements, parameters)
    mails: defaultdict[int, list[Any]] = defaultdict(list)
    for mail in connection.execute(statements.mails, parameters):
        mails[mail.activation_id].append(mail)
    return [
        _activation_detail(
            context,
            row,
            attempts=attempts[row[Activation.id]],
            history=events[row[Activation.id]],
            mails=mails[row[Activation.id]],
        )
        for row in rows
    ]


def _read_attempts(
    connection: Connection, statements: _DetailStatements, parameters: Mapping[str, Any]
) -> Mapping[int, Sequence[AttemptRow]]:
    attempts: defaultdict[int, list[AttemptRow]] = defaultdict(list)
    for row in _ATTEMPT_COLUMNS.rows(connection.execute(statements.attempts, parameters)):
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
                transaction=row[Attempt.transaction],
            )
        )
    return attempts


def _read_events(
    connection: Connection, statements: _DetailStatements, parameters: Mapping[str, Any]
) -> Mapping[int, Sequence[EventRow]]:
    accountants = read_accountants(connection, parameters["office"])
    events: defaultdict[int, list[EventRow]] = defaultdict(list)
    for row in _EVENT_COLUMNS.rows(connection.execute(statements.events, parameters)):
        events[row[Event.activation_id]].append(
            EventRow(
                accountant=accountants.get(row[Event.actor]),
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
        reminder=read_next_reminder(context, row),
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

"""What was done for an office as a whole, and what became of each row of a bulk action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from app.context import Context
from app.db import TypedColumns, TypedRow
from app.domain.history import OfficeEventType
from app.models import Accountant, Activation, BulkAction, BulkActionRow, Dossier, OfficeEvent

_LATEST = 100


@dataclass(frozen=True, kw_only=True)
class OfficeEventRow:
    """One event of the office; `accountant` is the address of the colleague, `bulk_action` where it leads."""

    at: datetime
    event_type: OfficeEventType
    accountant: str | None
    #: The colleague whom it is about.
    about: str | None
    detail: str
    row_count: int | None
    bulk_action: str | None
    is_confirmed: bool


@dataclass(frozen=True, kw_only=True)
class BulkActionEntry:
    """One activation of a bulk action; `outcome` is None until it was its turn."""

    dossier_id: int
    code: str
    name: str
    public_id: str
    client_reference: str
    outcome: str | None


@dataclass(frozen=True, kw_only=True)
class BulkActionDetail:
    """A bulk action: nobody has confirmed it yet, it is being done, or it has come to its end."""

    public_id: str
    action: str
    language: str
    at: datetime
    accountant: str | None
    entries: Sequence[BulkActionEntry]
    is_confirmed: bool


_EVENT_COLUMNS = TypedColumns(
    OfficeEvent.at,
    OfficeEvent.event_type,
    OfficeEvent.actor,
    OfficeEvent.detail,
    OfficeEvent.row_count,
    BulkAction.public_id,
    BulkAction.leased_until,
)
_EVENTS = (
    select(*_EVENT_COLUMNS.columns)
    .outerjoin(BulkAction, BulkAction.event_id == OfficeEvent.id)
    .where(OfficeEvent.office_id == bindparam("office"))
    .order_by(OfficeEvent.at.desc(), OfficeEvent.id.desc())
    .limit(_LATEST)
)
_ACTION_COLUMNS = TypedColumns(
    BulkAction.id,
    BulkAction.action,
    BulkAction.language,
    BulkAction.leased_until,
    OfficeEvent.at,
    OfficeEvent.actor,
)
_ACTION = (
    select(*_ACTION_COLUMNS.columns)
    .join(OfficeEvent, OfficeEvent.id == BulkAction.event_id)
    .where(OfficeEvent.office_id == bindparam("office"), BulkAction.public_id == bindparam("public_id"))
)
_ENTRY_COLUMNS = TypedColumns(
    Dossier.id,
    Dossier.code,
    Dossier.name,
    Activation.public_id,
    Activation.client_reference,
    BulkActionRow.outcome,
)
_ENTRIES = (
    select(*_ENTRY_COLUMNS.columns)
    .select_from(BulkActionRow)
    .join(Activation, Activation.id == BulkActionRow.activation_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .where(BulkActionRow.bulk_action_id == bindparam("action"))
    .order_by(BulkActionRow.position)
)


def read_office_events(context: Context) -> list[OfficeEventRow]:
    """Return the latest events of the office, the newest first."""
    with context.database.read_connection() as connection:
        rows = _EVENT_COLUMNS.rows(connection.execute(_EVENTS, {"office": context.office_id}))
        accountants = read_accountants(connection, context.office_id)
    return [
        OfficeEventRow(
            at=row[OfficeEvent.at],
            event_type=row[OfficeEvent.event_type],
            accountant=accountants.get(row[OfficeEvent.actor]),
            about=accountants.get((row[OfficeEvent.detail] or "").partition(" ")[2]),
            detail=row[OfficeEvent.detail] or "",
            row_count=row[OfficeEvent.row_count],
            bulk_action=row[BulkAction.public_id],
            is_confirmed=row[BulkAction.leased_until] is not None,
        )
        for row in rows
    ]


def read_bulk_action(context: Context, public_id: str) -> BulkActionDetail | None:
    """Return a bulk action with its rows as they are now; None where the office has none such."""
    parameters = {"office": context.office_id, "public_id": public_id}
    with context.database.read_connection() as connection:
        action = _ACTION_COLUMNS.first(connection.execute(_ACTION, parameters))
        if action is None:
            return None
        entries = _ENTRY_COLUMNS.rows(connection.execute(_ENTRIES, {"action": action[BulkAction.id]}))
        accountants = read_accountants(connection, context.office_id)
    return BulkActionDetail(
        public_id=public_id,
        action=action[BulkAction.action],
        language=action[BulkAction.language],
        at=action[OfficeEvent.at],
        accountant=accountants.get(action[OfficeEvent.actor]),
        entries=[_bulk_action_entry(row) for row in entries],
        is_confirmed=action[BulkAction.leased_until] is not None,
    )


def _bulk_action_entry(row: TypedRow) -> BulkActionEntry:
    return BulkActionEntry(
        dossier_id=row[Dossier.id],
        code=row[Dossier.code],
        name=row[Dossier.name],
        public_id=row[Activation.public_id],
        client_reference=row[Activation.client_reference],
        outcome=row[BulkActionRow.outcome],
    )


_ACCOUNTANT_COLUMNS = TypedColumns(Accountant.id, Accountant.email)
_ACCOUNTANTS = select(*_ACCOUNTANT_COLUMNS.columns).where(Accountant.office_id == bindparam("office"))


def read_accountants(connection: Connection, office_id: int | None) -> dict[str, str]:
    """Return the addresses of an office's people, by the name that a history has for each."""
    rows = _ACCOUNTANT_COLUMNS.rows(connection.execute(_ACCOUNTANTS, {"office": office_id}))
    return {f"accountant {row[Accountant.id]}": row[Accountant.email] for row in rows}

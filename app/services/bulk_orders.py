"""Ordering for many: what was typed is kept, checked and corrected, then ordered like any bulk action."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from app.context import Context
from app.domain.caps import UPLOAD_LIFE
from app.domain.file_rules import FileProblem
from app.domain.history import OfficeEventType
from app.models import Activation, BulkAction, BulkOrderRow, OfficeEvent
from app.models.event import record_office_event
from app.models.personal_data import erase_order_rows
from app.queries.office_events import read_accountants
from app.services.order_check import CheckedRow, OrderChecker, find_own_codes
from app.services.order_file import OrderColumn, TypedOrder, parse_order_file, read_typed
from app.services.orders import OrderService
from app.services.sign_in import SignedInAccountant
from app.services.unit_of_work import UnitOfWork

#: How a bulk action is named that orders.
ORDER = "order"


@dataclass(frozen=True)
class PlacedRow:
    """A row after it was its turn: what became of it, and its request where it has one."""

    position: int
    line: int
    code: str
    outcome: str | None
    public_id: str | None
    dossier_id: int | None
    ordered_reference: str | None


@dataclass(frozen=True)
class BulkOrder:
    """An order for many: the rows that can still be ordered or corrected, and what became of all of them."""

    public_id: str
    erase_at: datetime | None
    is_confirmed: bool
    rows: Sequence[CheckedRow]
    placed: Sequence[PlacedRow]

    @property
    def ready(self) -> Sequence[CheckedRow]:
        """The rows that can be ordered."""
        return [row for row in self.rows if row.problem is None]

    @property
    def mark(self) -> str:
        """What the form carries of them, so that nothing is ordered that was not shown."""
        return hashlib.sha256(repr([row.order for row in self.ready]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class BulkOrderService:
    """Everything but doing it, which is a bulk action's."""

    context: Context

    def keep_file(self, raw: bytes, who: SignedInAccountant, language: str) -> str:
        """Keep the filled rows of a file until they are ordered; return their name. Raise InvalidFile."""
        typed = parse_order_file(raw, language)
        public_id, now = secrets.token_hex(12), self.context.clock()
        kind = OfficeEventType.BULK_ACTION
        with self.context.database.write_connection() as connection:
            event = record_office_event(connection, who.office_id, kind, who.actor, now, ORDER)
            kept = {"public_id": public_id, "event_id": event, "action": ORDER, "language": ""}
            action = insert(BulkAction).values(erase_at=now + UPLOAD_LIFE, **kept).returning(BulkAction.id)
            action_id = connection.execute(action).scalar_one()
            codes = find_own_codes(connection, self.context, {row.cells[OrderColumn.CODE] for row in typed})
            connection.execute(
                insert(BulkOrderRow),
                [_row_values(action_id, n, row, codes) for n, row in enumerate(typed, 1)],
            )
        return public_id

    def read_order(self, public_id: str) -> BulkOrder | None:
        """Return an order with its rows checked as things are now; None where the office has none such."""
        with self.context.database.read_connection() as connection:
            return self._read(connection, public_id)

    def _read(self, connection: Connection, public_id: str) -> BulkOrder | None:
        query = select(BulkAction.id, BulkAction.erase_at, BulkAction.leased_until)
        action = connection.execute(self._own(query, public_id)).one_or_none()
        if action is None:
            return None
        rows = connection.execute(
            select(*_ROW_COLUMNS)
            .outerjoin(Activation, Activation.id == BulkOrderRow.activation_id)
            .where(BulkOrderRow.bulk_action_id == action.id)
            .order_by(BulkOrderRow.position)
        ).all()
        live = [row for row in rows if row.activation_id is None and action.erase_at]
        return BulkOrder(
            public_id,
            action.erase_at,
            action.leased_until is not None,
            OrderChecker(connection, self.context, live).check_rows(),
            [PlacedRow(*(getattr(row, field.name) for field in fields(PlacedRow))) for row in rows],
        )

    def correct_rows(
        self,
        public_id: str,
        corrections: Mapping[int, Mapping[OrderColumn, str]],
        seen: Mapping[int, str],
        dropped: Collection[int],
    ) -> None:
        """Write what was corrected, note which earlier requests were seen, forget rows that are left out."""
        with self.context.database.write_connection() as connection:
            open_ones = self._own(select(BulkAction.id), public_id).where(BulkAction.leased_until.is_(None))
            action = connection.execute(open_ones.with_for_update()).scalar_one_or_none()
            if action is None:
                return
            codes = {cells[OrderColumn.CODE] for cells in corrections.values() if OrderColumn.CODE in cells}
            own = find_own_codes(connection, self.context, codes) if codes else {}
            for position in {*corrections, *seen}:
                cells = {c.value: read_typed(c, text) for c, text in corrections.get(position, {}).items()}
                if "code" in cells:
                    cells["code"] = own.get(cells["code"], cells["code"])
                values = cells | ({"seen": seen[position]} if position in seen else {})
                connection.execute(update(BulkOrderRow).where(*_is_row(action, position)).values(values))
            of_them = (BulkOrderRow.bulk_action_id == action, BulkOrderRow.position.in_(dropped))
            connection.execute(delete(BulkOrderRow).where(*of_them))

    def confirm_order(self, public_id: str, who: SignedInAccountant, mark: str) -> bool:
        """Let the rows that are ready be ordered from now on; False where others were shown."""
        now = self.context.clock()
        with self.context.database.write_connection() as connection:
            order = self._read(connection, public_id)
            if order is None or order.is_confirmed:
                return True
            if not order.ready or order.mark != mark:
                return False
            taken = update(BulkAction).where(
                BulkAction.public_id == public_id, BulkAction.leased_until.is_(None)
            )
            confirmed = taken.values(leased_until=now).returning(BulkAction.id, BulkAction.event_id)
            action = connection.execute(confirmed).one_or_none()
            if action is None:
                return True
            for row in order.rows:
                if row.problem:
                    refused = update(BulkOrderRow).where(*_is_row(action.id, row.position))
                    connection.execute(refused.values(outcome=row.problem))
            named = update(OfficeEvent).where(OfficeEvent.id == action.event_id)
            connection.execute(named.values(actor=who.actor, at=now))
        return True

    def forget_old_rows(self) -> int:
        """Empty what is personal of orders that are a day old; return of how many."""
        now = self.context.clock()
        with self.context.database.write_connection() as connection:
            own = self.context.scoped(select(OfficeEvent.id), OfficeEvent.office_id)
            old = update(BulkAction).where(BulkAction.erase_at <= now, BulkAction.event_id.in_(own))
            actions = connection.execute(old.values(erase_at=None).returning(BulkAction.id)).scalars().all()
            of_them = BulkOrderRow.bulk_action_id.in_(actions)
            left = update(BulkOrderRow).where(of_them, BulkOrderRow.outcome.is_(None))
            connection.execute(left.values(outcome=FileProblem.TOO_OLD))
            erase_order_rows(connection, of_them)
        return len(actions)

    def _own(self, query: Select[*tuple[Any, ...]], public_id: str) -> Select[*tuple[Any, ...]]:
        query = query.join(OfficeEvent, OfficeEvent.id == BulkAction.event_id)
        found = query.where(BulkAction.public_id == public_id, BulkAction.action == ORDER)
        return self.context.scoped(found, OfficeEvent.office_id)


def place_row(
    context: Context, row: tuple[int, int], actor: str, note: Callable[[Session], None]
) -> str | None:
    """Order one row of an action, noted in the same transaction; return why not, None where it is done."""
    with context.database.read_connection() as connection:
        query = select(*_ROW_COLUMNS).outerjoin(Activation, Activation.id == BulkOrderRow.activation_id)
        rows = connection.execute(query.where(*_is_row(*row))).all()
        (checked,) = OrderChecker(connection, context, rows).check_rows()
        email = read_accountants(connection, context.office_id).get(actor)
    if checked.problem or checked.order is None:
        return checked.problem

    def note_row(work: UnitOfWork, activation: Activation) -> None:
        work.session.flush()
        placed = update(BulkOrderRow).where(*_is_row(*row)).values(activation_id=activation.id)
        work.session.execute(placed)
        erase_order_rows(work.session, *_is_row(*row))
        note(work.session)

    OrderService(context, note_row).place_order(replace(checked.order, accountant=email, actor=actor))
    return None


_ROW_COLUMNS = (
    *BulkOrderRow.__table__.columns,
    Activation.public_id,
    Activation.dossier_id,
    Activation.client_reference.label("ordered_reference"),
)


def _is_row(action_id: int, position: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return BulkOrderRow.bulk_action_id == action_id, BulkOrderRow.position == position


def _row_values(
    action_id: int, position: int, typed: TypedOrder, codes: Mapping[str, str]
) -> dict[str, object]:
    cells = {column.value: cell for column, cell in typed.cells.items()}
    cells["code"] = codes.get(cells["code"], cells["code"])
    return {
        "bulk_action_id": action_id,
        "position": position,
        "line": typed.line,
        **cells,
    }

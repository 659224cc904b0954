"""Doing one thing with many activations: all of it is kept first, then done row by row, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, bindparam, func, insert, or_, select, update

from app.context import Context
from app.domain.history import OfficeEventType
from app.domain.order_rules import ActionRefused
from app.models import Activation, BulkAction, BulkActionRow, OfficeEvent
from app.models.event import record_office_event, record_row_count
from app.services.invitations import (
    ActionCommand,
    ActionOutcome,
    ActivationAction,
    InvitationService,
    perform_action,
)
from app.services.sign_in import SignedInAccountant

#: What can be done with many at once, in the order in which it is offered.
BULK_ACTIONS = (
    ActivationAction.RESEND,
    ActivationAction.REMIND,
    ActivationAction.LANGUAGE,
    ActivationAction.CANCEL,
)
#: Whoever confirms waits for the last of them.
MOST_ROWS = 500
#: Longer than a batch takes; whoever comes after an interruption goes on after it.
_LEASE = timedelta(minutes=1)
_BATCH_ROWS = 25


@dataclass(frozen=True)
class BulkOrder:
    """What is to be done: the mark of each activation as it was seen, by its public id."""

    public_id: str
    action: ActivationAction
    version_marks: Mapping[str, str]
    language: str = ""


@dataclass(frozen=True)
class _LeasedAction:
    id: int
    event_id: int
    action: ActivationAction
    language: str


@dataclass(frozen=True)
class _PendingRow:
    position: int
    public_id: str
    version_mark: str


@dataclass(frozen=True)
class BulkActionService:
    """Keeping a bulk action and doing it.

    Whoever sends the form twice finds the first one kept, or being done. After an interruption the rows that
    are left can be done; one that was done and not noted has changed since it was seen, and is left alone.
    """

    context: Context

    def prepare_action(self, order: BulkOrder, who: SignedInAccountant) -> None:
        """Keep what is to be done; the same order a second time changes nothing."""
        with self.context.database.write_connection() as connection:
            known = select(BulkAction.id).where(BulkAction.public_id == order.public_id)
            if connection.execute(known).first() is None:
                _insert_action(connection, order, who, self.context)

    def perform_action(self, public_id: str, who: SignedInAccountant) -> None:
        """Do what is left of it, unless somebody is doing it now."""
        action = self._take_lease(public_id, who)
        if action is None:
            return
        pending = self._read_pending(action)
        for start in range(0, len(pending), _BATCH_ROWS):
            rows = pending[start : start + _BATCH_ROWS]
            outcomes = [self._perform_row(action, row, who.actor) for row in rows]
            self._record_outcomes(action, rows, outcomes)
        self._end_lease(action)

    def _take_lease(self, public_id: str, who: SignedInAccountant) -> _LeasedAction | None:
        """Hold the action while it is done; None where another does, or the office has none such."""
        own = select(OfficeEvent.id).where(OfficeEvent.office_id == who.office_id)
        taken = (
            update(BulkAction)
            .where(
                BulkAction.public_id == public_id,
                BulkAction.event_id.in_(own),
                or_(BulkAction.leased_until.is_(None), BulkAction.leased_until <= self.context.clock()),
            )
            .values(leased_until=self.context.clock() + _LEASE)
            .returning(BulkAction.id, BulkAction.event_id, BulkAction.action, BulkAction.language)
        )
        with self.context.database.write_connection() as connection:
            row = connection.execute(taken).one_or_none()
        return (
            _LeasedAction(row.id, row.event_id, ActivationAction(row.action), row.language) if row else None
        )

    def _read_pending(self, action: _LeasedAction) -> list[_PendingRow]:
        pending = (
            select(BulkActionRow.position, Activation.public_id, BulkActionRow.version_mark)
            .join(Activation, Activation.id == BulkActionRow.activation_id)
            .where(BulkActionRow.bulk_action_id == action.id, BulkActionRow.outcome.is_(None))
            .order_by(BulkActionRow.position)
        )
        with self.context.database.read_connection() as connection:
            rows = connection.execute(pending)
            return [_PendingRow(row.position, row.public_id, row.version_mark) for row in rows]

    def _perform_row(self, action: _LeasedAction, row: _PendingRow, actor: str) -> str:
        command = ActionCommand(row.public_id, actor, row.version_mark, language=action.language)
        try:
            return perform_action(InvitationService(self.context), action.action, command)
        except ActionRefused as refused:
            return refused.problem

    def _record_outcomes(
        self, action: _LeasedAction, rows: Sequence[_PendingRow], outcomes: Sequence[str]
    ) -> None:
        """Note what became of some rows, and hold the action for the next ones."""
        noted = [
            {"row": row.position, "became": outcome} for row, outcome in zip(rows, outcomes, strict=True)
        ]
        with self.context.database.write_connection() as connection:
            connection.execute(_OUTCOME, [{"action_id": action.id, **values} for values in noted])
            held = update(BulkAction).where(BulkAction.id == action.id)
            connection.execute(held.values(leased_until=self.context.clock() + _LEASE))

    def _end_lease(self, action: _LeasedAction) -> None:
        done = select(func.count()).where(
            BulkActionRow.bulk_action_id == action.id, BulkActionRow.outcome == ActionOutcome.DONE
        )
        with self.context.database.write_connection() as connection:
            held = update(BulkAction).where(BulkAction.id == action.id)
            connection.execute(held.values(leased_until=self.context.clock()))
            record_row_count(connection, action.event_id, connection.execute(done).scalar_one())


_OUTCOME = (
    update(BulkActionRow)
    .where(BulkActionRow.bulk_action_id == bindparam("action_id"), BulkActionRow.position == bindparam("row"))
    .values(outcome=bindparam("became"))
)


def _insert_action(
    connection: Connection, order: BulkOrder, who: SignedInAccountant, context: Context
) -> None:
    event_id = record_office_event(
        connection, who.office_id, OfficeEventType.BULK_ACTION, who.actor, context.clock(), order.action
    )
    kept = insert(BulkAction).values(
        public_id=order.public_id, event_id=event_id, action=order.action, language=order.language
    )
    action_id = connection.execute(kept.returning(BulkAction.id)).scalar_one()
    own = select(Activation.id, Activation.public_id).where(
        Activation.office_id == who.office_id, Activation.public_id.in_(order.version_marks)
    )
    ids = {row.public_id: row.id for row in connection.execute(own)}
    rows = [
        {"bulk_action_id": action_id, "position": position, "activation_id": ids[key], "version_mark": mark}
        for position, (key, mark) in enumerate(order.version_marks.items(), 1)
        if key in ids
    ]
    connection.execute(insert(BulkActionRow), rows)

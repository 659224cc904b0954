"""Doing one thing with many activations: all of it is kept first, then done row by row, each once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import start_time_limit
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
#: One page shows them all.
MOST_ROWS = 500
#: Longer than a batch takes; after an interruption the worker goes on when it is over.
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
    actor: str


@dataclass(frozen=True)
class _PendingRow:
    position: int
    public_id: str
    version_mark: str


@dataclass(frozen=True)
class BulkActionService:
    """Keeping a bulk action and doing it.

    Whoever confirms does what can be done in a few seconds, the worker the rest. A row that was done and, in
    an interruption, not noted has changed since it was seen, and is left alone.
    """

    context: Context

    def prepare_action(self, order: BulkOrder, who: SignedInAccountant) -> None:
        """Keep what is to be done; the same order a second time changes nothing."""
        with suppress(IntegrityError), self.context.database.write_connection() as connection:
            _insert_action(connection, order, who, self.context)

    def perform_action(self, public_id: str) -> None:
        """Do what can be done now of what was confirmed, unless somebody is doing it."""
        self._perform(BulkAction.public_id == public_id)

    def continue_actions(self) -> int:
        """Do more of an action that was confirmed and is left; return with how many activations."""
        with self.context.database.read_connection() as connection:
            left = select(BulkAction.id).where(_UNFINISHED, BulkAction.leased_until <= self.context.clock())
            due = connection.execute(left.where(*self._own()).limit(1)).scalar()
        return self._perform(BulkAction.id == due) if due else 0

    def _perform(self, condition: ColumnElement[bool]) -> int:
        action, has_time = self._take_lease(condition), start_time_limit(self.context.stopwatch)
        if action is None:
            return 0
        pending, done = self._read_pending(action), 0
        while done < len(pending) and (not done or has_time()):
            rows = pending[done : done + _BATCH_ROWS]
            self._record_outcomes(action, rows, [self._perform_row(action, row) for row in rows])
            done += len(rows)
        self._end_lease(action, is_finished=done == len(pending))
        return done

    def _own(self) -> Sequence[ColumnElement[bool]]:
        """Return what keeps a statement within the office."""
        if self.context.office_id is None:
            return ()
        own = select(OfficeEvent.id).where(OfficeEvent.office_id == self.context.office_id)
        return (BulkAction.event_id.in_(own),)

    def _take_lease(self, condition: ColumnElement[bool]) -> _LeasedAction | None:
        """Hold the action while it is done; None where another does, it is finished, or not the office's."""
        now = self.context.clock()
        is_free = or_(BulkAction.leased_until.is_(None), BulkAction.leased_until <= now)
        taken = (
            update(BulkAction)
            .where(condition, _UNFINISHED, *self._own(), is_free)
            .values(leased_until=now + _LEASE)
            .returning(BulkAction.id, BulkAction.event_id, BulkAction.action, BulkAction.language)
        )
        with self.context.database.write_connection() as connection:
            row = connection.execute(taken).one_or_none()
            if row is None:
                return None
            actor = select(OfficeEvent.actor).where(OfficeEvent.id == row.event_id)
            return _LeasedAction(
                row.id,
                row.event_id,
                ActivationAction(row.action),
                row.language,
                connection.execute(actor).scalar_one(),
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

    def _perform_row(self, action: _LeasedAction, row: _PendingRow) -> str:
        command = ActionCommand(row.public_id, action.actor, row.version_mark, language=action.language)
        try:
            return perform_action(InvitationService(self.context), action.action, command)
        except ActionRefused as refused:
            return refused.problem

    def _record_outcomes(
        self, action: _LeasedAction, rows: Sequence[_PendingRow], outcomes: Sequence[str]
    ) -> None:
        """Note what became of some rows, and hold the action for the next ones."""
        noted = [
            {"action_id": action.id, "row": row.position, "became": outcome}
            for row, outcome in zip(rows, outcomes, strict=True)
        ]
        with self.context.database.write_connection() as connection:
            connection.execute(_OUTCOME, noted)
            held = update(BulkAction).where(BulkAction.id == action.id)
            connection.execute(held.values(leased_until=self.context.clock() + _LEASE))

    def _end_lease(self, action: _LeasedAction, *, is_finished: bool) -> None:
        now = self.context.clock()
        done = select(func.count()).where(
            BulkActionRow.bulk_action_id == action.id, BulkActionRow.outcome == ActionOutcome.DONE
        )
        with self.context.database.write_connection() as connection:
            ended = update(BulkAction).where(BulkAction.id == action.id)
            connection.execute(ended.values(leased_until=now, finished_at=now if is_finished else None))
            if is_finished:
                record_row_count(connection, action.event_id, connection.execute(done).scalar_one())


_UNFINISHED = BulkAction.finished_at.is_(None)
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

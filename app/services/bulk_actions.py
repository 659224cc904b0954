"""Doing one thing with many activations: all of it is kept first, then done row by row, each once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import start_time_limit
from app.context import Context
from app.domain.history import OfficeEventType
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.roles import ACTING
from app.models import Accountant, Activation, BulkAction, BulkActionRow, BulkOrderRow, OfficeEvent
from app.models.event import record_office_event, record_row_count
from app.services.bulk_orders import ORDER, place_row
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
#: Longer than one row takes; after an interruption the worker goes on when it is over.
_LEASE = timedelta(minutes=1)


@dataclass(frozen=True)
class BulkCommand:
    """What is to be done: the mark of each activation as it was seen, by its public id."""

    public_id: str
    action: ActivationAction
    version_marks: Mapping[str, str]
    language: str = ""


@dataclass(frozen=True)
class _LeasedAction:
    id: int
    event_id: int
    action: str
    language: str
    actor: str
    office_id: int


@dataclass(frozen=True)
class _PendingRow:
    position: int
    public_id: str | None
    version_mark: str


@dataclass(frozen=True)
class BulkActionService:
    """Keeping a bulk action and doing it.

    Whoever confirms does what can be done in a few seconds, the worker the rest. What became of an activation
    is noted in its own transaction, so that a report is true whatever interrupts the work.
    """

    context: Context

    def prepare_action(self, command: BulkCommand, who: SignedInAccountant, *, confirmed: bool) -> None:
        """Keep what is to be done; the same command a second time changes nothing."""
        with suppress(IntegrityError), self.context.database.write_connection() as connection:
            _insert_action(connection, command, who, self.context.clock(), confirmed=confirmed)

    def confirm_action(self, public_id: str, who: SignedInAccountant) -> None:
        """Let it be done from now on, in the name of who confirms it; nothing where somebody has already."""
        now = self.context.clock()
        confirmed = (
            update(BulkAction)
            .where(BulkAction.public_id == public_id, BulkAction.leased_until.is_(None), *self._own())
            .values(leased_until=now)
            .returning(BulkAction.event_id)
        )
        with self.context.database.write_connection() as connection:
            event_id = connection.execute(confirmed).scalar_one_or_none()
            named = update(OfficeEvent).where(OfficeEvent.id == event_id)
            connection.execute(named.values(actor=who.actor, at=now))

    def perform_action(self, public_id: str) -> None:
        """Do what can be done now of what was confirmed, unless somebody is doing it."""
        self._perform(BulkAction.public_id == public_id)

    def continue_actions(self) -> int:
        """Do more of an action that was confirmed and is left; return with how many activations."""
        left = select(BulkAction.id).where(_UNFINISHED, BulkAction.leased_until <= self.context.clock())
        oldest = left.where(*self._own()).order_by(BulkAction.leased_until).limit(1)
        with self.context.database.read_connection() as connection:
            due = connection.execute(oldest).scalar()
        return self._perform(BulkAction.id == due) if due else 0

    def _perform(self, condition: ColumnElement[bool]) -> int:
        action, has_time, done = self._take_lease(condition), start_time_limit(self.context.stopwatch), 0
        if action is None:
            return 0
        for row in self._read_pending(action):
            if done and not has_time():
                break
            self._perform_row(action, row)
            done += 1
        self._end_lease(action)
        return done

    def _own(self) -> Sequence[ColumnElement[bool]]:
        """Return what keeps a statement within the office."""
        if self.context.office_id is None:
            return ()
        own = select(OfficeEvent.id).where(OfficeEvent.office_id == self.context.office_id)
        return (BulkAction.event_id.in_(own),)

    def _take_lease(self, condition: ColumnElement[bool]) -> _LeasedAction | None:
        """Hold the action while it is done; None where another does, or there is nothing to do."""
        now = self.context.clock()
        taken = (
            update(BulkAction)
            .where(condition, _UNFINISHED, BulkAction.leased_until <= now, *self._own())
            .values(leased_until=now + _LEASE)
            .returning(BulkAction.id, BulkAction.event_id, BulkAction.action, BulkAction.language)
        )
        with self.context.database.write_connection() as connection:
            row = connection.execute(taken).one_or_none()
            if row is None:
                return None
            event = select(OfficeEvent.actor, OfficeEvent.office_id).where(OfficeEvent.id == row.event_id)
            actor, office_id = connection.execute(event).one()
            return _LeasedAction(row.id, row.event_id, row.action, row.language, actor, office_id)

    def _read_pending(self, action: _LeasedAction) -> list[_PendingRow]:
        pending = (
            select(BulkActionRow.position, Activation.public_id, BulkActionRow.version_mark)
            .join(Activation, Activation.id == BulkActionRow.activation_id)
            .where(BulkActionRow.bulk_action_id == action.id, BulkActionRow.outcome.is_(None))
            .order_by(BulkActionRow.position)
        )
        if action.action == ORDER:
            pending = select(BulkOrderRow.position, null().label("public_id"), null().label("version_mark"))
            pending = pending.where(BulkOrderRow.bulk_action_id == action.id, BulkOrderRow.outcome.is_(None))
            pending = pending.order_by(BulkOrderRow.position)
        with self.context.database.read_connection() as connection:
            rows = connection.execute(pending)
            return [_PendingRow(row.position, row.public_id, row.version_mark) for row in rows]

    def _perform_row(self, action: _LeasedAction, row: _PendingRow) -> None:
        """Do it once: that it was done is noted with it, and why it was not as soon as that is known."""

        def note_done(session: Session) -> None:
            if not may_still_act(session, action.actor):
                raise ActionRefused(OrderProblem.NOT_ALLOWED)
            self._note_outcome(session, action, row, ActionOutcome.DONE)

        try:
            outcome = self._do(action, row, note_done)
        except ActionRefused as refused:
            outcome = refused.problem
        if outcome != ActionOutcome.DONE:
            with self.context.database.transaction() as session:
                self._note_outcome(session, action, row, outcome)

    def _do(self, action: _LeasedAction, row: _PendingRow, note_done: Callable[[Session], None]) -> str:
        if row.public_id is None:
            office = self.context.for_office(action.office_id)
            refusal = place_row(office, (action.id, row.position), action.actor, note_done)
            return refusal or ActionOutcome.DONE
        command = ActionCommand(row.public_id, action.actor, row.version_mark, language=action.language)
        service = InvitationService(self.context, on_done=lambda work: note_done(work.session))
        return perform_action(service, ActivationAction(action.action), command)

    def _note_outcome(self, session: Session, action: _LeasedAction, row: _PendingRow, outcome: str) -> None:
        """Note what became of a row, the first time, and hold the action for the next ones."""
        rows = _row_model(action)
        of_row = (rows.bulk_action_id == action.id, rows.position == row.position)
        session.execute(update(rows).where(*of_row, rows.outcome.is_(None)).values(outcome=outcome))
        held = update(BulkAction).where(BulkAction.id == action.id)
        session.execute(held.values(leased_until=self.context.clock() + _LEASE))

    def _end_lease(self, action: _LeasedAction) -> None:
        """Let others go on; where nothing is left, the work has come to its end."""
        now = self.context.clock()
        rows_of = _row_model(action)
        outcomes = select(rows_of.outcome, func.count().label("number")).where(
            rows_of.bulk_action_id == action.id
        )
        with self.context.database.write_connection() as connection:
            rows = connection.execute(outcomes.group_by(rows_of.outcome))
            counted = {row.outcome: row.number for row in rows}
            ended = update(BulkAction).where(BulkAction.id == action.id, _UNFINISHED)
            connection.execute(ended.values(leased_until=now, finished_at=None if None in counted else now))
            if None not in counted:
                record_row_count(connection, action.event_id, counted.get(ActionOutcome.DONE, 0))


def _row_model(action: _LeasedAction) -> type[BulkActionRow] | type[BulkOrderRow]:
    return BulkOrderRow if action.action == ORDER else BulkActionRow


_UNFINISHED = BulkAction.finished_at.is_(None)


def may_still_act(session: Session, actor: str) -> bool:
    """Tell whether an accountant, by the name that the history has for them, may still act for the office."""
    person = select(Accountant.role).where(
        Accountant.id == int(actor.removeprefix("accountant ")), Accountant.disabled_at.is_(None)
    )
    role = session.scalar(person)
    return role is not None and role.includes(ACTING)


def _insert_action(
    connection: Connection, command: BulkCommand, who: SignedInAccountant, now: datetime, *, confirmed: bool
) -> None:
    detail = f"{command.action} {command.language}".strip()
    event_id = record_office_event(
        connection, who.office_id, OfficeEventType.BULK_ACTION, who.actor, now, detail
    )
    kept = insert(BulkAction).values(
        public_id=command.public_id,
        event_id=event_id,
        action=command.action,
        language=command.language,
        leased_until=now if confirmed else None,
    )
    action_id = connection.execute(kept.returning(BulkAction.id)).scalar_one()
    connection.execute(insert(BulkActionRow), list(_rows_to_insert(connection, command, who, action_id)))


def _rows_to_insert(
    connection: Connection, command: BulkCommand, who: SignedInAccountant, action_id: int
) -> Iterator[dict[str, object]]:
    own = select(Activation.id, Activation.public_id).where(
        Activation.office_id == who.office_id, Activation.public_id.in_(command.version_marks)
    )
    ids = {row.public_id: row.id for row in connection.execute(own)}
    for position, (key, mark) in enumerate(command.version_marks.items(), 1):
        if key in ids:
            row = {"bulk_action_id": action_id, "position": position, "activation_id": ids[key]}
            yield {**row, "version_mark": mark}

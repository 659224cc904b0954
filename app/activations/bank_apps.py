"""Banks with an app of their own: told which requests wait there, asked what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.activations.desk import BANK, Desk
from app.bank.gateway import BankAppRequest, BankFault
from app.clock import start_time_limit
from app.db import Instant
from app.domain.activation import ActivationState, LifecycleAction, next_state
from app.domain.history import EventType, MailKind
from app.domain.results import AppDecision, BankFaultKind
from app.mail.queue import enqueue_mail, enqueue_mail_once
from app.models import Activation, Office

#: How often a bank is asked about a request in its app: in the first day, and afterwards.
CHECK_APP = timedelta(seconds=30)
CHECK_APP_LATER = timedelta(minutes=5)
_FRESH = timedelta(days=1)
_BATCH = 100


@dataclass(frozen=True)
class _Waiting:
    """A request whose turn it is, and what the bank is told of it."""

    id: int
    request: BankAppRequest


def _waiting(row: Row[*tuple[Any, ...]]) -> _Waiting:
    id_, public_id, round_, bank, reference, iban, office, state = row
    open_ = state is ActivationState.INVITED
    return _Waiting(id_, BankAppRequest(public_id, round_, bank, reference, iban, office, open_))


class BankApps(Desk):
    """One idempotent exchange tells a bank which requests are open and brings its answers."""

    def ask_bank_apps(self) -> int:
        """Exchange the requests whose turn it is; return how many. A silent bank is asked again later."""
        waiting = self._take_turns()
        if waiting:
            self._exchange(waiting, start_time_limit(self.stopwatch))
        return len(waiting)

    def _exchange(self, waiting: list[_Waiting], has_time: Callable[[], bool]) -> None:
        """Ask about all at once; where no answer fits, about each half, so that one request spoils no other.

        A bank that answers nothing fitting at all is left alone past the time limit: other jobs wait.
        """
        try:
            decisions = self.bank_app.exchange_requests([one.request for one in waiting])
        except BankFault as broken:
            middle = len(waiting) // 2
            if middle and broken.fault is BankFaultKind.BAD_ANSWER and has_time():
                self._exchange(waiting[:middle], has_time)
                self._exchange(waiting[middle:], has_time)
            return
        for one in waiting:
            self._take_up(one, decisions[one.request.public_id])

    def _take_turns(self) -> list[_Waiting]:
        """Claim the requests that are due by moving their next turn; no other worker asks meanwhile."""
        now = self.clock()
        turns = {"now": now, "soon": now + CHECK_APP, "later": now + CHECK_APP_LATER, "lately": now - _FRESH}
        with self.database.transaction() as session:
            taken = session.execute(_take_turns(*self._own(Activation.id)), turns).scalars().all()
            rows = session.execute(_REQUESTS, {"taken": taken}).all() if taken else []
        return [_waiting(row) for row in rows]

    def _take_up(self, one: _Waiting, decision: AppDecision) -> None:
        if not one.request.open:
            self._close(one, decision)
        elif decision is AppDecision.CONFIRMED:
            self._confirm(one)
        elif decision is AppDecision.REFUSED:
            self._refuse(one)

    def _confirm(self, one: _Waiting) -> None:
        now = self.clock()
        state = next_state(ActivationState.INVITED, LifecycleAction.CONFIRM_IN_BANK_APP)
        with self.database.transaction() as session:
            if not self._answer(session, one, state=state, activated_at=now, changed_at=now):
                return
            enqueue_mail(session, MailKind.CONFIRMATION, one.id, one.request.round, now)
            self._note(session, one.id, EventType.ACTIVATED, BANK)

    def _refuse(self, one: _Waiting) -> None:
        """Keep the request open: a resend asks the cardholder once more."""
        now = self.clock()
        with self.database.transaction() as session:
            refused = {"refused_at": now, "problem": True, "next_reminder_at": None, "changed_at": now}
            if not self._answer(session, one, **refused):
                return
            enqueue_mail_once(session, MailKind.PROBLEM, one.id, one.request.round, now)
            self._note(session, one.id, EventType.REFUSED_IN_APP, BANK)

    def _answer(self, session: Session, one: _Waiting, **values: object) -> bool:
        """Write an answer once, unless the request was withdrawn or sent again meanwhile."""
        answered = session.execute(
            update(Activation)
            .where(
                Activation.id == one.id,
                Activation.state == ActivationState.INVITED,
                Activation.round == one.request.round,
                Activation.refused_at.is_(None),
            )
            .values(bank_check_at=None, **values)
            .returning(Activation.id)
        )
        return answered.one_or_none() is not None

    def _close(self, one: _Waiting, decision: AppDecision) -> None:
        """Ask no more about a request that is over; a late confirmation is kept as evidence alone."""
        with self.database.transaction() as session:
            closed = session.execute(
                update(Activation)
                .where(
                    Activation.id == one.id,
                    Activation.round == one.request.round,
                    Activation.state != ActivationState.INVITED,
                )
                .values(bank_check_at=None)
                .returning(Activation.activated_at)
            ).one_or_none()
            if closed is not None and closed[0] is None and decision is AppDecision.CONFIRMED:
                self._note(session, one.id, EventType.LATE_RESULT, BANK, decision)


def _take_turns(*own: ColumnElement[bool]) -> ReturningUpdate[int]:
    """Return the statement that moves the next turn of what is due."""
    due = (
        select(Activation.id)
        .where(Activation.bank_check_at <= bindparam("now", type_=Instant), *own)
        .order_by(Activation.bank_check_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    fresh = Activation.invited_at > bindparam("lately", type_=Instant)
    next_turn = case((fresh, bindparam("soon", type_=Instant)), else_=bindparam("later", type_=Instant))
    moved = update(Activation).where(Activation.id.in_(due)).values(bank_check_at=next_turn)
    return moved.returning(Activation.id)


_REQUESTS: Select[*tuple[Any, ...]] = (
    select(
        Activation.id,
        Activation.public_id,
        Activation.round,
        Activation.bank,
        Activation.client_reference,
        Activation.iban,
        Office.name,
        Activation.state,
    )
    .join(Office, Office.id == Activation.office_id)
    .where(Activation.id.in_(bindparam("taken", expanding=True)))
)

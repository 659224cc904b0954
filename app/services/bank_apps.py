"""Banks with an app of their own: told which requests wait there, asked what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from app.bank.gateway import BankAppRequest, BankFault
from app.clock import start_time_limit
from app.context import BANK, Context
from app.db import UtcDateTime
from app.domain.bank_results import AppDecision, BankFaultKind
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState, LifecycleAction, next_state
from app.mail.outbox import enqueue_mail, enqueue_mail_once
from app.models import Activation, Office

#: How often a bank is asked about a request in its app: in the first day, and afterwards.
CHECK_APP = timedelta(seconds=30)
CHECK_APP_LATER = timedelta(minutes=5)
_FRESH = timedelta(days=1)
_BATCH = 100


@dataclass(frozen=True)
class _DueRequest:
    """A request whose turn it is, and what the bank is told of it."""

    id: int
    request: BankAppRequest


def _to_due_request(row: Row[*tuple[Any, ...]]) -> _DueRequest:
    id_, public_id, round_, bank, reference, iban, office, state = row
    open_ = state is ActivationState.INVITED
    return _DueRequest(id_, BankAppRequest(public_id, round_, bank, reference, iban, office, open_))


class BankAppService(Context):
    """One idempotent exchange tells a bank which requests are open and brings its answers."""

    def exchange_with_bank_apps(self) -> int:
        """Exchange the requests whose turn it is; return how many. A silent bank is asked again later."""
        waiting = self._claim_due_requests()
        if waiting:
            self._exchange_batch(waiting, start_time_limit(self.stopwatch))
        return len(waiting)

    def _exchange_batch(self, waiting: list[_DueRequest], has_time: Callable[[], bool]) -> None:
        """Ask about all at once; where no answer fits, about each half, so that one request spoils no other.

        A bank that answers nothing fitting at all is left alone past the time limit: other jobs wait.
        """
        try:
            decisions = self.bank_app.exchange_requests([one.request for one in waiting])
        except BankFault as broken:
            middle = len(waiting) // 2
            if middle and broken.fault is BankFaultKind.BAD_ANSWER and has_time():
                self._exchange_batch(waiting[:middle], has_time)
                self._exchange_batch(waiting[middle:], has_time)
            return
        for one in waiting:
            self._apply_decision(one, decisions[one.request.public_id])

    def _claim_due_requests(self) -> list[_DueRequest]:
        """Claim the requests that are due by moving their next turn; no other worker asks meanwhile."""
        now = self.clock()
        turns = {"now": now, "soon": now + CHECK_APP, "later": now + CHECK_APP_LATER, "lately": now - _FRESH}
        with self.database.transaction() as session:
            taken = session.execute(_claim_due_requests(*self._own(Activation.id)), turns).scalars().all()
            rows = session.execute(_REQUESTS, {"taken": taken}).all() if taken else []
        return [_to_due_request(row) for row in rows]

    def _apply_decision(self, one: _DueRequest, decision: AppDecision) -> None:
        if not one.request.open:
            self._close_request(one, decision)
        elif decision is AppDecision.CONFIRMED:
            self._confirm_activation(one)
        elif decision is AppDecision.REFUSED:
            self._record_refusal(one)

    def _confirm_activation(self, one: _DueRequest) -> None:
        now = self.clock()
        state = next_state(ActivationState.INVITED, LifecycleAction.CONFIRM_IN_BANK_APP)
        with self.database.transaction() as session:
            if not self._update_if_current(session, one, state=state, activated_at=now, changed_at=now):
                return
            enqueue_mail(session, MailKind.CONFIRMATION, one.id, one.request.round, now)
            self.record_event(session, one.id, EventType.ACTIVATED, BANK)

    def _record_refusal(self, one: _DueRequest) -> None:
        """Keep the request open: a resend asks the cardholder once more."""
        now = self.clock()
        with self.database.transaction() as session:
            refused = {"refused_at": now, "problem": True, "next_reminder_at": None, "changed_at": now}
            if not self._update_if_current(session, one, **refused):
                return
            enqueue_mail_once(session, MailKind.PROBLEM, one.id, one.request.round, now)
            self.record_event(session, one.id, EventType.REFUSED_IN_APP, BANK)

    def _update_if_current(self, session: Session, one: _DueRequest, **values: object) -> bool:
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

    def _close_request(self, one: _DueRequest, decision: AppDecision) -> None:
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
                self.record_event(session, one.id, EventType.LATE_RESULT, BANK, decision)


def _claim_due_requests(*own: ColumnElement[bool]) -> ReturningUpdate[int]:
    """Return the statement that moves the next turn of what is due."""
    due = (
        select(Activation.id)
        .where(Activation.bank_check_at <= bindparam("now", type_=UtcDateTime), *own)
        .order_by(Activation.bank_check_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    fresh = Activation.invited_at > bindparam("lately", type_=UtcDateTime)
    next_turn = case(
        (fresh, bindparam("soon", type_=UtcDateTime)), else_=bindparam("later", type_=UtcDateTime)
    )
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

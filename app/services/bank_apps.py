"""Banks with an app of their own: told which requests wait there, asked what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, case, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from app.bank.gateway import BankAppGateway, BankAppRequest, BankFault
from app.clock import start_time_limit
from app.context import Context
from app.db import bind_moment
from app.domain.bank_results import AppDecision, BankFaultKind
from app.domain.history import BANK, EventType, MailKind
from app.domain.states import ActivationState, LifecycleAction, next_state
from app.models import Activation, Office
from app.services.unit_of_work import UnitOfWork, unit_of_work

#: How often a bank is asked about a request in its app: in the first day, and afterwards.
CHECK_APP = timedelta(seconds=30)
CHECK_APP_LATER = timedelta(minutes=5)
_FRESH = timedelta(days=1)
_BATCH = 100


@dataclass(frozen=True)
class _DueRequest:
    """An activation whose turn it is, and what the bank is told of it."""

    id: int
    request: BankAppRequest


@dataclass(frozen=True)
class BankAppService:
    """One idempotent exchange tells a bank which requests are open and brings its answers."""

    context: Context
    bank_app: BankAppGateway

    def exchange_with_bank_apps(self) -> int:
        """Exchange the requests whose turn it is; return how many. A silent bank is asked again later."""
        waiting = self._claim_due_requests()
        if waiting:
            self._exchange_batch(waiting, start_time_limit(self.context.stopwatch))
        return len(waiting)

    def _exchange_batch(self, waiting: list[_DueRequest], has_time: Callable[[], bool]) -> None:
        """Ask about all at once; where no answer fits, about each half, so that one request spoils no other.

        A bank that answers nothing fitting at all is left alone past the time limit: other jobs wait.
        """
        try:
            decisions = self.bank_app.exchange_requests([due.request for due in waiting])
        except BankFault as broken:
            middle = len(waiting) // 2
            if middle and broken.fault is BankFaultKind.BAD_ANSWER and has_time():
                self._exchange_batch(waiting[:middle], has_time)
                self._exchange_batch(waiting[middle:], has_time)
            return
        for due in waiting:
            self._apply_decision(due, decisions[due.request.public_id])

    def _claim_due_requests(self) -> list[_DueRequest]:
        """Claim the requests that are due by moving their next turn; no other worker asks meanwhile."""
        claim = _claim_statement(*self.context.office_condition(Activation.id))
        with unit_of_work(self.context) as work:
            now = work.now
            times = {
                "now": now,
                "soon": now + CHECK_APP,
                "later": now + CHECK_APP_LATER,
                "recent": now - _FRESH,
            }
            ids = work.session.execute(claim, times).scalars().all()
            rows = work.session.execute(_REQUESTS, {"ids": ids}).all() if ids else []
        return [_to_due_request(row) for row in rows]

    def _apply_decision(self, due: _DueRequest, decision: AppDecision) -> None:
        if not due.request.open:
            self._close_request(due, decision)
        elif decision is AppDecision.CONFIRMED:
            self._confirm_activation(due)
        elif decision is AppDecision.REFUSED:
            self._record_refusal(due)

    def _confirm_activation(self, due: _DueRequest) -> None:
        state = next_state(ActivationState.INVITED, LifecycleAction.CONFIRM_IN_BANK_APP)
        with unit_of_work(self.context) as work:
            if _update_if_current(work, due, state=state, activated_at=work.now, changed_at=work.now):
                work.queue_mail(MailKind.CONFIRMATION, due.id, due.request.round)
                work.record_event(due.id, EventType.ACTIVATED, BANK)

    def _record_refusal(self, due: _DueRequest) -> None:
        """Keep the activation open: a resend asks the cardholder once more."""
        with unit_of_work(self.context) as work:
            refusal = {
                "refused_at": work.now,
                "problem": True,
                "next_reminder_at": None,
                "changed_at": work.now,
            }
            if _update_if_current(work, due, **refusal):
                work.queue_mail_once(MailKind.PROBLEM, due.id, due.request.round)
                work.record_event(due.id, EventType.REFUSED_IN_APP, BANK)

    def _close_request(self, due: _DueRequest, decision: AppDecision) -> None:
        """Ask no more about an activation that is over; a late confirmation is kept as evidence alone."""
        with unit_of_work(self.context) as work:
            closed = work.session.execute(
                update(Activation)
                .where(
                    Activation.id == due.id,
                    Activation.round == due.request.round,
                    Activation.state != ActivationState.INVITED,
                )
                .values(bank_check_at=None)
                .returning(Activation.activated_at)
            ).one_or_none()
            never_active = closed is not None and closed.activated_at is None
            if never_active and decision is AppDecision.CONFIRMED:
                work.record_event(due.id, EventType.LATE_RESULT, BANK, decision)


def _update_if_current(work: UnitOfWork, due: _DueRequest, **values: object) -> bool:
    """Write an answer once, unless the activation was withdrawn or sent again meanwhile."""
    updated = work.session.execute(
        update(Activation)
        .where(
            Activation.id == due.id,
            Activation.state == ActivationState.INVITED,
            Activation.round == due.request.round,
            Activation.refused_at.is_(None),
        )
        .values(bank_check_at=None, **values)
        .returning(Activation.id)
    )
    return updated.one_or_none() is not None


def _to_due_request(row: Row[*tuple[Any, ...]]) -> _DueRequest:
    request = BankAppRequest(
        public_id=row.public_id,
        round=row.round,
        bank=row.bank,
        client_reference=row.client_reference,
        iban=row.iban,
        office=row.office,
        open=row.state is ActivationState.INVITED,
    )
    return _DueRequest(row.id, request)


def _claim_statement(*condition: ColumnElement[bool]) -> ReturningUpdate[int]:
    """Return the statement that moves the next turn of what is due."""
    due = (
        select(Activation.id)
        .where(Activation.bank_check_at <= bind_moment("now"), *condition)
        .order_by(Activation.bank_check_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    fresh = Activation.invited_at > bind_moment("recent")
    next_turn = case((fresh, bind_moment("soon")), else_=bind_moment("later"))
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
        Office.name.label("office"),
        Activation.state,
    )
    .join(Office, Office.id == Activation.office_id)
    .where(Activation.id.in_(bindparam("ids", expanding=True)))
)

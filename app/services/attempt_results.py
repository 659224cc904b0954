"""The results of attempts: asked of the bank, concluded once, and what is due to be asked again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, literal, select, update

from app.bank.gateway import BankFault, BankGateway
from app.clock import start_time_limit
from app.context import Context
from app.db import UtcDateTime
from app.domain.bank_results import BankFaultKind, BankResult
from app.domain.failures import Failure
from app.domain.history import BANK, CARDHOLDER, AttemptOutcome, EventType, MailKind
from app.domain.states import ATTEMPT_TIME, ActivationState, LifecycleAction, next_state
from app.domain.verdicts import Verdict, judge_bank_fault, judge_result
from app.logs import traced_to
from app.models import Activation, Attempt
from app.queries.activation_view import ActivationView
from app.services.consents import complete_consent
from app.services.unit_of_work import UnitOfWork, unit_of_work

#: How often the bank is asked about a browser that is still there, and about one that came back.
CHECK_WAITING = timedelta(seconds=30)
CHECK_RETURNED = timedelta(seconds=5)

#: A transaction that the bank does not know may still be on its way to it for this long.
_ARRIVAL = timedelta(minutes=1)
#: For so long after its start the bank is asked about an attempt that was given up.
_EVIDENCE_TIME = timedelta(minutes=30)
_BATCH = 100
_TIMED_OUT = Verdict(Failure.TIMED_OUT, counts=False, problem=False)

_DUE = (
    select(
        Attempt.transaction,
        Attempt.started_at,
        Attempt.next_check_at,
        Attempt.concluded_at,
        Attempt.request_id,
    )
    .where(Attempt.next_check_at <= bindparam("now"))
    .order_by(Attempt.next_check_at)
    .limit(_BATCH)
)


@dataclass(frozen=True)
class AttemptConclusion:
    """How an attempt ended: by which verdict, on what the bank said."""

    outcome: AttemptOutcome
    verdict: Verdict | None = None
    result: BankResult | None = None
    #: The bank may still say something; it is asked a while longer, for the evidence alone.
    unanswered: bool = False

    def column_values(self) -> dict[str, object]:
        """Return the columns of the attempt that say so."""
        values: dict[str, object] = {"outcome": self.outcome}
        if not self.unanswered:
            values["next_check_at"] = None
        if self.verdict:
            values |= {
                "failure": self.verdict.failure,
                "counted": self.verdict.counts,
                "problem": self.verdict.problem,
            }
        if self.result:
            values |= {"bank_status": self.result.status, "bank_reason": self.result.reason}
        return values


@dataclass(frozen=True)
class BrowserReturn:
    """A browser that came back: for which activation, and with our own handle where it brought that."""

    public_id: str
    handle: str = ""


@dataclass(frozen=True)
class AttemptResultService:
    """From the hand-off to a verdict, whether or not the browser ever comes back."""

    context: Context
    bank: BankGateway

    def receive_return(self, fields: Mapping[str, str]) -> BrowserReturn | None:
        """Take the browser's return: note it, ask the bank, and say which activation it belongs to.

        An unreadable answer finds its attempt by the handle; None where neither is ours.
        """
        bank_return = self.bank.read_return(fields)
        signed = self.context.tokens.find_attempt(bank_return.handle or "")
        for transaction in (bank_return.transaction, signed):
            public_id = self.process_return(transaction) if transaction else None
            if public_id:
                return BrowserReturn(public_id, bank_return.handle or "" if signed else "")
        return None

    def process_return(self, transaction: str) -> str | None:
        """Note that the browser is back from an attempt, and ask the bank unless it has ended."""
        public_id, to_ask = self._record_return(transaction)
        if to_ask:
            self._fetch_result(transaction)
        return public_id

    def check_open_attempt(self, activation: ActivationView) -> None:
        """Ask the bank now about the open attempt, if there is one."""
        transaction = self._find_open_transaction(activation)
        if transaction:
            self._fetch_result(transaction)

    def give_up_attempt(self, activation: ActivationView) -> None:
        """Give up the open attempt, but not before the bank was asked once more."""
        transaction = self._find_open_transaction(activation)
        if not transaction:
            return
        self._fetch_result(transaction)
        conclusion = AttemptConclusion(AttemptOutcome.SUPERSEDED, unanswered=True)
        with unit_of_work(self.context) as work:
            if _conclude_attempt(work, transaction, LifecycleAction.START_OVER, conclusion):
                work.record_event(activation.id, EventType.STARTED_OVER, CARDHOLDER)

    def check_due_attempts(self) -> int:
        """Ask the bank about every attempt whose turn it is; return how many were looked at.

        A slow bank must not keep the worker's other jobs waiting: past the time limit the rest stays due.
        """
        due = _DUE.where(*self.context.office_condition(Attempt.activation_id))
        with self.context.database.read_connection() as connection:
            attempts = connection.execute(due, {"now": self.context.clock()}).all()
        has_time, looked_at = start_time_limit(self.context.stopwatch), 0
        for attempt in attempts:
            if looked_at and not has_time():
                break
            looked_at += 1
            if self._claim_check(attempt.transaction, attempt.next_check_at):
                given_up = attempt.concluded_at is not None
                with traced_to(attempt.request_id):
                    self._check_attempt(attempt.transaction, attempt.started_at, given_up=given_up)
        return looked_at

    def apply_result(self, transaction: str, result: BankResult) -> None:
        """Conclude an attempt with what the bank decided."""
        if result.approved:
            self._record_success(transaction, result)
        else:
            self.record_failure(transaction, judge_result(result), result)

    def record_failure(
        self,
        transaction: str,
        verdict: Verdict,
        result: BankResult | None = None,
        *,
        unanswered: bool = False,
    ) -> None:
        """Conclude an attempt that did not succeed, and tell the office where that is its problem."""
        conclusion = AttemptConclusion(AttemptOutcome.FAILED, verdict, result, unanswered)
        with unit_of_work(self.context) as work:
            concluded = _conclude_attempt(work, transaction, LifecycleAction.FAIL, conclusion)
            if concluded is None:
                _store_late_result(work, transaction, result)
                return
            if verdict.problem:
                work.queue_mail_once(MailKind.PROBLEM, concluded.activation_id, concluded.round)
            work.record_event(concluded.activation_id, EventType.ATTEMPT_FAILED, BANK, verdict.failure)

    def _record_success(self, transaction: str, result: BankResult) -> None:
        conclusion = AttemptConclusion(AttemptOutcome.SUCCEEDED, None, result)
        with unit_of_work(self.context) as work:
            concluded = _conclude_attempt(work, transaction, LifecycleAction.SUCCEED, conclusion)
            if concluded is None:
                _store_late_result(work, transaction, result)
                return
            complete_consent(work, concluded.activation_id, transaction, result)
            work.queue_mail(MailKind.CONFIRMATION, concluded.activation_id, concluded.round)
            work.record_event(concluded.activation_id, EventType.ACTIVATED, BANK)

    def _fetch_result(self, transaction: str) -> BankFaultKind | None:
        try:
            result = self.bank.fetch_result(transaction)
        except BankFault as broken:
            return broken.fault
        if result is not None:
            self.apply_result(transaction, result)
        return None

    def _check_attempt(self, transaction: str, started_at: datetime, *, given_up: bool) -> None:
        """Ask about one attempt, and end what has waited long enough."""
        fault = self._fetch_result(transaction)
        if fault is BankFaultKind.NOT_ASKED:
            return  # others found the bank silent; of this attempt nothing is known
        age = self.context.clock() - started_at
        unknown = fault is BankFaultKind.UNKNOWN_TRANSACTION and age >= _ARRIVAL
        if given_up:
            if unknown or age >= _EVIDENCE_TIME:
                self._stop_polling(transaction)
        elif unknown:
            self.record_failure(transaction, judge_bank_fault(BankFaultKind.UNKNOWN_TRANSACTION))
        elif age >= ATTEMPT_TIME:
            self.record_failure(transaction, _TIMED_OUT, unanswered=True)

    def _stop_polling(self, transaction: str) -> None:
        """Stop waiting for evidence."""
        with unit_of_work(self.context) as work:
            work.session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.concluded_at.is_not(None))
                .values(next_check_at=None)
            )

    def _record_return(self, transaction: str) -> tuple[str | None, bool]:
        """Note that the browser is back; return the public id, and whether the bank is still to be asked."""
        with unit_of_work(self.context) as work:
            work.session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.concluded_at.is_(None))
                .values(
                    returned_at=func.coalesce(Attempt.returned_at, work.now),
                    next_check_at=work.now + CHECK_RETURNED,
                )
            )
            attempt = work.session.execute(
                select(Activation.public_id, Attempt.next_check_at)
                .join(Attempt, Attempt.activation_id == Activation.id)
                .where(Attempt.transaction == transaction)
            ).one_or_none()
        if attempt is None:
            return None, False
        return attempt.public_id, attempt.next_check_at is not None

    def _claim_check(self, transaction: str, due_at: datetime) -> bool:
        """Take the next check of an attempt, unless another worker has just taken it."""
        with unit_of_work(self.context) as work:
            next_check_at = case(
                (Attempt.returned_at.is_not(None), literal(work.now + CHECK_RETURNED, UtcDateTime)),
                else_=literal(work.now + CHECK_WAITING, UtcDateTime),
            )
            claimed = work.session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.next_check_at == due_at)
                .values(next_check_at=next_check_at)
                .returning(Attempt.id)
            ).one_or_none()
        return claimed is not None

    def _find_open_transaction(self, activation: ActivationView) -> str | None:
        query = select(Attempt.transaction).where(
            Attempt.activation_id == activation.id, Attempt.concluded_at.is_(None)
        )
        with self.context.database.read_connection() as connection:
            return connection.execute(query).scalar_one_or_none()


@dataclass(frozen=True)
class _ConcludedAttempt:
    """Whose attempt has just ended."""

    activation_id: int
    round: int


def _conclude_attempt(
    work: UnitOfWork, transaction: str, action: LifecycleAction, conclusion: AttemptConclusion
) -> _ConcludedAttempt | None:
    """End an open attempt once; return whose it was, None where it had already ended.

    The activation is locked before the attempt, as every other use case does: no deadlock.
    """
    state = next_state(ActivationState.AWAITING_BANK, action)
    work.session.execute(_LOCK_ACTIVATION, {"transaction_id": transaction})
    activation_id = work.session.execute(
        update(Attempt)
        .where(Attempt.transaction == transaction, Attempt.concluded_at.is_(None))
        .values(concluded_at=work.now, **conclusion.column_values())
        .returning(Attempt.activation_id)
    ).scalar_one_or_none()
    if activation_id is None:
        return None
    round_ = work.session.execute(
        update(Activation)
        .where(Activation.id == activation_id, Activation.state == ActivationState.AWAITING_BANK)
        .values(state=state, changed_at=work.now, **_activation_values(conclusion, state, work.now))
        .returning(Activation.round)
    ).scalar_one()
    return _ConcludedAttempt(activation_id, round_)


def _activation_values(
    conclusion: AttemptConclusion, state: ActivationState, now: datetime
) -> Mapping[str, object]:
    """Return the columns that the accountant's label follows; giving up changes no problem."""
    values: dict[str, object] = {"activated_at": now if state is ActivationState.ACTIVE else None}
    if conclusion.outcome is not AttemptOutcome.SUPERSEDED:
        values["problem"] = bool(conclusion.verdict and conclusion.verdict.problem)
    return values


def _store_late_result(work: UnitOfWork, transaction: str, result: BankResult | None) -> None:
    """Keep what the bank says of an attempt that ended without it; nothing is acted on."""
    if result is None:
        return
    activation_id = work.session.execute(
        update(Attempt)
        .where(
            Attempt.transaction == transaction,
            Attempt.concluded_at.is_not(None),
            Attempt.bank_status.is_(None),
        )
        .values(bank_status=result.status, bank_reason=result.reason, next_check_at=None)
        .returning(Attempt.activation_id)
    ).scalar_one_or_none()
    if activation_id is not None:
        work.record_event(activation_id, EventType.LATE_RESULT, BANK, result.status)


_LOCK_ACTIVATION = (
    select(Activation.id)
    .where(
        Activation.id
        == select(Attempt.activation_id)
        .where(Attempt.transaction == bindparam("transaction_id"))
        .scalar_subquery()
    )
    .with_for_update()
)

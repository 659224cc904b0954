"""The results of attempts: asked of the bank, concluded once, and what is due to be asked again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, literal, select, update
from sqlalchemy.orm import Session

from app.bank.gateway import BankFault
from app.bank.three_d_secure import read_return
from app.clock import start_time_limit
from app.context import BANK, CARDHOLDER, Context
from app.db import UtcDateTime
from app.domain.bank_results import BankFaultKind, BankResult
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.states import ATTEMPT_TIME, ActivationState, LifecycleAction, next_state
from app.domain.verdicts import Verdict, judge_bank_fault, judge_result
from app.mail.outbox import enqueue_mail, enqueue_mail_once
from app.models import Activation, Attempt, Consent
from app.queries.activation_view import ActivationView
from app.tokens import InvalidToken

#: How often the bank is asked about a browser that is still there, and about one that came back.
CHECK_WAITING = timedelta(seconds=30)
CHECK_RETURNED = timedelta(seconds=5)


@dataclass(frozen=True)
class AttemptConclusion:
    """How an attempt ended: by which verdict, on what the bank said."""

    outcome: AttemptOutcome
    verdict: Verdict | None = None
    result: BankResult | None = None
    #: The bank may still say something; it is asked a while longer, for the evidence alone.
    unanswered: bool = False

    def column_values(self) -> dict[str, object]:
        """Return the columns of the attempt that tell it."""
        told: dict[str, object] = {"outcome": self.outcome}
        if not self.unanswered:
            told["next_check_at"] = None
        if self.verdict:
            told |= {
                "failure": self.verdict.failure,
                "counted": self.verdict.counts,
                "problem": self.verdict.problem,
            }
        if self.result:
            told |= {"bank_status": self.result.status, "bank_reason": self.result.reason}
        return told


class Attempts(Context):
    """What conclusions read and write, a few guarded statements each."""

    def conclude_attempt(
        self, session: Session, transaction: str, action: LifecycleAction, ended: AttemptConclusion
    ) -> tuple[int, int] | None:
        """End an open attempt once; return its activation and round, None where it had already ended.

        The activation is locked before the attempt, as every other use case does: no deadlock.
        """
        now = self.clock()
        state = next_state(ActivationState.AWAITING_BANK, action)
        session.execute(_LOCKED_ACTIVATION, {"asked": transaction})
        closed = session.execute(
            update(Attempt)
            .where(Attempt.transaction == transaction, Attempt.concluded_at.is_(None))
            .values(concluded_at=now, **ended.column_values())
            .returning(Attempt.activation_id)
        ).scalar_one_or_none()
        if closed is None:
            return None
        left = session.execute(
            update(Activation)
            .where(Activation.id == closed, Activation.state == ActivationState.AWAITING_BANK)
            .values(state=state, changed_at=now, **_activation_columns(ended, state, now))
            .returning(Activation.id, Activation.round)
        ).one()
        return left.id, left.round

    def _store_late_result(self, session: Session, transaction: str, result: BankResult | None) -> None:
        """Keep what the bank says of an attempt that ended without it; nothing is acted on."""
        if result is None:
            return
        kept = session.execute(
            update(Attempt)
            .where(
                Attempt.transaction == transaction,
                Attempt.concluded_at.is_not(None),
                Attempt.bank_status.is_(None),
            )
            .values(bank_status=result.status, bank_reason=result.reason, next_check_at=None)
            .returning(Attempt.activation_id)
        ).scalar_one_or_none()
        if kept is not None:
            self.record_event(session, kept, EventType.LATE_RESULT, BANK, result.status)

    def _stop_polling(self, transaction: str) -> None:
        """Stop waiting for evidence."""
        with self.database.transaction() as session:
            session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.concluded_at.is_not(None))
                .values(next_check_at=None)
            )

    def complete_consent(
        self, session: Session, activation_id: int, transaction: str, result: BankResult
    ) -> None:
        """Join the bank's evidence to the consent that led there, once."""
        newest = select(func.max(Consent.id)).where(Consent.activation_id == activation_id)
        session.execute(
            update(Consent)
            .where(Consent.id == newest.scalar_subquery(), Consent.bank_status.is_(None))
            .values(bank_status=result.status, bank_transaction=transaction)
        )

    def _record_return(self, transaction: str) -> tuple[str, bool] | None:
        """Note that the browser is back; return the public id, and whether the bank is still to be asked."""
        now = self.clock()
        with self.database.transaction() as session:
            session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.concluded_at.is_(None))
                .values(
                    returned_at=func.coalesce(Attempt.returned_at, now),
                    next_check_at=now + CHECK_RETURNED,
                )
            )
            found = session.execute(
                select(Activation.public_id, Attempt.next_check_at.is_not(None))
                .join(Attempt, Attempt.activation_id == Activation.id)
                .where(Attempt.transaction == transaction)
            ).one_or_none()
        return None if found is None else (found[0], bool(found[1]))

    def _claim_check(self, transaction: str, seen: datetime) -> bool:
        """Take the next check of an attempt, unless another worker has just taken it."""
        now = self.clock()
        soon = case(
            (Attempt.returned_at.is_not(None), literal(now + CHECK_RETURNED, UtcDateTime)),
            else_=literal(now + CHECK_WAITING, UtcDateTime),
        )
        with self.database.transaction() as session:
            taken = session.execute(
                update(Attempt)
                .where(Attempt.transaction == transaction, Attempt.next_check_at == seen)
                .values(next_check_at=soon)
                .returning(Attempt.id)
            ).one_or_none()
        return taken is not None

    def _find_open_transaction(self, standing: ActivationView) -> str | None:
        with self.database.read_connection() as connection:
            return connection.execute(
                select(Attempt.transaction).where(
                    Attempt.activation_id == standing.id, Attempt.concluded_at.is_(None)
                )
            ).scalar_one_or_none()

    def _read_transaction_id(self, handle: str) -> str | None:
        try:
            return self.links.read_attempt_handle(handle)
        except InvalidToken:
            return None


def _activation_columns(
    ended: AttemptConclusion, state: ActivationState, now: datetime
) -> Mapping[str, object]:
    """Return what the accountant's word for the activation follows; giving up tells nothing new."""
    told: dict[str, object] = {"activated_at": now if state is ActivationState.ACTIVE else None}
    if ended.outcome is not AttemptOutcome.SUPERSEDED:
        told["problem"] = bool(ended.verdict and ended.verdict.problem)
    return told


_LOCKED_ACTIVATION = (
    select(Activation.id)
    .where(
        Activation.id
        == select(Attempt.activation_id).where(Attempt.transaction == bindparam("asked")).scalar_subquery()
    )
    .with_for_update()
)


#: A transaction that the bank does not know may still be on its way to it for this long.
_ARRIVAL = timedelta(minutes=1)
#: For so long after its start the bank is asked about an attempt that was given up.
_EVIDENCE_TIME = timedelta(minutes=30)
_BATCH = 100
_TIMED_OUT = Verdict(Failure.TIMED_OUT, counts=False, problem=False)

_DUE = (
    select(Attempt.transaction, Attempt.started_at, Attempt.next_check_at, Attempt.concluded_at)
    .where(Attempt.next_check_at <= bindparam("now"))
    .order_by(Attempt.next_check_at)
    .limit(_BATCH)
)


class AttemptResultService(Attempts):
    """From the hand-off to a verdict, whether or not the browser ever comes back."""

    def receive_return(self, cres: str | None, handle: str | None) -> str | None:
        """Take the browser's return: note it, ask the bank, and say which activation it belongs to.

        An unreadable answer finds its attempt by the handle; None where neither is ours.
        """
        for transaction in (read_return(cres or ""), self._read_transaction_id(handle or "")):
            found = self._record_return(transaction) if transaction else None
            if transaction and found:
                public_id, to_ask = found
                if to_ask:
                    self._fetch_result(transaction)
                return public_id
        return None

    def check_open_attempt(self, standing: ActivationView) -> None:
        """Ask the bank now about the open attempt, if there is one."""
        transaction = self._find_open_transaction(standing)
        if transaction:
            self._fetch_result(transaction)

    def give_up_attempt(self, standing: ActivationView) -> None:
        """Give up the open attempt, but not before the bank was asked once more."""
        transaction = self._find_open_transaction(standing)
        if not transaction:
            return
        self._fetch_result(transaction)
        with self.database.transaction() as session:
            if self.conclude_attempt(
                session,
                transaction,
                LifecycleAction.START_OVER,
                AttemptConclusion(AttemptOutcome.SUPERSEDED, unanswered=True),
            ):
                self.record_event(session, standing.id, EventType.STARTED_OVER, CARDHOLDER)

    def check_due_attempts(self) -> int:
        """Ask the bank about every attempt whose turn it is; return how many were looked at.

        A slow bank must not keep the worker's other jobs waiting: past the time limit the rest stays due.
        """
        with self.database.read_connection() as connection:
            due = _DUE.where(*self._own(Attempt.activation_id))
            attempts = connection.execute(due, {"now": self.clock()}).all()
        has_time, looked_at = start_time_limit(self.stopwatch), 0
        for attempt in attempts:
            if looked_at and not has_time():
                break
            looked_at += 1
            if self._claim_check(attempt.transaction, attempt.next_check_at):
                self._check_attempt(
                    attempt.transaction, attempt.started_at, given_up=attempt.concluded_at is not None
                )
        return looked_at

    def _check_attempt(self, transaction: str, started_at: datetime, *, given_up: bool) -> None:
        """Ask about one attempt, and end what has waited long enough."""
        fault = self._fetch_result(transaction)
        waited = self.clock() - started_at
        unknown = fault is BankFaultKind.UNKNOWN_TRANSACTION and waited >= _ARRIVAL
        if given_up:
            if unknown or waited >= _EVIDENCE_TIME:
                self._stop_polling(transaction)
        elif unknown:
            self.record_failure(transaction, judge_bank_fault(BankFaultKind.UNKNOWN_TRANSACTION))
        elif waited >= ATTEMPT_TIME:
            self.record_failure(transaction, _TIMED_OUT, unanswered=True)

    def _fetch_result(self, transaction: str) -> BankFaultKind | None:
        try:
            result = self.bank.fetch_result(transaction)
        except BankFault as broken:
            return broken.fault
        if result is not None:
            self._apply_result(transaction, result)
        return None

    def _apply_result(self, transaction: str, result: BankResult) -> None:
        if result.approved:
            self._record_success(transaction, result)
        else:
            self.record_failure(transaction, judge_result(result), result)

    def _record_success(self, transaction: str, result: BankResult) -> None:
        with self.database.transaction() as session:
            left = self.conclude_attempt(
                session,
                transaction,
                LifecycleAction.SUCCEED,
                AttemptConclusion(AttemptOutcome.SUCCEEDED, None, result),
            )
            if left is None:
                self._store_late_result(session, transaction, result)
                return
            activation_id, round_ = left
            self.complete_consent(session, activation_id, transaction, result)
            enqueue_mail(session, MailKind.CONFIRMATION, activation_id, round_, self.clock())
            self.record_event(session, activation_id, EventType.ACTIVATED, BANK)

    def record_failure(
        self,
        transaction: str,
        verdict: Verdict,
        result: BankResult | None = None,
        *,
        unanswered: bool = False,
    ) -> None:
        """Conclude an attempt that did not succeed, and tell the office where that is its problem."""
        ended = AttemptConclusion(AttemptOutcome.FAILED, verdict, result, unanswered)
        with self.database.transaction() as session:
            left = self.conclude_attempt(session, transaction, LifecycleAction.FAIL, ended)
            if left is None:
                self._store_late_result(session, transaction, result)
                return
            activation_id, round_ = left
            if verdict.problem:
                enqueue_mail_once(session, MailKind.PROBLEM, activation_id, round_, self.clock())
            self.record_event(session, activation_id, EventType.ATTEMPT_FAILED, BANK, verdict.failure)

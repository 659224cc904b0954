"""How attempts end. Only the result fetched from the bank decides; the browser's word is a hint."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from app.activations.attempts import AttemptConclusion, Attempts
from app.activations.desk import BANK, CARDHOLDER
from app.activations.standing import ActivationView
from app.bank.gateway import BankFault
from app.bank.three_d_secure import read_return
from app.clock import start_time_limit
from app.domain.bank_results import BankFaultKind, BankResult
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.states import ATTEMPT_TIME, LifecycleAction
from app.domain.verdicts import Verdict, judge_bank_fault, judge_result
from app.mail.outbox import enqueue_mail, enqueue_mail_once
from app.models import Attempt

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

"""The rows around an attempt: closing it once, coming back from the bank, keeping the evidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, func, literal, select, update
from sqlalchemy.orm import Session

from app.activations.desk import BANK, Context
from app.activations.standing import ActivationView
from app.db import UtcDateTime
from app.domain.bank_results import BankResult
from app.domain.history import AttemptOutcome, EventType
from app.domain.states import ActivationState, LifecycleAction, next_state
from app.domain.verdicts import Verdict
from app.models import Activation, Attempt, Consent
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

"""One authentication at the bank: its result is computed from its instants; a fault may be injected."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.simulation.bank.storage import BankRow
from app.simulation.scenarios import SCENARIOS, ReturnFault, Scenario

#: Between the bank's answer and the browser's arrival (EMV 3DS 2.2.0, Req 219-222).
HANDOFF_TIME = timedelta(seconds=30)
#: For the whole challenge, however many pages it takes.
CHALLENGE_TIME = timedelta(minutes=10)
TRIES = 3


class BankTransaction(BankRow):
    """One authentication; `verification` is the second verdict, released with a signature only."""

    __tablename__ = "bank_transaction"

    id: Mapped[str] = mapped_column(primary_key=True)
    acs: Mapped[str] = mapped_column(unique=True)
    scenario: Mapped[str]
    bank: Mapped[str]
    client_reference: Mapped[str] = mapped_column(index=True)
    office: Mapped[str]
    merchant: Mapped[str]
    language: Mapped[str]
    return_url: Mapped[str]
    brand: Mapped[str]
    last_four: Mapped[str]
    verification: Mapped[str | None]
    secret: Mapped[str]
    challenge: Mapped[str]
    tries: Mapped[int]
    session_data: Mapped[str]
    status: Mapped[str | None]
    reason: Mapped[str | None]
    cancel: Mapped[str | None]
    answered_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]

    @property
    def scenario_row(self) -> Scenario:
        """The scenario that the card led to."""
        return SCENARIOS[self.scenario]

    @property
    def return_fault(self) -> ReturnFault | None:
        """How the bank misbehaves in this transaction."""
        return self.scenario_row.quirk

    @property
    def challenged(self) -> bool:
        """Whether the cardholder saw the signing page: the browser arrived, and in time."""
        return self.arrived_at is not None and self.arrived_at <= self.answered_at + HANDOFF_TIME

    @property
    def tries_left(self) -> int:
        """How many responses may still be typed."""
        return TRIES - self.tries


def transaction_result(transaction: BankTransaction, now: datetime) -> BankResult | None:
    """Return what the transaction came to, None while the cardholder may still act."""
    if transaction.status is not None:
        return _result_with_status(transaction, TransactionStatus(transaction.status))
    arrived = transaction.arrived_at
    if not transaction.challenged and (arrived or now) > transaction.answered_at + HANDOFF_TIME:
        return BankResult(TransactionStatus.NOT_AUTHENTICATED, "14", "05", challenged=False)
    if arrived is not None and now >= arrived + CHALLENGE_TIME:
        return BankResult(TransactionStatus.NOT_AUTHENTICATED, "14", "04")
    return None


def fetchable_result(transaction: BankTransaction, now: datetime) -> BankResult | None:
    """Return the outcome as the server may fetch it: a late result is held back for a while."""
    held = transaction.released_at is not None and now < transaction.released_at
    return None if held else transaction_result(transaction, now)


def _result_with_status(transaction: BankTransaction, status: TransactionStatus) -> BankResult:
    signed = status is TransactionStatus.AUTHENTICATED and transaction.challenged
    known = transaction.verification if signed else None
    return BankResult(
        status,
        transaction.reason,
        transaction.cancel,
        transaction.challenged,
        CardVerification(known) if known else None,
    )


class InjectedFault(StrEnum):
    """What the bank's server does instead of answering."""

    NONE = "none"
    DOWN = "down"
    SLOW = "slow"
    WRONG = "wrong"


class Fault(BankRow):
    """How the server misbehaves towards the requests of one office for one client reference."""

    __tablename__ = "fault"

    office: Mapped[str] = mapped_column(primary_key=True)
    client_reference: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]

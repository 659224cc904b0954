"""Doubles for the outside world: a clock and a stopwatch to move, a bank to script, a mailbox to open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.bank.gateway import AppRequest, Authentication, BankFault, Challenge
from app.domain.cards import Card
from app.domain.results import Decision, Fault, Refusal, Result
from app.mail.transport import RefusedForGood, Undeliverable

Answer = Challenge | Refusal | Result | Fault

#: A Monday morning in Brussels.
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class MovableStopwatch:
    """A stopwatch that stands still, unless it is told to jump ahead at each look."""

    jump: float = 0
    seconds: float = 0

    def __call__(self) -> float:
        self.seconds += self.jump
        return self.seconds


@dataclass
class FakeBank:
    """A bank that answers what it is told to, and remembers what it was asked; never the card."""

    answer: Answer | None = None
    results: dict[str, Result | Fault] = field(default_factory=dict)
    asked: list[Authentication] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    during: Callable[[], None] | None = None

    def authenticate(self, card: Card, request: Authentication) -> Challenge | Refusal | Result:
        self.asked.append(request)
        if self.during:
            self.during()
        answer = self.answer or Challenge("http://127.0.0.1:8001/acs/challenge", request.transaction)
        if isinstance(answer, Fault):
            raise BankFault(answer)
        return answer

    def result(self, transaction: str) -> Result | None:
        self.fetched.append(transaction)
        result = self.results.get(transaction)
        if isinstance(result, Fault):
            raise BankFault(result)
        return result

    @property
    def transaction(self) -> str:
        """The transaction of the newest attempt."""
        return self.asked[-1].transaction

    def decides(self, result: Result | Fault) -> None:
        """Let the newest attempt have this result from now on."""
        self.results[self.transaction] = result


@dataclass
class FakeBankApp:
    """A bank's app in which cardholders answer; it knows what waits and forgets nothing that was answered."""

    decisions: dict[tuple[str, int], Decision] = field(default_factory=dict)
    told: list[AppRequest] = field(default_factory=list)
    away: bool = False
    during: Callable[[], None] | None = None

    def exchange(self, requests: Sequence[AppRequest]) -> Mapping[str, Decision]:
        if self.away:
            raise BankFault(Fault.UNREACHABLE)
        self.told.extend(requests)
        if self.during:
            self.during()
        return {
            one.public_id: self.decisions.get((one.public_id, one.round), Decision.PENDING)
            for one in requests
        }

    def decides(self, public_id: str, decision: Decision, round_: int = 1) -> None:
        """Let the cardholder answer."""
        self.decisions[public_id, round_] = decision


@dataclass
class Mailbox:
    """Takes every mail; refuses while it is told to."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False
    refuses_for_good: set[str] = field(default_factory=set)

    def send(self, address: str, mail: bytes) -> None:
        if self.refuses:
            raise Undeliverable
        if address in self.refuses_for_good:
            raise RefusedForGood
        message = message_from_bytes(mail, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert message["To"] == address
        self.mails.append(message)

    def close(self) -> None:
        """Hold nothing open."""

    @property
    def last(self) -> EmailMessage:
        return self.mails[-1]

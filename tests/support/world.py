"""Doubles for the outside world: a clock to move, a bank to script, a mailbox to open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.bank.gateway import Authentication, BankFault, Challenge
from app.domain.cards import Card
from app.domain.results import Fault, Refusal, Result
from app.mail.transport import Undeliverable

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
class Mailbox:
    """Takes every mail; refuses while it is told to."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False

    def send(self, address: str, mail: bytes) -> None:
        if self.refuses:
            raise Undeliverable
        message = message_from_bytes(mail, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert message["To"] == address
        self.mails.append(message)

    @property
    def last(self) -> EmailMessage:
        return self.mails[-1]

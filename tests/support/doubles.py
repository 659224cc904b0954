"""Doubles for the outside world: a clock and a stopwatch to move, a bank to script, a mailbox to open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from app.bank.gateway import (
    BankAppRequest,
    BankChallenge,
    BankFault,
    BankReturn,
    CardAuthenticationRequest,
    ChallengeForm,
)
from app.bank.http import HttpEndpoint
from app.bank.three_d_secure import ThreeDSecureClient
from app.domain.bank_results import AppDecision, BankFaultKind, BankResult, RegisterRefusal
from app.domain.cards import Card
from app.mail.transports import DeliveryFailed, DeliveryRefused

Answer = BankChallenge | RegisterRefusal | BankResult | BankFaultKind

#: A Monday morning in Brussels.
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until it is moved, or moves on by a tick at each look."""

    def __init__(self, now: datetime = START, tick: timedelta = timedelta()) -> None:
        self.now, self.tick = now, tick

    def __call__(self) -> datetime:
        self.now += self.tick
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


#: Reads and writes what browsers carry; it never calls a bank.
BROWSER_MESSAGES = ThreeDSecureClient(HttpEndpoint("http://127.0.0.1:8001", 1, 1), "unused", ())


class FakeBrowserMessages:
    """What the product and a bank tell each other by way of the browser, as with the real client."""

    def challenge_form(self, transaction: str, challenge: BankChallenge, handle: str) -> ChallengeForm:
        return BROWSER_MESSAGES.challenge_form(transaction, challenge, handle)

    def read_return(self, fields: Mapping[str, str]) -> BankReturn:
        return BROWSER_MESSAGES.read_return(fields)


@dataclass
class FakeBank(FakeBrowserMessages):
    """A bank that answers what it is told to, and remembers what it was asked; never the card."""

    answer: Answer | None = None
    results: dict[str, BankResult | BankFaultKind] = field(default_factory=dict)
    asked: list[CardAuthenticationRequest] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    during: Callable[[], None] | None = None

    def authenticate_card(
        self, card: Card, request: CardAuthenticationRequest
    ) -> BankChallenge | RegisterRefusal | BankResult:
        self.asked.append(request)
        if self.during:
            self.during()
        answer = self.answer or BankChallenge("http://127.0.0.1:8001/acs/challenge", request.transaction)
        if isinstance(answer, BankFaultKind):
            raise BankFault(answer)
        return answer

    def fetch_result(self, transaction: str) -> BankResult | None:
        self.fetched.append(transaction)
        result = self.results.get(transaction)
        if isinstance(result, BankFaultKind):
            raise BankFault(result)
        return result

    @property
    def transaction(self) -> str:
        """The transaction of the newest attempt."""
        return self.asked[-1].transaction

    def decides(self, result: BankResult | BankFaultKind) -> None:
        """Let the newest attempt have this result from now on."""
        self.results[self.transaction] = result


@dataclass
class FakeBankApp:
    """A bank's app in which cardholders answer; it knows what waits and forgets nothing that was answered."""

    decisions: dict[tuple[str, int], AppDecision] = field(default_factory=dict)
    told: list[BankAppRequest] = field(default_factory=list)
    away: bool = False
    during: Callable[[], object] | None = None

    def exchange_requests(self, requests: Sequence[BankAppRequest]) -> Mapping[str, AppDecision]:
        if self.away:
            raise BankFault(BankFaultKind.UNREACHABLE)
        self.told.extend(requests)
        if self.during:
            self.during()
        return {
            one.public_id: self.decisions.get((one.public_id, one.round), AppDecision.PENDING)
            for one in requests
        }

    def decides(self, public_id: str, decision: AppDecision, round_: int = 1) -> None:
        """Let the cardholder answer."""
        self.decisions[public_id, round_] = decision


@dataclass
class RecordingTransport:
    """Takes every mail; refuses while it is told to."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuses: bool = False
    refuses_for_good: set[str] = field(default_factory=set)

    def send_mail(self, address: str, mail: bytes) -> None:
        if self.refuses:
            raise DeliveryFailed
        if address in self.refuses_for_good:
            raise DeliveryRefused
        message = message_from_bytes(mail, policy=policy.default)
        assert isinstance(message, EmailMessage)
        assert message["To"] == address
        self.mails.append(message)

    def close_connection(self) -> None:
        """Hold nothing open."""

    @property
    def last(self) -> EmailMessage:
        return self.mails[-1]

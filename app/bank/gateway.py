"""What the product asks of a bank, whoever answers: authenticate, hand over, take back, fetch the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.bank_results import AppDecision, BankFaultKind, BankResult, RegisterRefusal
from app.domain.cards import Card


class BankFault(Exception):
    """The conversation broke; carries what broke and never what was said."""

    def __init__(self, fault: BankFaultKind) -> None:
        self.fault = fault


@dataclass(frozen=True)
class CardAuthenticationRequest:
    """One zero-amount request: who asks, for which reference, and where the browser comes back."""

    transaction: str
    client_reference: str
    bank: str
    office: str
    language: str
    return_url: str
    user_agent: str
    accept: str


@dataclass(frozen=True)
class BankChallenge:
    """The bank wants the cardholder on its own page: its address and the transaction it knows there."""

    url: str
    acs_transaction: str


@dataclass(frozen=True)
class ChallengeForm:
    """What the browser posts to the bank's page: its address and the hidden fields."""

    url: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class BankReturn:
    """What the browser brings back, each None where it cannot be read; the bank alone tells the result."""

    transaction: str | None
    handle: str | None


class BankGateway(Protocol):
    """All that the product needs of a bank that shows the cardholder a page of its own."""

    def authenticate_card(
        self, card: Card, request: CardAuthenticationRequest
    ) -> BankChallenge | RegisterRefusal | BankResult:
        """Start an attempt; raise BankFault where no usable answer comes within the deadline."""
        ...

    def fetch_result(self, transaction: str) -> BankResult | None:
        """Fetch what the bank decided, None while it has not; raise BankFault."""
        ...

    def challenge_form(self, transaction: str, challenge: BankChallenge, handle: str) -> ChallengeForm:
        """Return the form that takes the browser to the bank, which hands back the handle."""
        ...

    def read_return(self, fields: Mapping[str, str]) -> BankReturn:
        """Read the form with which the browser comes back."""
        ...


@dataclass(frozen=True)
class BankAppRequest:
    """One request that waits in a bank's own app, or is withdrawn from it; a round is asked anew."""

    public_id: str
    round: int
    bank: str
    client_reference: str
    iban: str
    office: str
    open: bool


class BankAppGateway(Protocol):
    """The one question to a bank whose cardholders confirm in its own app."""

    def exchange_requests(self, requests: Sequence[BankAppRequest]) -> Mapping[str, AppDecision]:
        """Tell which requests wait and return a decision for each public id; raise BankFault."""
        ...

"""What the product asks of a bank, whoever answers: authenticate, then fetch the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.domain.bank_results import AppDecision, BankFaultKind, BankResult, RegisterRefusal
from app.domain.cards import Card


class BankFault(Exception):
    """The conversation broke; carries what broke and never what was said."""

    def __init__(self, fault: BankFaultKind) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class AuthenticationOrder:
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


class BankGateway(Protocol):
    """The two questions that the product asks a bank."""

    def authenticate_card(
        self, card: Card, request: AuthenticationOrder
    ) -> BankChallenge | RegisterRefusal | BankResult:
        """Start an attempt; raise BankFault where no usable answer comes within the deadline."""
        ...

    def fetch_result(self, transaction: str) -> BankResult | None:
        """Fetch what the bank decided, None while it has not; raise BankFault."""
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

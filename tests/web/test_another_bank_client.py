"""A bank with a protocol of its own needs a client, and no edit elsewhere."""

from collections.abc import Mapping

import pytest

from app.bank.gateway import BankChallenge, BankReturn, CardAuthenticationRequest, ChallengeForm
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.cards import Card
from tests.support.cardholder import CardholderClient

PAGE = "http://127.0.0.1:8001/sign-here"
SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


class TicketBank:
    """A bank that knows an attempt by a ticket, and sends the browser back with it alone."""

    def __init__(self) -> None:
        self.tickets: dict[str, str] = {}
        self.signed: set[str] = set()

    def authenticate_card(self, card: Card, request: CardAuthenticationRequest) -> BankChallenge:
        ticket = f"T{len(self.tickets)}"
        self.tickets[ticket] = request.transaction
        return BankChallenge(PAGE, ticket)

    def fetch_result(self, transaction: str) -> BankResult | None:
        return SIGNED if transaction in self.signed else None

    def challenge_form(self, transaction: str, challenge: BankChallenge, handle: str) -> ChallengeForm:
        return ChallengeForm(challenge.url, {"ticket": challenge.acs_transaction})

    def read_return(self, fields: Mapping[str, str]) -> BankReturn:
        return BankReturn(transaction=self.tickets.get(fields.get("ticket", "")), handle=None)

    def sign(self, ticket: str) -> None:
        """Let the cardholder sign on the bank's page."""
        self.signed.add(self.tickets[ticket])


@pytest.fixture
def bank() -> TicketBank:
    return TicketBank()


def test_a_card_is_activated_through_a_bank_of_another_protocol(
    cardholder_client: CardholderClient, bank: TicketBank
) -> None:
    cardholder_client.reach_bank()
    form = cardholder_client.soup().select_one("main form")
    assert form is not None
    assert form["action"] == PAGE
    ticket = cardholder_client.value("ticket")

    bank.sign(ticket)
    cardholder_client.follow(cardholder_client.client.post("/3ds/return", data={"ticket": ticket}))

    assert cardholder_client.heading() == "Your service is active"


def test_a_return_that_this_bank_cannot_read_belongs_to_nobody(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_bank()
    answer = cardholder_client.client.post("/3ds/return", data={"ticket": "another's"})
    assert "Your service is active" not in answer.text

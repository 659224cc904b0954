"""Whoever tries cards over many activations is stopped; who shares the network is told what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app import build_services
from app.db import Database
from app.domain.bank_results import BankFaultKind, BankResult, RegisterRefusal, TransactionStatus
from app.models import Attempt
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from app.web.rates import RateFile
from tests.conftest import ProductClient
from tests.support.cardholder import CardholderClient
from tests.support.doubles import Answer, FakeBank, MovableClock
from tests.support.event_lines import capture_logs
from tests.support.office import numbered_orders
from tests.support.ordering import count
from tests.support.reused_app import new_app

SendCard = Callable[..., TestResponse]


@pytest.fixture
def braked(
    settings: Settings, database: Database, clock: MovableClock, bank: FakeBank, tmp_path: Path
) -> Flask:
    """An application that stops a network once cards were refused on more than two activations."""
    given = settings.model_copy(update={"refused_card_rate": "2 per hour"})
    store = RateFile(f"sqlite:///{tmp_path}/rates.db", clock)
    services = build_services(given, clock=clock, bank=bank, database=database, rate_store=store)
    return new_app(services, ProductClient)


@pytest.fixture
def send_card(braked: Flask, bank: FakeBank) -> SendCard:
    """Order, open the link, accept, and send a card; the bank answers as it is told to."""
    services: Services = braked.extensions[EXTENSION]
    orders = numbered_orders()

    def send(answer: Answer | None = None, times: int = 1, network: str = "192.0.2.1") -> TestResponse:
        link = services.orders.place_order(orders()).link
        client = braked.test_client()
        client.environ_base["REMOTE_ADDR"] = network
        holder = CardholderClient(client, link or "")
        holder.reach_card()
        bank.answer = answer
        for _ in range(times):
            page = holder.type_card()
            holder.visit("card")
        return page

    return send


UNAVAILABLE, REJECTED = (
    BankResult(status, challenged=False)
    for status in (TransactionStatus.UNAVAILABLE, TransactionStatus.REJECTED)
)


@pytest.mark.parametrize("refusal", [RegisterRefusal.NOT_LINKED, REJECTED], ids=["register", "bank"])
def test_after_cards_refused_on_many_activations_no_bank_is_asked(
    send_card: SendCard, bank: FakeBank, database: Database, refusal: Answer
) -> None:
    for _ in range(3):
        assert send_card(refusal).status_code == 200
    with capture_logs() as lines:
        page = send_card()

    assert page.status_code == 429
    assert page.headers["Retry-After"] == "3600"
    assert "<h1>No cards are accepted from this network for the moment</h1>" in page.text
    assert "This does not count as an attempt. You can try again from 11:00" in page.text
    assert "Open the page again" in page.text
    assert "your phone&#39;s mobile data" in page.text
    assert len(bank.asked) == count(database, Attempt)[0] == 3
    told = [line for line in lines if line["event"] == "card_testing"]
    assert [(line["security"], line["client"]) for line in told] == [(True, "192.0.2.0/24")]


def test_other_networks_and_later_hours_are_served(send_card: SendCard, clock: MovableClock) -> None:
    for _ in range(3):
        send_card(RegisterRefusal.NOT_LINKED, network="2001:db8::1")

    assert send_card(network="2001:db8::2").status_code == 429
    assert send_card(network="2001:db8:0:1::1").status_code == 200
    clock.advance(hours=1)
    assert send_card(network="2001:db8::2").status_code == 200


@pytest.mark.parametrize(
    "answer",
    [None, BankFaultKind.UNREACHABLE, UNAVAILABLE],
    ids=["at the bank", "bank away", "issuer away"],
)
def test_cards_that_no_bank_refused_stop_nobody(send_card: SendCard, answer: Answer | None) -> None:
    assert [send_card(answer).status_code for _ in range(4)] == [200] * 4


def test_one_cardholder_with_many_cards_is_one(send_card: SendCard) -> None:
    send_card(RegisterRefusal.NOT_CREDIT, times=4)
    send_card(RegisterRefusal.NOT_CREDIT)

    assert send_card().status_code == 200


def test_a_result_is_not_asked_for_all_day(settings: Settings, database: Database, bank: FakeBank) -> None:
    given = settings.model_copy(update={"link_rate": "3 per minute"})
    services = build_services(given, bank=bank, database=database)
    client = new_app(services, ProductClient).test_client()

    statuses = [client.get("/activation/none/result").status_code for _ in range(4)]
    assert statuses[-1] == 429
    assert 429 not in statuses[:3]

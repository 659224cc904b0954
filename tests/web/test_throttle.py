"""A machine that asks all day is slowed down; a proxy's clients are told apart."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse

from app import create_app
from app.settings import Settings
from app.web.extensions import EXTENSION
from app.web.rates import RateCounter, RateFile, RateMemory
from tests.support.doubles import FakeBank, MovableClock, MovableStopwatch
from tests.support.event_lines import capture_logs
from tests.support.rate_stores import shared_stores_under_test


@pytest.fixture
def throttled(settings: Settings, clock: MovableClock, bank: FakeBank) -> Iterator[Flask]:
    rates = {"link_rate": "3 per minute", "card_rate": "3 per hour", "trusted_proxies": 1}
    made = create_app(settings.model_copy(update=rates), clock=clock, bank=bank)
    yield made
    made.extensions[EXTENSION].database.close_connections()


def test_guessing_links_is_slowed_down_by_address(throttled: Flask) -> None:
    client = throttled.test_client()
    statuses = [
        client.get("/a/guess", headers={"X-Forwarded-For": "192.0.2.1"}).status_code for _ in range(4)
    ]

    assert statuses == [404, 404, 404, 429]
    assert client.get("/a/guess", headers={"X-Forwarded-For": "192.0.2.2"}).status_code == 404


@pytest.mark.parametrize("beginning", ["/a/", "/portal/sign-in/"])
def test_guesses_in_odd_dresses_are_counted_like_any(throttled: Flask, beginning: str) -> None:
    client = throttled.test_client()
    guesses = ("guess.", "gu%0D%0Aess", "guess/with/slashes?and=more", "%3Cguess%3E")

    assert [client.get(f"{beginning}{guess}").status_code == 429 for guess in guesses] == [*[False] * 3, True]


def test_a_forged_chain_of_addresses_does_not_help(throttled: Flask) -> None:
    client = throttled.test_client()
    statuses = [
        client.get("/a/guess", headers={"X-Forwarded-For": f"198.51.100.{n}, 192.0.2.9"}).status_code
        for n in range(4)
    ]

    assert statuses[-1] == 429


def test_behind_two_proxies_the_one_in_front_names_the_address(settings: Settings) -> None:
    made = create_app(settings.model_copy(update={"link_rate": "1 per minute", "trusted_proxies": 2}))
    client = made.test_client()
    statuses = [
        client.get("/a/guess", headers={"X-Forwarded-For": f"198.51.100.{visitor}, 192.0.2.9"}).status_code
        for visitor in (1, 2, 2)
    ]
    made.extensions[EXTENSION].database.close_connections()

    assert statuses == [404, 404, 429]


def test_without_a_proxy_no_forwarded_address_is_believed(app: Flask, settings: Settings) -> None:
    made = create_app(settings.model_copy(update={"link_rate": "1 per minute"}))
    client = made.test_client()
    statuses = [client.get("/a/x", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in (1, 2)]
    made.extensions[EXTENSION].database.close_connections()

    assert statuses == [404, 429]


def test_a_slowed_down_reader_is_told_so_in_words(throttled: Flask) -> None:
    client = throttled.test_client()
    for _ in range(3):
        client.get("/a/guess")

    page = client.get("/a/guess", headers={"Accept-Language": "en"})
    assert page.status_code == 429
    assert "Too many tries in a short time" in page.text


def guess(client: FlaskClient, address: str = "192.0.2.1") -> int:
    return client.get("/a/guess", environ_base={"REMOTE_ADDR": address}).status_code


@pytest.fixture
def processes(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[list[FlaskClient]]:
    """Two applications, as in two processes, with a rate of three a minute."""
    store = request.param if ":" in request.param else f"sqlite:///{tmp_path}/{request.param}"
    given = settings.model_copy(update={"link_rate": "3 per minute", "rate_storage": store})
    made = [create_app(given) for _ in range(2)]
    yield [each.test_client() for each in made]
    for each in made:
        each.extensions[EXTENSION].database.close_connections()


@pytest.mark.parametrize("processes", ["rates.db"], indirect=True)
def test_several_processes_of_a_machine_count_together(processes: list[FlaskClient]) -> None:
    assert [guess(client) for client in processes * 3] == [404, 404, 404, 429, 429, 429]


@pytest.mark.parametrize("processes", shared_stores_under_test(), indirect=True)
def test_processes_of_several_machines_count_together(processes: list[FlaskClient]) -> None:
    # What other runs have counted in the same store stays there for a minute.
    address = f"10.{'.'.join(str(byte) for byte in secrets.token_bytes(3))}"
    assert [guess(client, address) for client in processes * 3] == [404, 404, 404, 429, 429, 429]


@pytest.mark.parametrize("processes", ["rates.db"], indirect=True)
def test_a_client_that_changes_its_address_within_a_network_is_one_client(
    processes: list[FlaskClient], tmp_path: Path
) -> None:
    first, _ = processes
    assert [guess(first, f"2001:db8:0:1::{n}") for n in range(1, 5)] == [404, 404, 404, 429]
    assert guess(first, "2001:db8:0:2::1") == 404
    assert b"2001:db8" not in (tmp_path / "rates.db").read_bytes()


@pytest.mark.parametrize("processes", ["no-such-folder/rates.db"], indirect=True)
def test_where_the_store_is_away_each_process_counts_for_itself(processes: list[FlaskClient]) -> None:
    with capture_logs() as lines:
        assert [guess(client) for client in processes * 4] == [404] * 6 + [429] * 2
    told = [line["event"] for line in lines if line["event"].startswith("rates_")]
    assert told == ["rates_breaker_opened"] * 2


def test_a_store_that_is_away_twice_is_asked_no_more_for_a_while() -> None:
    asked = []

    class AbsentStore(RateMemory):
        def incr(self, key: str, expiry: int) -> int:
            asked.append(key)
            raise OSError

    counter = RateCounter(AbsentStore(), MovableStopwatch())

    assert [counter.count_try(parse("9 per minute"), "a") for _ in range(5)] == [1, 2, 3, 4, 5]
    assert len(asked) == 2


def test_a_rate_begins_anew_when_its_time_is_over(tmp_path: Path) -> None:
    clock = MovableClock()
    store = RateFile(f"sqlite:///{tmp_path}/rates.db", clock)

    assert [store.incr("guess", 60), store.incr("guess", 60), store.incr("other", 60)] == [1, 2, 1]
    clock.advance(seconds=60)
    assert store.incr("guess", 60) == 1

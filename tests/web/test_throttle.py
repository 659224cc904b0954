"""A machine that asks all day is slowed down; a proxy's clients are told apart."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from app.settings import Settings
from app.web.extensions import EXTENSION
from tests.support.doubles import FakeBank, MovableClock


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

"""The simulated bank's parts: settings that refuse, endings for all, timers from instants."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.domain.banks import BANKS, Route
from app.simulator import create_simulator
from app.simulator.endings import STYLES, WORDS, Ending, Style
from app.simulator.erro import DESCRIPTIONS, ErrorCode
from app.simulator.holders import Holder, Step
from app.simulator.returns import post_return
from app.simulator.scenarios import Recovery
from app.simulator.settings import RefusedToStart, SimulatorSettings

KEY = SecretStr("k" * 32)


def test_production_is_refused_in_one_line(tmp_path: Path) -> None:
    settings = SimulatorSettings(api_key=KEY, production=True, database=tmp_path / "bank.db")
    with pytest.raises(RefusedToStart) as refused:
        create_simulator(settings)
    assert str(refused.value) == "caro simulator: will not start: CARO_PRODUCTION is set"
    assert not (tmp_path / "bank.db").exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"api_key": SecretStr("short")},
        {"return_origins": "localhost:8000"},
        {"return_origins": "http://localhost:8000/3ds/return"},
        {"hang_seconds": -1},
    ],
)
def test_weak_settings_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SimulatorSettings(**{"api_key": KEY} | changes)


def test_origins_are_split_at_commas() -> None:
    origins: Any = "http://localhost:8000, https://caro.example.be"
    settings = SimulatorSettings(api_key=KEY, return_origins=origins)
    assert settings.return_origins == ("http://localhost:8000", "https://caro.example.be")


def test_every_ending_has_its_words() -> None:
    assert set(WORDS) == set(Ending) - {Ending.REFUSED}


def test_every_link_bank_has_a_style() -> None:
    assert set(STYLES) == {key for key, bank in BANKS.items() if bank.route is Route.LINK}
    assert set(STYLES.values()) == set(Style)


def test_every_error_code_is_described() -> None:
    assert set(DESCRIPTIONS) == set(ErrorCode)


def test_every_step_is_a_recovery() -> None:
    assert {step.value for step in Step} <= {recovery.value for recovery in Recovery}


def test_unblocked_card_works_after_five_minutes() -> None:
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert Holder("6000000001", card_unblocked_at=noon).unblocked_from == noon + timedelta(minutes=5)


class Merchant(BaseHTTPRequestHandler):
    """Takes what the bank posts, and answers with a redirect that nobody should follow."""

    received: list[bytes]

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(303)
        self.send_header("Location", "/again")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay quiet."""


@pytest.fixture
def merchant() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []
    handler = type("Received", (Merchant,), {"received": received})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/3ds/return", received
        server.shutdown()


def test_return_is_posted_as_a_form(merchant: tuple[str, list[bytes]]) -> None:
    url, received = merchant
    post_return(url, {"cres": "abc", "threeDSSessionData": "d-_"})
    assert received == [b"cres=abc&threeDSSessionData=d-_"]


def test_unreachable_merchant_disturbs_nobody() -> None:
    post_return("http://127.0.0.1:9/3ds/return", {"cres": "abc"})

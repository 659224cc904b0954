"""The simulated bank's parts: settings that refuse, endings for all, timers from instants."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.domain.banks import BANKS, ActivationRoute, RefusalStyle
from app.simulation.bank import create_simulated_bank
from app.simulation.bank.acs import WORDS, BankEnding
from app.simulation.bank.bank_settings import SimulatedBankSettings, SimulationForbidden
from app.simulation.bank.cardholders import RecoveryStep, SimulatedCardholder, read_cardholder, record_step
from app.simulation.bank.components import post_return
from app.simulation.bank.protocol import DESCRIPTIONS, ErroCode
from app.simulation.bank.storage import BankStorage, OfficeReference
from app.simulation.scenarios import RecoveryAction

KEY = SecretStr("k" * 32)
HOLDER = OfficeReference("Fiduciaire Dupont", "6000000001")


def test_production_is_refused_in_one_line(tmp_path: Path) -> None:
    settings = SimulatedBankSettings(api_key=KEY, production=True, database=tmp_path / "bank.db")
    with pytest.raises(SimulationForbidden) as refused:
        create_simulated_bank(settings)
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
        SimulatedBankSettings(**{"api_key": KEY} | changes)


def test_origins_are_split_at_commas() -> None:
    origins: Any = "http://localhost:8000, https://caro.example.be"
    settings = SimulatedBankSettings(api_key=KEY, return_origins=origins)
    assert settings.return_origins == ("http://localhost:8000", "https://caro.example.be")


def test_every_ending_has_its_words() -> None:
    assert set(WORDS) == set(BankEnding) - {BankEnding.REFUSED}


def test_banks_word_their_refusals_in_every_style() -> None:
    styles = {bank.refusal_style for bank in BANKS.values() if bank.route is ActivationRoute.LINK}
    assert styles == set(RefusalStyle)


def test_every_error_code_is_described() -> None:
    assert set(DESCRIPTIONS) == set(ErroCode)


def test_every_step_is_a_recovery() -> None:
    assert {step.value for step in RecoveryStep} <= {recovery.value for recovery in RecoveryAction}


def test_unblocked_card_works_after_five_minutes() -> None:
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert SimulatedCardholder(*HOLDER, card_unblocked_at=noon).unblocked_from == noon + timedelta(minutes=5)


class MerchantSide(BaseHTTPRequestHandler):
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
    handler = type("Received", (MerchantSide,), {"received": received})
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


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    store, opened = BankStorage(tmp_path / "bank.db"), []

    def block(number: int) -> None:
        with store.write_connection() as connection:
            seen = read_cardholder(connection, HOLDER).card_used_at
            record_step(connection, HOLDER, RecoveryStep.USE_CARD, datetime(2026, 1, number, tzinfo=UTC))
            opened.append(seen)

    threads = [Thread(target=block, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    assert opened.count(None) == 1
    store.close_connections()


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("CARO_PRODUCTION", "true", "caro simulator: will not start: CARO_PRODUCTION is set"),
        ("CARO_BANK_API_KEY", "too-short", "caro simulator: will not start: CARO_BANK_API_KEY: "),
    ],
)
def test_process_stops_with_one_line(tmp_path: Path, name: str, value: str, line: str) -> None:
    program = "from app.simulation.bank import create_simulated_bank; create_simulated_bank()"
    environment = {"CARO_BANK_API_KEY": "k" * 32, "CARO_SIM_DATABASE": str(tmp_path / "bank.db"), name: value}
    ended = subprocess.run(
        (sys.executable, "-c", program), env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(line)
    assert ended.stderr.count("\n") == 1
    assert "too-short" not in ended.stderr

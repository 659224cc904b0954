"""A product in simulation beside a simulated bank that really answers, and a tester with a key."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from app.simulation.bank import create_simulated_bank
from app.simulation.bank.bank_settings import SimulatedBankSettings
from tests.support.doubles import MovableClock
from tests.support.serving import served

Told = dict[str, Any]


@contextmanager
def simulated_bank(folder: Path, clock: MovableClock, key: SecretStr) -> Iterator[str]:
    """Serve a simulated bank that never keeps anybody waiting; yield its address."""
    settings = SimulatedBankSettings(
        _env_file=None, api_key=key, return_origins=("http://localhost:8000",), database=folder / "bank.db"
    )
    bank = create_simulated_bank(settings, clock, lambda url, fields: None, lambda seconds: None)
    with socket.create_server(("127.0.0.1", 0)) as listening, served(bank, listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


class SandboxClient:
    """A program with the key of an office of its own."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.office: Told = self.call("POST", "/offices", 201)
        self.key: str = self.office["key"]

    def call(self, method: str, path: str, status: int = 200, **sent: object) -> Any:
        """Call the API; the answer must have this status."""
        known = {"Authorization": f"Bearer {self.key}"} if hasattr(self, "key") else {}
        answer = self.client.open(f"/qa/api{path}", method=method, json=sent or None, headers=known)
        assert answer.status_code == status, answer.text
        return answer.get_json()

    def order(self, **wish: object) -> Told:
        """Order, as far as it is wished."""
        told: Told = self.call("POST", "/activations", 201, **wish)
        return told

    def see(self, public_id: str) -> Told:
        """Look at one request."""
        told: Told = self.call("GET", f"/activations/{public_id}")
        return told

    def do(self, public_id: str, deed: str, status: int = 200, **sent: object) -> Told:
        """Do something with one request."""
        told: Told = self.call("POST", f"/activations/{public_id}/{deed}", status, **sent)
        return told

    def mails(self, **which: str) -> list[Told]:
        """Read mails, oldest first."""
        asked = "&".join(f"{name}={value}" for name, value in which.items())
        mails: list[Told] = self.call("GET", f"/mails?{asked}")["mails"]
        return mails


def event_types(told: Told) -> list[str]:
    """Return the history of a request in its own words."""
    return [event["happening"] for event in told["events"]]


def sent(told: Told) -> list[str]:
    """Return the kinds of the mails that left for a request, in the order in which they were queued."""
    return [mail["kind"] for mail in told["mails"] if mail["sent_at"]]

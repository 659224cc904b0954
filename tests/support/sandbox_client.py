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

JsonObject = dict[str, Any]


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
        self.office: JsonObject = self.call("POST", "/offices", 201)
        self.key: str = self.office["key"]

    def call(self, method: str, path: str, status: int = 200, **body: object) -> Any:
        """Call the API; the answer must have this status."""
        headers = {"Authorization": f"Bearer {self.key}"} if hasattr(self, "key") else {}
        response = self.client.open(f"/qa/api{path}", method=method, json=body or None, headers=headers)
        assert response.status_code == status, response.text
        return response.get_json()

    def order(self, **fields: object) -> JsonObject:
        """Order an activation; with a scenario, it goes as far as `reach` says."""
        activation: JsonObject = self.call("POST", "/activations", 201, **fields)
        return activation

    def see(self, public_id: str) -> JsonObject:
        """Read one activation."""
        activation: JsonObject = self.call("GET", f"/activations/{public_id}")
        return activation

    def do(self, public_id: str, command: str, status: int = 200, **body: object) -> JsonObject:
        """Call one of the commands of an activation, such as `resend`."""
        activation: JsonObject = self.call("POST", f"/activations/{public_id}/{command}", status, **body)
        return activation

    def mails(self, **filters: str) -> list[JsonObject]:
        """Read mails, oldest first."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        mails: list[JsonObject] = self.call("GET", f"/mails?{query}")["mails"]
        return mails


def event_types(activation: JsonObject) -> list[str]:
    """Return the history of a request in its own words."""
    return [event["event_type"] for event in activation["events"]]


def sent(activation: JsonObject) -> list[str]:
    """Return the kinds of the mails that left for a request, in the order in which they were queued."""
    return [mail["kind"] for mail in activation["mails"] if mail["sent_at"]]

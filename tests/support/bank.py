"""The simulated bank on a bench: its own file, a clock that a test moves, and a browser without script."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from pydantic import SecretStr
from werkzeug.test import TestResponse

from app.simulation.bank import create_simulated_bank
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.simulation.bank.protocol import encode_base64url
from app.simulation.scenarios import PIN, SCENARIOS
from tests.support.page_lint import LintingClient, LintRules

KEY = "test-key-of-the-bank-0123456789abcdef"
RETURN_URL = "http://localhost:8000/3ds/return"
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
REFERENCE = "6000000002"
OFFICE = "Fiduciaire Dupont"
SESSION_DATA = "dGVzdA-_"


class BankBrowser(LintingClient):
    """A browser at the bank: pages carry no token, and lead back to the merchant only."""

    rules = LintRules(csrf=False, origins=("http://localhost:8000",))


class SimulatedBankClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class SimulatedBank:
    """Everything that a test needs of the bank: ask, arrive, read the toy reader, sign, fetch."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.clock = SimulatedBankClock()
        self.posted: list[tuple[str, Mapping[str, str]]] = []
        self.silences: list[float] = []
        self.settings = SimulatedBankSettings(
            _env_file=None, api_key=SecretStr(KEY), database=folder / "bank.db", **changes
        )
        self.app = create_simulated_bank(
            self.settings,
            self.clock,
            lambda url, fields: self.posted.append((url, fields)),
            self.silences.append,
        )
        self.app.test_client_class = BankBrowser
        self.browser = self.app.test_client()

    def ask(self, card: str, **changes: Any) -> TestResponse:
        """Ask for an authentication with a card."""
        return self.send(request_body(card, **changes))

    def send(self, body: Mapping[str, Any]) -> TestResponse:
        """Send any JSON object to the bank's server."""
        return self.browser.post("/3ds/authentications", json=body, headers=bearer())

    def result(self, transaction: str) -> TestResponse:
        """Fetch what a transaction came to."""
        return self.browser.get(f"/3ds/authentications/{transaction}/result", headers=bearer())

    def hand_over(self, answer: Mapping[str, str], session_data: str = SESSION_DATA) -> TestResponse:
        """Send the browser to the bank."""
        return self.browser.post("/acs/challenge", data=hand_over_form(answer, session_data))

    def start(self, card: str, **changes: Any) -> "BankVisit":
        """Ask with a card and bring the browser to the signing page."""
        answer = self.ask(card, **changes).get_json()
        location = self.hand_over(answer).headers["Location"]
        return BankVisit(self, answer["threeDSServerTransID"], location)

    def play(self, key: str, **changes: Any) -> "BankVisit":
        """Start the scenario with this key, by its first card."""
        return self.start(SCENARIOS[key].cards[0], **changes)

    def help(self, step: str, reference: str = REFERENCE, office: str = OFFICE) -> None:
        """Do one thing at the bank for the cardholder of an office."""
        self.browser.post(f"/holder/{reference}/{office}", data={"step": step})


class BankVisit:
    """One cardholder on the bank's pages."""

    def __init__(self, simulated_bank: SimulatedBank, transaction: str, path: str) -> None:
        self.bench = simulated_bank
        self.transaction = transaction
        self.path = path

    def page(self) -> BeautifulSoup:
        """Look at the page."""
        return soup(self.bench.browser.get(self.path))

    def challenge(self) -> str:
        """Read the challenge from the signing page."""
        return text_of(self.page(), "#challenge")

    def read(self, mode: str = "M2", challenge: str | None = None, pin: str = PIN) -> str:
        """Use the toy reader and read its display."""
        typed = {"mode": mode, "challenge": challenge or self.challenge(), "pin": pin}
        shown = self.bench.browser.post(f"{self.path}/reader", data=typed, follow_redirects=True)
        return text_of(soup(shown), "#reader-response")

    def confirm(self, response: str) -> BeautifulSoup:
        """Type a response, press Confirm, and look at the next page."""
        form = {"action": "confirm", "response": response}
        return soup(self.bench.browser.post(self.path, data=form, follow_redirects=True))

    def sign(self) -> BeautifulSoup:
        """Sign correctly."""
        return self.confirm(self.read())

    def cancel(self) -> BeautifulSoup:
        """Press Cancel."""
        form = {"action": "cancel", "response": ""}
        return soup(self.bench.browser.post(self.path, data=form, follow_redirects=True))

    def result(self) -> dict[str, Any]:
        """Fetch the decided result."""
        fetched = self.bench.result(self.transaction)
        assert fetched.status_code == 200, fetched.status_code
        found: dict[str, Any] = fetched.get_json()
        return found


def request_body(card: str, **changes: Any) -> dict[str, Any]:
    """Return a complete request for an authentication."""
    return {
        "messageVersion": "2.2.0",
        "messageCategory": "02",
        "deviceChannel": "02",
        "threeDSRequestorAuthenticationInd": "04",
        "threeDSRequestorChallengeInd": "04",
        "threeDSServerTransID": str(uuid.uuid4()),
        "acctNumber": card,
        "cardExpiryDate": "2712",
        "cardSecurityCode": "123",
        "clientReference": REFERENCE,
        "bank": "argenta",
        "threeDSRequestorName": OFFICE,
        "merchantName": "CODABOX CARO",
        "notificationURL": RETURN_URL,
        "threeDSCompInd": "U",
        "browserAcceptHeader": "text/html",
        "browserUserAgent": "Bench/1.0",
        "browserLanguage": "en",
        "browserJavascriptEnabled": False,
    } | changes


def hand_over_form(answer: Mapping[str, str], session_data: str = SESSION_DATA) -> dict[str, str]:
    """Return the form that takes a browser to the bank."""
    message = {
        "messageType": "CReq",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": answer["threeDSServerTransID"],
        "acsTransID": answer["acsTransID"],
        "challengeWindowSize": "05",
    }
    return {"creq": encode_base64url(message), "threeDSSessionData": session_data}


def bearer(key: str = KEY) -> dict[str, str]:
    """Return the header that lets a server in."""
    return {"Authorization": f"Bearer {key}"}


def soup(response: TestResponse) -> BeautifulSoup:
    """Parse a page."""
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def text_of(page: BeautifulSoup, selector: str) -> str:
    """Return the words of one element of a page."""
    found = page.select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return found.get_text(" ", strip=True)


def returned(page: BeautifulSoup) -> dict[str, str]:
    """Return the form that the last page carries back to the merchant."""
    return {str(field["name"]): str(field["value"]) for field in page.select("#return input")}

"""The pages of the simulated bank in every state; the clock is moved, so that nobody waits."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page

from app import create_app
from app.db import Database
from app.domain.banks import BANKS, ActivationRoute, RefusalStyle
from app.models import Mandate
from app.models.office import MandateState
from app.services.card_attempts import BrowserInfo
from app.simulation.bank import create_simulated_bank
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.simulation.scenarios import SCENARIOS
from app.web.extensions import EXTENSION, Services
from e2e.album.album_server import SECRET, studio_settings
from e2e.album.wizard import press
from e2e.pages.bank import PIN, WRONG_PIN, CardReader
from tests.support.activation_factory import IBAN, ActivationFactory
from tests.support.cardholder_steps import BROWSER, CARD, CardholderSteps
from tests.support.databases import disposed_engines, sqlite_database
from tests.support.doubles import START, FakeBank, FakeBankApp, MovableClock, MovableStopwatch
from tests.support.office import numbered_orders, open_office
from tests.support.serving import served

REFUSED, CAUSED, UNRETURNED = (
    SCENARIOS[key].cards[0] for key in ("refused_no_reason", "online_payments_off", "no_return")
)
REFERENCE = "6199999999"
#: One bank for each way of wording a refusal.
_SPEAKERS: Mapping[RefusalStyle, str] = {
    bank.refusal_style: bank.key for bank in BANKS.values() if bank.route is ActivationRoute.LINK
}
#: A year after the moment at which the clock stands; the bank takes three.
EXPIRY = f"{START.year % 100 + 1}{START.month:02d}"


@dataclass(frozen=True)
class AlbumBank:
    """The bank, and the product from which its cardholders come."""

    url: str
    activation_factory: ActivationFactory
    browser: BrowserInfo

    def hand_over(self, page: Page, number: str = CARD.number, bank: str = "belfius") -> None:
        """Bring a cardholder of this bank as far as the step before the bank's page."""
        services = self.activation_factory.services
        placed = services.orders.place_order(self.activation_factory.orders(bank=bank))
        assert placed.link is not None
        holder = CardholderSteps(services, placed.link)
        holder.accept()
        card = replace(CARD, number=number, expiry=EXPIRY)
        services.card_attempts.submit_card(holder.activation, card, self.browser)
        page.goto(placed.link)
        page.goto(f"{page.url.rpartition('/')[0]}/bank")

    def arrive(self, page: Page, number: str = CARD.number, bank: str = "belfius") -> None:
        """Bring a cardholder to the bank's page."""
        self.hand_over(page, number, bank)
        press(page, "main form button")

    def sign(self, page: Page, pin: str = PIN) -> None:
        """Let the reader answer, and confirm its response."""
        challenge = page.locator("#challenge").inner_text()
        page.locator("#response").fill(CardReader(page.url).respond(challenge, pin, "M2"))
        press(page, "button[value=confirm]")

    def read(self, page: Page) -> None:
        """Let the reader on the page answer."""
        page.locator("#reader [value=M2]").check()
        page.locator("#reader-challenge").fill(page.locator("#challenge").inner_text())
        page.locator("#reader-pin").fill(PIN)
        press(page, "#reader form button")


@contextmanager
def open_bank(folder: Path, language: str) -> Iterator[AlbumBank]:
    """Serve the product and the bank that it asks."""
    clock = MovableClock()
    with ExitStack() as stack:
        stack.enter_context(disposed_engines())
        database = stack.enter_context(sqlite_database(folder))
        open_office(database)
        _add_mandates(database)
        ours, theirs = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2))
        product_url = f"http://localhost:{ours.getsockname()[1]}"
        bank_url = f"http://127.0.0.1:{theirs.getsockname()[1]}"
        settings = studio_settings(product_url, bank_url, folder)
        product = create_app(settings, clock=clock, stopwatch=MovableStopwatch())
        simulator = create_simulated_bank(
            SimulatedBankSettings(
                _env_file=None,
                api_key=SECRET,
                public_url=bank_url,
                return_origins=(product_url,),
                database=folder / "bank.db",
            ),
            clock,
        )
        stack.enter_context(served(product, ours))
        stack.enter_context(served(simulator, theirs))
        services: Services = product.extensions[EXTENSION]
        activation_factory = ActivationFactory(services, FakeBank(), FakeBankApp(), clock, numbered_orders())
        browser = replace(BROWSER, language=language, return_url=f"{product_url}/3ds/return")
        yield AlbumBank(bank_url, activation_factory, browser)


def _add_mandates(database: Database) -> None:
    """Let the first dossier order at a bank of each style."""
    with database.transaction() as session:
        session.add_all(
            Mandate(dossier_id=1, bank=bank, iban=f"BE{number:014d}", state=MandateState.ACTIVE)
            for number, bank in enumerate(_SPEAKERS.values())
        )


def bank(page: Page, bank: AlbumBank) -> Iterator[str]:
    """Walk through the bank's pages; the page is one that goes nowhere by itself."""
    yield from _lobby(page, bank)
    yield from _app(page, bank)
    yield from _signing(page, bank)
    yield from _endings(page, bank)
    yield from _too_late(page, bank)


def _lobby(page: Page, bank: AlbumBank) -> Iterator[str]:
    page.goto(bank.url)
    yield "front page of the bank"
    page.goto(f"{bank.url}/holder/{REFERENCE}")
    yield "at the bank"
    while page.locator("button[name=step]").count():
        press(page, "button[name=step]")
    yield "at the bank, all done"
    page.goto(f"{bank.url}/design")
    yield "components, the bank's"
    page.goto(f"{bank.url}/nowhere")
    yield "error of the bank"
    page.goto(f"{bank.url}/acs/nothing")
    yield "error of the bank, no such transaction"


def _app(page: Page, bank: AlbumBank) -> Iterator[str]:
    app = f"{bank.url}/bank-app/kbc"
    page.goto(app)
    yield "app, whose request"
    page.locator("#reference").fill("12")
    press(page, "main form button")
    yield "app, with an error"
    page.goto(f"{app}/{REFERENCE}")
    yield "app, nothing waits"
    bank.activation_factory.services.orders.place_order(
        bank.activation_factory.orders(bank="kbc", iban=IBAN, client_reference=REFERENCE)
    )
    bank.activation_factory.services.bank_apps.exchange_with_bank_apps()
    page.reload()
    yield "app, a request waits"
    press(page, "button[value=refused]")
    yield "app, a request is answered"


def _signing(page: Page, bank: AlbumBank) -> Iterator[str]:
    bank.arrive(page)
    yield "signing"
    page.locator("#response").fill("12")
    press(page, "button[value=confirm]")
    yield "signing, with an error"
    page.locator("#reader-challenge").fill("12")
    page.locator("#reader form").evaluate("form => { form.noValidate = true }")
    press(page, "#reader form button")
    yield "signing, the reader lacks something"
    bank.read(page)
    yield "signing, with a response"
    for left in ("two tries", "one try"):
        bank.sign(page, WRONG_PIN)
        yield f"signing, {left} left"
    bank.sign(page, WRONG_PIN)
    yield "ending, the PIN is blocked"


def _endings(page: Page, bank: AlbumBank) -> Iterator[str]:
    for style, key in _SPEAKERS.items():
        bank.arrive(page, REFUSED, key)
        bank.sign(page)
        yield f"ending, refused in {style} words"
    bank.arrive(page, CAUSED, _SPEAKERS[RefusalStyle.PLAIN])
    bank.sign(page)
    yield "ending, refused, with its cause"
    for name, number in (("signed", CARD.number), ("signed, and nobody returns", UNRETURNED)):
        bank.arrive(page, number)
        bank.sign(page)
        yield f"ending, {name}"
    bank.arrive(page)
    press(page, "button[value=cancel]")
    yield "ending, cancelled"


def _too_late(page: Page, bank: AlbumBank) -> Iterator[str]:
    bank.hand_over(page)
    bank.activation_factory.clock.advance(seconds=31)
    press(page, "main form button")
    yield "ending, the browser came too late"
    bank.arrive(page)
    bank.activation_factory.clock.advance(minutes=11)
    page.reload()
    yield "ending, ten minutes are over"

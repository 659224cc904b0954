"""A studio: the product with a bank that is played, where a page can be brought into any state at once."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from flask import Flask, abort
from pydantic import SecretStr

from app import create_app
from app.domain.telephones import SAMPLE_TELEPHONE
from app.settings import Settings
from app.web.errors import PAGES
from app.web.extensions import EXTENSION, Services
from tests.support.activation_factory import ActivationFactory
from tests.support.databases import sqlite_database
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.office import OFFICE, numbered_orders, open_office
from tests.support.serving import served

SECRET = SecretStr("only-for-pictures-0123456789-abcdefghijklmn")
#: Where the played bank would be; nobody ever goes there.
BANK = "http://127.0.0.1:8001"
#: An address under each roof at which the product refuses with a status.
REFUSES = "refuses"


@dataclass(frozen=True)
class AlbumServer:
    """The product, who plays the bank, and the clock."""

    url: str
    services: Services
    activation_factory: ActivationFactory

    @property
    def bank(self) -> FakeBank:
        """The bank, which answers what it is told to."""
        return self.activation_factory.bank

    @property
    def clock(self) -> MovableClock:
        """The clock, which stands still until it is moved."""
        return self.activation_factory.clock

    def link(self, public_id: str) -> str:
        """Return the link as the mail carries it."""
        return self.services.invitations.copy_link(public_id, "studio")

    def at(self, path: str) -> str:
        """Return the whole address of a page."""
        return f"{self.url}{path}"


@contextmanager
def open_studio(folder: Path) -> Iterator[AlbumServer]:
    """Serve the product beside a bank that is played."""
    clock, bank, bank_app = MovableClock(), FakeBank(), FakeBankApp()
    with ExitStack() as stack:
        database = stack.enter_context(sqlite_database(folder))
        open_office(database)
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://localhost:{listening.getsockname()[1]}"
        settings = studio_settings(url, BANK, folder)
        made = create_app(
            settings,
            clock=clock,
            stopwatch=MovableStopwatch(),
            bank=bank,
            bank_app=bank_app,
            transport=RecordingTransport(),
        )
        _add_refusals(made)
        stack.enter_context(served(made, listening))
        services: Services = made.extensions[EXTENSION]
        services.offices.set_telephone(OFFICE, SAMPLE_TELEPHONE)
        stack.callback(services.database.close_connections)
        yield AlbumServer(
            url, services, ActivationFactory(services, bank, bank_app, clock, numbered_orders())
        )


def studio_settings(url: str, bank_url: str, folder: Path) -> Settings:
    """Return settings under which nobody is slowed down."""
    return Settings(
        _env_file=None,
        secret_keys=(SECRET,),
        bank_api_key=SECRET,
        database_url=f"sqlite:///{folder / 'caro.db'}",
        public_url=url,
        bank_url=bank_url,
        challenge_origins=(bank_url,),
        link_rate="100000 per minute",
        card_rate="100000 per minute",
        sign_in_rate="100000 per minute",
        mail_folder=folder / "mail",
        log_level="CRITICAL",
    )


def _add_refusals(made: Flask) -> None:
    """Add an address at which each status can be met, and one that breaks, to either roof."""
    for roof in ("", "/portal"):
        path = f"{roof}/{REFUSES}/<int:status>"
        made.add_url_rule(path, f"refuses{roof.replace('/', '_')}", _refuse)


def _refuse(status: int) -> NoReturn:
    if status not in PAGES or status == 500:
        raise RuntimeError
    abort(status)

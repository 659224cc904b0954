"""One running world for a test process: the product, the simulated bank and the clock that both share."""

import itertools
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event as Signal
from threading import Thread

from flask import Flask
from flask_babel.speaklater import LazyString
from pydantic import SecretStr
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.cli.worker import JOBS, work_once
from app.db import Database
from app.domain.banks import APP_BANKS, BANKS
from app.domain.references import grouped
from app.i18n import speaking
from app.links import LinkIdentity
from app.models import Dossier, Mandate
from app.models.office import MandateState
from app.settings import Settings
from app.simulator import create_simulator
from app.simulator.settings import SimulatorSettings
from app.web.wiring import EXTENSION, Services
from e2e.evidence import Evidence
from e2e.offices import CODE, Office
from e2e.offices import open_office as open_own_office
from tests.support.databases import sqlite_database
from tests.support.office import ACCOUNTANT, ORDER, open_office, order_for
from tests.support.world import MovableClock

SECRET = SecretStr("only-for-browsers-0123456789-abcdefghijklmn")
IBAN_AT_KBC = "BE78735000000186"

#: The bank hangs for longer than the product waits; both short, so that nobody else does.
BANK_DEADLINE_SECONDS = 1
HANG_SECONDS = 3


@dataclass(frozen=True)
class Holder:
    """A cardholder whom nobody has asked yet."""

    reference: str
    address: str
    language: str

    @property
    def grouped_reference(self) -> str:
        """The client reference as pages show it."""
        return grouped(self.reference)


@dataclass(frozen=True)
class Order(Holder):
    """What a test starts from: one request of its own, whose link the cardholder received."""

    public_id: str
    link: str


@dataclass
class World:
    """Where the product and the bank are, and what only a test may do: move time, look behind."""

    product_url: str
    bank_url: str
    clock: MovableClock
    services: Services
    product: Flask
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def office(self) -> Office:
        """Open an office of its own, with a dossier and nothing ordered."""
        return open_own_office(self.services.database, next(self._numbers))

    def holder(self, language: str = "fr", reference: str = "") -> Holder:
        """Think of a cardholder whom nobody else has."""
        number = next(self._numbers)
        return Holder(reference or f"61{number:08d}", f"titulaire{number}@client.example", language)

    def order(
        self, language: str = "fr", bank: str = "belfius", reference: str = "", office: Office | None = None
    ) -> Order:
        """Order the service for a cardholder of its own and deliver the invitation."""
        holder = self.holder(language, reference)
        iban = IBAN_AT_KBC if bank in APP_BANKS else None
        whose = {"office": office.name, "dossier_code": CODE} if office else {}
        facts = {"client_reference": holder.reference, "address": holder.address, "language": language}
        made = self.services.activations.order(order_for(bank=bank, iban=iban, **facts, **whose))
        self.work()
        return self._order(holder, made.public_id)

    def placed(self, holder: Holder) -> Order:
        """Deliver the invitation of the request that an accountant has just placed, and return it."""
        lines = self.services.activations.listing()
        public_id = next(line.public_id for line in lines if line.client_reference == holder.reference)
        self.work()
        return self._order(holder, public_id)

    def link_of(self, public_id: str, generation: int = 1) -> str:
        """Mint a link, as the mail carries it."""
        return self.services.activations.links.url(LinkIdentity(public_id, generation))

    def work(self) -> None:
        """Do one round of the worker; a job that fails is only logged there, and must not be missed here."""
        with self.product.app_context():
            done = work_once(self.services, Signal())
        assert done.keys() == {job.name for job in JOBS}

    def pass_time(self, **by: float) -> None:
        """Let time go by, then let the worker work; the clock goes forward only."""
        self.clock.advance(**by)
        self.work()

    def wait_until(self, moment: datetime) -> None:
        """Let time go by until a moment that has not been yet, then let the worker work."""
        assert moment > self.clock()
        self.clock.now = moment
        self.work()

    def evidence(self, order: Order) -> Evidence:
        """Return what stands behind the pages of one request."""
        return Evidence(self.services, order.public_id)

    def mails(self, holder: Holder) -> Sequence[EmailMessage]:
        """Return the mails that the cardholder received, oldest first."""
        return self.mailbox(holder.address)

    def notices(self, order: Order) -> Sequence[EmailMessage]:
        """Return the mails that the accountant received about one request, oldest first."""
        return [mail for mail in self.mailbox(ACCOUNTANT) if order.grouped_reference in mail["Subject"]]

    def mailbox(self, address: str) -> Sequence[EmailMessage]:
        """Return all mails to one address, oldest first."""
        files = sorted((self.folder / "mail" / "new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        mails = (message_from_bytes(file.read_bytes(), policy=policy.default) for file in files)
        return [mail for mail in mails if isinstance(mail, EmailMessage) and mail["To"] == address]

    def expiry(self, months: int = 12) -> str:
        """Write an expiry date so many months from now, as cards print it."""
        count = self.clock().year * 12 + self.clock().month - 1 + months
        return f"{count % 12 + 1:02d}/{count // 12 % 100:02d}"

    def said(self, sentence: LazyString, language: str = "fr") -> str:
        """Return one of the product's sentences as it is read in a language."""
        with self.product.app_context(), speaking(language):
            return str(sentence)

    @property
    def files(self) -> Sequence[Path]:
        """Every file that the world has written: databases, their logs, mails, records."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def traces(self, address: str) -> Sequence[Path]:
        """Return the files that hold an address, but for the recipients' own mailboxes."""
        mailboxes = self.folder / "mail"
        ours = (path for path in self.files if not path.is_relative_to(mailboxes))
        return [path for path in ours if address.encode() in path.read_bytes()]

    def _order(self, holder: Holder, public_id: str) -> Order:
        return Order(**vars(holder), public_id=public_id, link=self.link_of(public_id))


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start both servers on two hosts, so that the way to the bank and back is really cross-site."""
    clock = MovableClock()
    with ExitStack() as stack:
        stack.enter_context(_temporary_files_in(folder / "tmp"))
        database = stack.enter_context(sqlite_database(folder))
        open_office(database)
        _add_banks(database)
        ours, theirs = (stack.enter_context(_free_port()) for _ in range(2))
        product_url = f"http://localhost:{ours.getsockname()[1]}"
        bank_url = f"http://127.0.0.1:{theirs.getsockname()[1]}"
        closing = stack.enter_context(_signal())
        product = create_app(_settings(product_url, bank_url, folder), clock=clock)
        simulator = create_simulator(
            _simulator_settings(product_url, bank_url, folder),
            clock,
            keep_silent=lambda seconds: _wait(closing, seconds),
        )
        stack.enter_context(_served(product, ours))
        stack.enter_context(_served(simulator, theirs))
        services: Services = product.extensions[EXTENSION]
        stack.callback(services.database.dispose)
        yield World(product_url, bank_url, clock, services, product, folder)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Keep what this process writes for a moment only beside the rest that the world has written."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _settings(product_url: str, bank_url: str, folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        secret_keys=(SECRET,),
        bank_api_key=SECRET,
        database_url=f"sqlite:///{folder / 'caro.db'}",
        public_url=product_url,
        bank_url=bank_url,
        link_rate="100000 per minute",
        card_rate="100000 per minute",
        sign_in_rate="100000 per minute",
        challenge_origins=(bank_url,),
        bank_connect_seconds=BANK_DEADLINE_SECONDS,
        bank_deadline_seconds=BANK_DEADLINE_SECONDS,
        mail_folder=folder / "mail",
    )


def _simulator_settings(product_url: str, bank_url: str, folder: Path) -> SimulatorSettings:
    return SimulatorSettings(
        _env_file=None,
        api_key=SECRET,
        public_url=bank_url,
        return_origins=(product_url,),
        database=folder / "bank.db",
        hang_seconds=HANG_SECONDS,
    )


def _add_banks(database: Database) -> None:
    """Give the dossier a mandate at every bank, so that each can be ordered for."""
    with database.transaction() as session:
        dossier = session.scalars(select(Dossier).where(Dossier.code == ORDER.dossier_code)).one()
        known = set(session.scalars(select(Mandate.bank).where(Mandate.dossier_id == dossier.id)))
        session.add_all(
            Mandate(dossier_id=dossier.id, bank=bank, iban=f"BE{number:014d}", state=MandateState.ACTIVE)
            for number, bank in enumerate(set(BANKS) - known)
        )


@contextmanager
def _free_port() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@contextmanager
def _signal() -> Iterator[Signal]:
    signal = Signal()
    try:
        yield signal
    finally:
        signal.set()


def _wait(closing: Signal, seconds: float) -> None:
    """Keep a hanging bank silent, but not longer than the world lasts."""
    closing.wait(seconds)


class _Quiet(WSGIRequestHandler):
    """Serve without a line for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def _served(app: Flask, listening: socket.socket) -> Iterator[None]:
    host, port = listening.getsockname()
    server = make_server(host, port, app, threaded=True, fd=listening.fileno(), request_handler=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

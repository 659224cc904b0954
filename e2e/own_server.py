"""A server of the tests' own: product and simulated bank in this process, on a clock that tests may move."""

import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal

import trustme
from flask import Flask
from pydantic import SecretStr

from app import create_app
from app.jobs import JOBS, run_jobs
from app.settings import Settings
from app.simulation.bank import create_simulated_bank
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.web.extensions import EXTENSION, Services
from tests.support.databases import disposed_engines, sqlite_database
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.serving import served

SECRET = SecretStr("only-for-browsers-0123456789-abcdefghijklmn")

#: How long the product waits for the bank: short for whoever waits, long enough for a busy machine.
BANK_DEADLINE_SECONDS = 5


@dataclass(frozen=True)
class OwnServer:
    """What only somebody inside can do: move the clock of all, look into files, run the whole worker."""

    product_url: str
    clock: MovableClock
    stopwatch: MovableStopwatch
    product: Flask
    bank: Flask
    folder: Path

    @property
    def services(self) -> Services:
        """The use cases, for what no door leads to."""
        found: Services = self.product.extensions[EXTENSION]
        return found

    def work(self) -> None:
        """Do one round of the worker; a job that fails is only logged there, and must not be missed here."""
        with self.product.app_context():
            done = run_jobs(self.services, Signal())
        assert done.keys() == {job.name for job in JOBS}

    @property
    def files(self) -> Sequence[Path]:
        """Every file that the servers have written: databases, their logs, mails, records."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def traces(self, address: str) -> Sequence[Path]:
        """Return the files that hold an address, but for the recipients' own mailboxes."""
        mailboxes = self.folder / "mail"
        ours = (path for path in self.files if not path.is_relative_to(mailboxes))
        return [path for path in ours if address.encode() in path.read_bytes()]


@contextmanager
def own_server(folder: Path, authority: trustme.CA | None = None, **changes: object) -> Iterator[OwnServer]:
    """Start both servers on two hosts, so that the way to the bank and back is really cross-site.

    With an authority the product is served over TLS. `changes` are settings of the product.
    """
    clock, stopwatch = MovableClock(), MovableStopwatch()
    with ExitStack() as stack:
        stack.enter_context(disposed_engines())
        stack.enter_context(_temporary_files_in(folder / "tmp"))
        stack.enter_context(sqlite_database(folder))
        ours, theirs = (stack.enter_context(free_port()) for _ in range(2))
        product_url = f"{'https' if authority else 'http'}://localhost:{ours.getsockname()[1]}"
        bank_url = f"http://127.0.0.1:{theirs.getsockname()[1]}"
        closing = stack.enter_context(_signal())
        product = create_app(
            _settings(product_url, bank_url, folder, changes), clock=clock, stopwatch=stopwatch
        )
        simulator = create_simulated_bank(
            _simulator_settings(product_url, bank_url, folder),
            clock,
            keep_silent=lambda _seconds: _wait(closing),
        )
        stack.enter_context(served(product, ours, authority))
        stack.enter_context(served(simulator, theirs))
        own = OwnServer(product_url, clock, stopwatch, product, simulator, folder)
        yield own


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Keep what this process writes for a moment only beside the rest that the servers have written."""
    folder.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _settings(product_url: str, bank_url: str, folder: Path, changes: Mapping[str, object]) -> Settings:
    ours = Settings(
        _env_file=None,
        simulation=True,
        secret_keys=(SECRET,),
        bank_api_key=SECRET,
        database_url=f"sqlite:///{folder / 'caro.db'}",
        public_url=product_url,
        bank_url=bank_url,
        challenge_origins=(bank_url,),
        bank_connect_seconds=BANK_DEADLINE_SECONDS,
        bank_deadline_seconds=BANK_DEADLINE_SECONDS,
        mail_folder=folder / "mail",
    )
    return ours.model_copy(update=changes)


def _simulator_settings(product_url: str, bank_url: str, folder: Path) -> SimulatedBankSettings:
    return SimulatedBankSettings(
        _env_file=None,
        api_key=SECRET,
        public_url=bank_url,
        return_origins=(product_url,),
        database=folder / "bank.db",
    )


@contextmanager
def free_port() -> Iterator[socket.socket]:
    """Listen on a port of one's own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@contextmanager
def _signal() -> Iterator[Signal]:
    signal = Signal()
    try:
        yield signal
    finally:
        signal.set()


def _wait(closing: Signal) -> None:
    """Keep a hanging bank silent for as long as the server lasts, so that nobody can outwait it."""
    closing.wait()

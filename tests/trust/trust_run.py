"""Where the rounds take place: one folder that all processes share, with a clock that can be moved."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.db import Database
from app.web.extensions import EXTENSION, Services
from tests.kills.bank import BankOnDisk
from tests.kills.killable import product
from tests.support.databases import postgres_database, sqlite_database
from tests.support.doubles import START
from tests.support.office import open_office


class SharedClock:
    """The machine's clock, moved by as much as a file says: every process sees the same time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(self._file.read_text()))

    def turn_to(self, instant: datetime) -> None:
        """Let it be this instant now, for everybody at once."""
        new = self._file.with_suffix(".new")
        new.write_text(str((instant - datetime.now(UTC)).total_seconds()))
        new.replace(self._file)


@dataclass(frozen=True)
class Acknowledgement:
    """One thing that somebody was told is done."""

    done: str
    public_id: str


class AcknowledgementLog:
    """What was acknowledged, written through to the disk only after the use case had returned."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "acknowledged"

    def note(self, ack: Acknowledgement) -> None:
        """Write one line with one call, so that no kill leaves half of it."""
        with self._file.open("ab", buffering=0) as file:
            file.write(f"{json.dumps([ack.done, ack.public_id])}\n".encode())
            os.fsync(file.fileno())

    def read(self) -> list[Acknowledgement]:
        """Return everything that was acknowledged."""
        return [Acknowledgement(*json.loads(line)) for line in self._file.read_text().splitlines()]


@dataclass(frozen=True)
class TrustRun:
    """One database behind one URL, and everything else in one folder."""

    url: str
    folder: Path

    @property
    def clock(self) -> SharedClock:
        return SharedClock(self.folder)

    @property
    def diary(self) -> AcknowledgementLog:
        return AcknowledgementLog(self.folder)

    @property
    def bank(self) -> BankOnDisk:
        return BankOnDisk(self.folder / "bank")

    @contextmanager
    def process(self) -> Iterator[Services]:
        """Build the product as every process of these rounds does."""
        app = product(self.url, self.folder, self.clock)
        with app.app_context():
            services: Services = app.extensions[EXTENSION]
            yield services
            services.database.close_connections()


@contextmanager
def prepared(engine: str, folder: Path) -> Iterator[TrustRun]:
    """Give an empty database with one office, and a clock that shows a Monday morning."""
    with sqlite_database(folder) if engine == "sqlite" else postgres_database() as database:
        open_office(database)
        run = TrustRun(_url(database), folder)
        # Whoever keeps a connection keeps SQLite's log from a crash.
        database.close_connections()
        run.clock.turn_to(START)
        run.diary.note(Acknowledgement("opened", ""))
        yield run


def _url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)

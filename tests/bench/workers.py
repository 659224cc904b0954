"""Real worker processes: each builds the product as it is shipped and does all its jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from time import process_time

from app import create_app
from app.clock import Clock, system_clock
from app.jobs import run_jobs
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.bench.served import PromptBank, settings_for

_SPAWN = get_context("spawn")
_PATIENCE = 600.0


class NotDone(Exception):
    """The worker did not end its work in time."""


@dataclass(frozen=True)
class WorkerTask:
    """A database, a Maildir or a local SMTP server to deliver to, and how far the clock is ahead."""

    database_url: str
    destination: Path | int
    ahead: timedelta = timedelta(0)

    def settings(self) -> Settings:
        """Return the settings of the worker; only what fails is logged."""
        if isinstance(self.destination, Path):
            way: dict[str, object] = {"mail_folder": self.destination}
        else:
            way = {"smtp_host": "127.0.0.1", "smtp_port": self.destination, "smtp_security": "none"}
        return settings_for(self.database_url).model_copy(update={"log_level": "ERROR", **way})

    def clock(self) -> Clock:
        """Return a clock that runs ahead."""
        return lambda: system_clock() + self.ahead


@dataclass(frozen=True)
class WorkerResult:
    """What a worker took up, and the seconds of CPU that it cost."""

    mails: int
    cpu: float


@dataclass(frozen=True)
class MeasuredWorker:
    """A worker process that is ready; it starts when told."""

    process: BaseProcess
    line: "Connection[None, WorkerResult | None]"

    def start(self) -> None:
        """Let it work."""
        self.line.send(None)

    def done(self) -> WorkerResult:
        """Wait until no mail is due for it any more; raise NotDone."""
        done = self.line.recv() if self.line.poll(_PATIENCE) else None
        if done is None:
            raise NotDone
        return done

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.join()


@contextmanager
def worker(errand: WorkerTask) -> Iterator[MeasuredWorker]:
    """Run a worker process for the length of a block, built and waiting for its start."""
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_run, args=(errand, there), daemon=True)
    process.start()
    # Its end is the process's alone, so that whoever waits hears of its death.
    there.close()
    try:
        here.recv()
        yield MeasuredWorker(process, here)
    finally:
        process.kill()
        process.join()


def _run(errand: WorkerTask, line: "Connection[WorkerResult | None, None]") -> None:
    app = create_app(errand.settings(), clock=errand.clock(), bank=PromptBank())
    services: Services = app.extensions[EXTENSION]
    with app.app_context():
        line.send(None)
        line.recv()
        before, mails = process_time(), 0
        # A round that fails leaves the job out, and ends the work.
        while taken := run_jobs(services, Event()).get("deliver", 0):
            mails += taken
        line.send(WorkerResult(mails, process_time() - before))

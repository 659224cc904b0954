"""How many mails a second leave: two engines, a Maildir and SMTP, one worker and two.

A thousand mails for each by default; `python -m tests.bench.mails --mails 10000` empties a long queue.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from mailbox import Maildir
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from app import create_app
from app.clock import system_clock
from app.db import Database
from app.web.extensions import EXTENSION, Services
from tests.bench.queued import message_ids, queue_invitations
from tests.bench.sink import sink
from tests.bench.statement_tally import StatementTally, counted
from tests.bench.workers import WorkerResult, WorkerTask, worker
from tests.support.databases import POSTGRES_URL, engines_under_test, postgres_database, sqlite_database
from tests.support.doubles import MovableStopwatch
from tests.support.office import open_office

MAILS = 1000
_HEADINGS = ("", "to", "workers", "mails/s", "CPU ms a mail", "arrived once")
_ROW = "{:<11} {:<8} {:>7} {:>8} {:>14} {:>14}"

#: How a queue's mails leave: where to, and how often each Message-ID has arrived there.
Received = Callable[[], Counter[str]]
Way = Callable[[Path], AbstractContextManager[tuple[Path | int, Received]]]


@dataclass(frozen=True)
class MailRate:
    """What came of one queue: the seconds from the start of its workers to the end of the last one."""

    seconds: float
    done: list[WorkerResult]
    arrived: int
    once: int

    def figures(self) -> tuple[int, str, str, int]:
        """Return what stands in a row of the table."""
        mails, cpu = sum(one.mails for one in self.done), sum(one.cpu for one in self.done)
        return len(self.done), f"{mails / self.seconds:.0f}", f"{cpu / mails * 1000:.1f}", self.once


@contextmanager
def _to_maildir(folder: Path) -> Iterator[tuple[Path | int, Received]]:
    box = folder / "mail"
    yield box, lambda: Counter(str(mail["Message-ID"]) for mail in Maildir(box, create=False))


@contextmanager
def _to_smtp(_folder: Path) -> Iterator[tuple[Path | int, Received]]:
    with sink() as server:
        yield server.port, server.received


_WAYS: Mapping[str, Way] = {"Maildir": _to_maildir, "SMTP": _to_smtp}


def mail_report(mails: int = MAILS) -> Iterator[str]:
    """Yield the lines of the table, each once it is measured."""
    yield f"{mails} invitations, workers as shipped, SMTP without TLS to a bare server on loopback"
    yield ""
    yield _ROW.format(*_HEADINGS)
    engines = engines_under_test()
    for engine, way, workers in product(engines, _WAYS, (1, 2)):
        yield _ROW.format(engine, way, *measure(engine, way, workers, mails).figures())
    if "postgresql" not in engines:
        yield f"PostgreSQL is left out: nothing answers at {POSTGRES_URL}."
    yield ""
    yield from (_statements(engine) for engine in engines)


def measure(engine: str, way: str, workers: int, mails: int) -> MailRate:
    """Queue so many invitations, and let so many workers deliver them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="caro-bench-")))
        database = stack.enter_context(_database(engine, folder))
        destination, received = stack.enter_context(_WAYS[way](folder))
        queue_invitations(database, range(mails), system_clock())
        errand = WorkerTask(database.url.render_as_string(hide_password=False), destination)
        crew = [stack.enter_context(worker(errand)) for _ in range(workers)]
        began = perf_counter()
        for one in crew:
            one.start()
        done = [one.done() for one in crew]
        seconds = perf_counter() - began
        arrived = received()
        once = sum(arrived[id_] == 1 for id_ in message_ids(range(mails)))
        return MailRate(seconds, done, arrived.total(), once)


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[Database]:
    with sqlite_database(folder) if engine == "sqlite" else postgres_database() as database:
        open_office(database)
        yield database


def _statements(engine: str) -> str:
    tally = tally_one_mail(engine)
    return f"{engine}: a mail costs {len(tally.statements)} statements in {tally.transactions} transactions"


def tally_one_mail(engine: str) -> StatementTally:
    """Count what one mail costs, the look for the next one not included."""
    with TemporaryDirectory(prefix="caro-bench-") as folder, _database(engine, Path(folder)) as database:
        queue_invitations(database, range(2), system_clock())
        errand = WorkerTask(database.url.render_as_string(hide_password=False), Path(folder) / "mail")
        one_a_turn = MovableStopwatch(jump=60)
        app = create_app(errand.settings(), stopwatch=one_a_turn)
        services: Services = app.extensions[EXTENSION]
        with app.app_context():
            services.outbox.deliver_due()
            with counted(services.database) as tally:
                services.outbox.deliver_due()
        services.database.close_connections()
        return tally


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.mails", description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help="mails in each queue (%(default)s)")
    for line in mail_report(parser.parse_args().mails):
        print(line, flush=True)


if __name__ == "__main__":
    main()

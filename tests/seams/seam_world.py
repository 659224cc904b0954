"""The world of one use case: product, neighbours and database, which can be put back as they were."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event as Stop
from typing import Any

from sqlalchemy import DateTime, Table, delete, insert, select, update
from sqlalchemy.pool import QueuePool

from app import build_services
from app.db import Database
from app.domain.history import MailKind
from app.jobs import run_jobs
from app.models import Base, Office
from tests.conftest import NO_RATE, make_settings
from tests.seams.seam_doubles import SeamBank, SeamBankApp, SeamRates, SeamTransport, state_of
from tests.seams.seam_watch import SeamWatch, seams_of_databases
from tests.support.activation_factory import ACTIVATION_STATES, ActivationFactory
from tests.support.databases import postgres_database, reused_sqlite_database
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.event_lines import capture_logs
from tests.support.office import numbered_orders, open_office
from tests.support.page_lint import LintingClient, LintRules
from tests.support.reused_app import new_app
from tests.trust.actors import DOMAIN
from tests.trust.evidence import TrustEvidence, gather_evidence, unfinished
from tests.trust.promises import PROMISES, Promise

Rows = Mapping[Table, tuple[tuple[Any, ...], ...]]

#: What differs from one run to the next, or counts them.
_RANDOM = {
    "public_id",
    "transaction",
    "acs_transaction",
    "bank_transaction",
    "secret_sha256",
    "request_id",
    "tries",
}
#: How time goes on once a use case has failed: retries, the end of an attempt, reminders, the end of a link.
_REST = (*[timedelta(minutes=15)] * 3, timedelta(days=1), timedelta(days=60), *[timedelta(days=1)] * 2)


#: Whoever is new has another number each time.
_PERSON = re.compile(r"accountant \d+")
#: Mails about nobody's request begin so.
_ABOUT_PEOPLE = tuple(
    f"<{kind}." for kind in (MailKind.SIGN_IN, MailKind.NEW_BROWSER, MailKind.COLLEAGUE_INVITED)
)


class SeamClient(LintingClient):
    """A browser that keeps no cookie, so that a form can be sent again as it was."""

    rules = LintRules(origins=("http://127.0.0.1:8001",))


@dataclass(frozen=True)
class Snapshot:
    """Everything that a run may change."""

    rows: Rows
    now: datetime
    neighbours: tuple[dict[str, Any], ...]


class SeamWorld:
    """One office, and whatever a use case needs."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.stopwatch = database, MovableStopwatch()
        # No two looks at a real clock are alike.
        self.clock = MovableClock(tick=timedelta(microseconds=1))
        self.watch = SeamWatch(self.clock)
        self.bank, self.bank_app = SeamBank(watch=self.watch), SeamBankApp(watch=self.watch)
        self.mails = SeamTransport(watch=self.watch)
        self.services = build_services(
            make_settings(database, folder, refused_card_rate=NO_RATE),
            clock=self.clock,
            stopwatch=self.stopwatch,
            bank=self.bank,
            bank_app=self.bank_app,
            transport=self.mails,
            rate_store=SeamRates(self.watch),
            database=database,
        )
        self.app = new_app(self.services, SeamClient)
        # With addresses that are looked for in the end.
        orders = partial(numbered_orders(), address=f"holder@{DOMAIN}")
        self.activations = ActivationFactory(self.services, self.bank, self.bank_app, self.clock, orders)
        self._first = self.take_snapshot()

    def create(self, state: str) -> str:
        """Bring a request to a state of its life, its mails delivered, and return its public id."""
        public_id = ACTIVATION_STATES[state](self.activations)
        self.deliver_mails()
        return public_id

    def deliver_mails(self) -> None:
        with self.app.app_context():
            self.services.outbox.deliver_due()

    def begin_anew(self) -> None:
        """Put everything back to an office where nothing has happened."""
        self.restore(self._first)

    def take_snapshot(self) -> Snapshot:
        return Snapshot(self.rows(), self.clock(), tuple(map(state_of, self._neighbours)))

    def restore(self, snapshot: Snapshot) -> None:
        """Put everything back; most runs that failed have left the rows as they were."""
        self.clock.now = snapshot.now
        # A breaker that has opened is tried again.
        self.stopwatch.seconds += 60
        for double, state in zip(self._neighbours, snapshot.neighbours, strict=True):
            vars(double).update({name: state_of_value(value) for name, value in state.items()})
        if self.rows() != snapshot.rows:
            self.write_rows(snapshot.rows)
        if self.database.url.get_backend_name() == "sqlite":
            with self.database.writing.begin() as connection:
                # So that there is something in its log each time.
                connection.execute(update(Office).values(name=Office.name))
                # So that it was not written anew tonight.
                connection.exec_driver_sql("PRAGMA user_version=0")

    def rows(self) -> Rows:
        """Return every row of every table, to the last column."""
        with self.database.reading.connect() as connection:
            return {
                table: tuple(map(tuple, connection.execute(select(table).order_by(*table.primary_key))))
                for table in Base.metadata.sorted_tables
            }

    def connections_in_use(self) -> int:
        """Count the connections that were taken and not given back."""
        pools = (self.database.writing.pool, self.database.reading.pool)
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    def facts(self) -> Counter[str]:
        """Return what the rows say, whichever keys and moments they have, and how often."""
        return Counter(
            _PERSON.sub("accountant", f"{table.name}: {_fact(table, row)}")
            for table, rows in self.rows().items()
            for row in rows
        )

    def broken_now(self) -> list[str]:
        """Hold what is there against the promises that hold at any moment."""
        return _hold_against([promise for promise in PROMISES if promise.always], self._gather())

    def let_worker_work(self, pause: timedelta) -> None:
        """Let so much time pass, and the worker do what there is to do."""
        self.clock.now += pause
        with self.app.app_context():
            while any(run_jobs(self.services, Stop()).values()):
                pass

    def broken_at_rest(self) -> list[str]:
        """Let the worker bring everything to its end, and hold that against all promises."""
        with capture_logs() as lines:
            for pause in _REST:
                self.let_worker_work(pause)
                if not unfinished(self.database):
                    break
        tables = [(table.name, str(rows).encode()) for table, rows in self.rows().items()]
        log = "\n".join(str(line["event"]) for line in lines)
        evidence = replace(self._gather(), written=tables, log=log)
        return _hold_against(PROMISES, evidence)

    @property
    def _neighbours(self) -> tuple[SeamBank, SeamBankApp, SeamTransport]:
        return self.bank, self.bank_app, self.mails

    def _gather(self) -> TrustEvidence:
        ids = (str(mail["Message-ID"]) for mail in self.mails.mails)
        return gather_evidence(
            self.database,
            kills=1,
            mails=Counter(one for one in ids if not one.startswith(_ABOUT_PEOPLE)),
            at_bank=[order.transaction for order in self.bank.asked],
        )

    def write_rows(self, rows: Rows) -> None:
        with self.database.writing.begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(delete(table))
            for table, kept in rows.items():
                stored = {column.key for column in table.columns if column.computed is None}
                values = [zip(table.columns.keys(), row, strict=True) for row in kept]
                if values:
                    connection.execute(
                        insert(table), [{key: value for key, value in row if key in stored} for row in values]
                    )


def _hold_against(promises: Iterable[Promise], evidence: TrustEvidence) -> list[str]:
    return [f"{one.words}: {broken}" for one in promises for broken in one.look(evidence).broken]


def state_of_value(value: Any) -> Any:
    """Return a copy of what may be written to."""
    return value.copy() if isinstance(value, dict | list | set) else value


def _fact(table: Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(
        value is not None if isinstance(column.type, DateTime) or hasattr(value, "tzinfo") else value
        for column, value in zip(table.columns, row, strict=True)
        if not (column.primary_key or column.foreign_keys or column.name in _RANDOM)
    )


@contextmanager
def opened_world(engine: str, folder: Path) -> Iterator[SeamWorld]:
    """Open an empty database with one office, every statement of which is a seam."""
    with reused_sqlite_database() if engine == "sqlite" else postgres_database() as database:
        open_office(database)
        world = SeamWorld(database, folder)
        with seams_of_databases(world.watch):
            yield world

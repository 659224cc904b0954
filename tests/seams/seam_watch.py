"""The seams: what a use case calls outside itself, counted one by one, and made to fail at a chosen one."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from tests.support.doubles import MovableClock

T = TypeVar("T")


class Seam(StrEnum):
    """What lies outside a use case."""

    STATEMENT = "statement"
    COMMIT = "commit"
    BANK = "bank"
    MAIL = "mail"
    RATES = "rates"


class Failure(StrEnum):
    """How a call can fail, or what can happen meanwhile."""

    REFUSED = "refused before it was done"
    HUNG = "silent until its time was over"
    CUT_OFF = "cut off after it was done"
    GONE = "refused, and so is all that follows"
    LATER = "the clock jumps an hour ahead"
    EARLIER = "the clock jumps an hour back"


#: Hours by which the clock jumps; the call itself is done.
JUMPS: Mapping[Failure, int] = {Failure.LATER: 1, Failure.EARLIER: -1}


@dataclass(frozen=True)
class Fault:
    """The call that fails, counted from one, and how."""

    number: int
    failure: Failure


class SeamWatch:
    """Counts the calls of one run, and lets one of them fail."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock
        self._fault: Fault | None = None
        self._is_running = False
        self.passed: list[Seam] = []
        self.commits = 0
        self.failed_at: Seam | None = None

    @contextmanager
    def run(self, fault: Fault | None = None) -> Iterator[None]:
        """Count from here on, and let the fault happen; what a test itself asks for is outside."""
        self._fault, self._is_running = fault, True
        self.passed, self.commits, self.failed_at = [], 0, None
        try:
            yield
        finally:
            self._is_running = False

    def pass_by(self, seam: Seam) -> Failure | None:
        """Count one call, and say how it fails; None where it does not."""
        if not self._is_running:
            return None
        self.passed.append(seam)
        fault, number = self._fault, len(self.passed)
        if fault is None or number < fault.number:
            return None
        if number > fault.number:
            return fault.failure if fault.failure is Failure.GONE else None
        self.failed_at = seam
        if fault.failure in JUMPS:
            self._clock.advance(hours=JUMPS[fault.failure])
            return None
        return fault.failure

    def call(self, seam: Seam, do: Callable[[], T], errors: Mapping[Failure, Exception]) -> T:
        """Do it, unless it is the call that fails."""
        failure = self.pass_by(seam)
        if failure in (None, Failure.CUT_OFF):
            done = do()
        if failure is not None:
            raise errors[failure]
        return done


@dataclass(frozen=True)
class DatabaseSeams:
    """What SQLAlchemy tells of each statement and each commit, whichever engine makes it."""

    watch: SeamWatch

    def execute(self, cursor: Any, statement: str, parameters: Any, _context: object) -> None:
        self._pass_statement(cursor, lambda: cursor.execute(statement, parameters))

    def execute_many(self, cursor: Any, statement: str, parameters: Any, _context: object) -> None:
        self._pass_statement(cursor, lambda: cursor.executemany(statement, parameters))

    def commit(self, connection: Connection) -> None:
        failure, driver = self.watch.pass_by(Seam.COMMIT), connection.connection.driver_connection
        assert driver is not None
        self.watch.commits += failure in (None, Failure.CUT_OFF)
        if failure is Failure.CUT_OFF:
            driver.commit()
        if failure is not None:
            error = _break_connection(driver, failure)
            if not isinstance(driver, sqlite3.Connection):
                connection.invalidate()
            raise OperationalError("COMMIT", None, error)

    def _pass_statement(self, cursor: Any, do: Callable[[], object]) -> None:
        failure = self.watch.pass_by(Seam.STATEMENT)
        if failure is Failure.CUT_OFF:
            do()
        if failure is not None:
            raise _break_connection(cursor.connection, failure)


@contextmanager
def seams_of_databases(watch: SeamWatch) -> Iterator[None]:
    """Let each statement and each commit of every engine be a seam."""
    seams = DatabaseSeams(watch)
    listeners: dict[str, Callable[..., Any]] = {
        "do_execute": seams.execute,
        "do_executemany": seams.execute_many,
        "commit": seams.commit,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def _break_connection(driver: Any, failure: Failure) -> Exception:
    """Return what a driver says; PostgreSQL's loses its connection, and SQLite's file stays open."""
    is_silent = failure is Failure.HUNG
    if isinstance(driver, sqlite3.Connection):
        return sqlite3.OperationalError("database is locked" if is_silent else "disk I/O error")
    driver.close()
    return psycopg.OperationalError("answer timeout expired" if is_silent else "connection lost")

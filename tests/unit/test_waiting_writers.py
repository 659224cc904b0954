"""SQLite has one writer at a time: whoever waits for that leaves threads to those who only read."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from threading import Event
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.bank.http import is_silence
from app.circuit_breaker import CircuitBreaker, CircuitOpen
from app.cli.process_commands import serve_product
from app.db import MOST_CALLS, Database
from app.models import Office
from app.settings import Settings
from tests.support.doubles import MovableStopwatch
from tests.support.waiting import wait_until

WRITERS = 24
#: What a web process has, where nothing else was asked for.
(THREADS,) = (int(str(option.default)) for option in serve_product.params if option.name == "threads")
BANK_CALLS = Settings.model_fields["bank_calls"].default


def write(database: Database) -> bool:
    with suppress(OperationalError), database.write_connection() as connection:
        return bool(connection.execute(update(Office).values(name=Office.name)).rowcount)
    return False


@contextmanager
def held(database: Database) -> Iterator[None]:
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


def unfinished(those: list[Future[Any]]) -> int:
    return sum(not one.done() for one in those)


def test_quick_writers_that_come_together_all_succeed(database: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as threads:
        assert all(threads.map(write, [database] * WRITERS))


def test_while_somebody_holds_the_lock_eight_wait_and_others_go_on(database: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as threads, held(database):
        writers = [threads.submit(write, database) for _ in range(WRITERS)]
        wait_until(lambda: sum(writer.done() for writer in writers) == WRITERS - 8)
        assert not write(database)
        with database.read_connection() as connection:
            assert connection.execute(select(Office.name)).first()

    assert sum(writer.result() for writer in writers) == 8
    assert write(database)


def test_a_silent_bank_and_a_held_database_together_leave_threads(database: Database) -> None:
    bank, is_over = CircuitBreaker("bank", MovableStopwatch(), is_silence, calls=BANK_CALLS), Event()

    def ask_bank() -> None:
        with suppress(CircuitOpen), bank.call():
            is_over.wait()

    with ThreadPoolExecutor(THREADS) as threads, held(database), ExitStack() as ends:
        ends.callback(is_over.set)
        cardholders = [threads.submit(ask_bank) for _ in range(WRITERS)]
        writers = [threads.submit(write, database) for _ in range(WRITERS)]
        wait_until(
            lambda: [unfinished(those) for those in (cardholders, writers)] == [BANK_CALLS, MOST_CALLS]
        )
        threads.submit(lambda: None).result()
        assert unfinished(writers) == MOST_CALLS

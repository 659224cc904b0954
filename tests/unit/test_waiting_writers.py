"""SQLite has one writer at a time: whoever waits for that leaves threads to those who only read."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.db import Database
from app.models import Office
from tests.support.waiting import wait_until

WRITERS = 24


def write(database: Database) -> bool:
    with suppress(OperationalError), database.write_connection() as connection:
        return bool(connection.execute(update(Office).values(name=Office.name)).rowcount)
    return False


def test_quick_writers_that_come_together_all_succeed(database: Database) -> None:
    with ThreadPoolExecutor(WRITERS) as threads:
        assert all(threads.map(write, [database] * WRITERS))


def test_while_somebody_holds_the_lock_eight_wait_and_others_go_on(database: Database) -> None:
    with (
        ThreadPoolExecutor(WRITERS) as threads,
        closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as holder,
    ):
        holder.execute("BEGIN IMMEDIATE")
        writers = [threads.submit(write, database) for _ in range(WRITERS)]
        wait_until(lambda: sum(writer.done() for writer in writers) == WRITERS - 8)
        assert not write(database)
        with database.read_connection() as connection:
            assert connection.execute(select(Office.name)).first()
        holder.execute("ROLLBACK")

    assert sum(writer.result() for writer in writers) == 8
    assert write(database)

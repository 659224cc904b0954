"""`caro migrate` may be killed, and may run twice at the same time: the schema is whole, or as it was."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, inspect

from app.db import Database
from app.models.schema import is_schema_supported, upgrade_schema
from tests.kills.killable import PROCESSES
from tests.support.databases import fresh_postgres

FIRST = "0001"


@pytest.fixture
def url(engine: str, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it yet."""
    with ExitStack() as stack:
        if engine == "sqlite":
            yield f"sqlite:///{tmp_path / 'migrated.db'}"
        else:
            yield stack.enter_context(fresh_postgres("killed"))


def migrate(url: str, last_words: str = "") -> None:
    """Migrate in a process of its own, which dies before the statement that holds these words."""

    def die(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        if last_words and last_words in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    upgrade_schema(Database(url))


def tables(url: str) -> set[str]:
    database = Database(url)
    try:
        return set(inspect(database.reading).get_table_names())
    finally:
        database.close_connections()


def test_a_migration_that_is_killed_leaves_the_schema_of_before_and_can_be_repeated(url: str) -> None:
    upgrade_schema(Database(url), FIRST)
    before = tables(url)
    killed = PROCESSES.Process(target=migrate, args=(url, "CREATE TABLE schema_support"))
    killed.start()
    killed.join()

    assert killed.exitcode == -signal.SIGKILL
    assert tables(url) == before
    database = Database(url)
    upgrade_schema(database)
    assert is_schema_supported(database)
    database.close_connections()


def test_whoever_migrates_at_the_same_time_waits(url: str) -> None:
    both = [PROCESSES.Process(target=migrate, args=(url,)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert [one.exitcode for one in both] == [0, 0]
    database = Database(url)
    assert is_schema_supported(database)
    database.close_connections()

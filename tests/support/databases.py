"""Databases for tests: a fresh SQLite file, or one PostgreSQL database emptied before each test."""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from app.db import Database
from app.models import Base
from app.models.schema import upgrade_schema
from tests.support.waiting import PATIENCE

#: Where a file costs no disk; other systems than Linux have none.
_MEMORY = Path("/dev/shm")
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


#: A few rows are deleted in a hundredth of the time that TRUNCATE takes, which makes each file anew.
_EMPTY_TABLES = "; ".join(f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables))
_RESTART_NUMBERS = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"

_END_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@cache
def postgres_answers() -> bool:
    """Tell whether the PostgreSQL for tests is there."""
    engine = create_engine(POSTGRES_URL, connect_args={"connect_timeout": PATIENCE})
    try:
        with engine.connect():
            return True
    except OperationalError:
        return False
    finally:
        engine.dispose()


def engines_under_test() -> list[str]:
    """Name the engines to test on; in CI both must run, elsewhere PostgreSQL only if it is there."""
    both = os.environ.get("CI") == "true" or postgres_answers()
    return ["sqlite", "postgresql"] if both else ["sqlite"]


@contextmanager
def disposed_engines() -> Iterator[None]:
    """Dispose at the end of the block of whatever engine has connected within it.

    Python 3.13 warns of each connection that is left to its garbage collector.
    """
    connected: set[Engine] = set()

    def note(connection: Connection) -> None:
        connected.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", note)
        for engine in connected:
            engine.dispose()


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """Open a fresh, migrated SQLite database."""
    file = folder / "caro.db"
    shutil.copy(_migrated_sqlite_file(), file)
    database = Database(f"sqlite:///{file}")
    try:
        yield database
    finally:
        database.close_connections()


@contextmanager
def reused_sqlite_database() -> Iterator[Database]:
    """Open this test process's own SQLite database, empty; statements that were compiled once stay so."""
    database = _sqlite_database_of_process()
    file = Path(database.url.database or "")
    for log in ("-wal", "-shm"):
        file.with_name(file.name + log).unlink(missing_ok=True)
    shutil.copy(_migrated_sqlite_file(), file)
    try:
        yield database
    finally:
        database.close_connections()


def _quick_folder() -> Path:
    """Return a new folder that goes with this process, in memory where the system offers that."""
    folder = Path(mkdtemp(prefix="caro-tests-", dir=_MEMORY if _MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _sqlite_database_of_process() -> Database:
    return Database(f"sqlite:///{_quick_folder()}/caro.db")


@contextmanager
def postgres_database() -> Iterator[Database]:
    """Open this test process's own PostgreSQL database, empty."""
    database = _postgres_database_of_process()
    with database.transaction() as session:
        session.execute(text(_EMPTY_TABLES))
        session.execute(text(_RESTART_NUMBERS))
    try:
        yield database
    finally:
        database.close_connections()


@cache
def _migrated_sqlite_file() -> Path:
    file = _quick_folder() / "migrated.db"
    database = Database(f"sqlite:///{file}")
    upgrade_schema(database)
    database.truncate_wal()
    database.close_connections()
    return file


@contextmanager
def fresh_postgres(name: str) -> Iterator[str]:
    """Empty the PostgreSQL database of this name and process, and yield its URL."""
    url = _make_postgres(f"caro_test_{name}_{os.getpid()}")
    with _statements_on(url) as connection:
        # Whoever was killed may have left a connection that holds locks.
        connection.exec_driver_sql(_END_OTHERS)
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    yield url


@cache
def _make_postgres(name: str) -> str:
    """Create a database once, since that and dropping it cost a second, and drop it with this process."""
    with _statements_on(POSTGRES_URL) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = connection.engine.url.set(database=name)
    atexit.register(_drop_postgres, name)
    return url.render_as_string(hide_password=False)


def _drop_postgres(name: str) -> None:
    with _statements_on(POSTGRES_URL) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _statements_on(url: str) -> Iterator[Connection]:
    """Connect once, each statement being a transaction of its own."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@cache
def _postgres_database_of_process() -> Database:
    with fresh_postgres("main") as url:
        database = Database(url)
    upgrade_schema(database)
    database.close_connections()
    return database

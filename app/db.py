"""The database: SQLite embedded by default, PostgreSQL by changing one URL.

On SQLite two engines share one file: writers start with BEGIN IMMEDIATE, since a deferred transaction
that reads and then writes fails at once whatever the timeout; readers may not write and open no transaction.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    BindParameter,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Result,
    SQLColumnExpression,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.circuit_breaker import CircuitBreaker, CircuitOpen
from app.clock import Stopwatch, system_stopwatch
from app.logs import log

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)

_CHECKPOINT_SECONDS = 0.25
_VACUUM_SECONDS = 5

#: A thread of a web process has a connection at once: by default there are fewer threads.
_POOL = {"pool_size": 20, "max_overflow": 10, "pool_timeout": 3}
#: Threads that may wait for a database, on SQLite for the lock of its writers; others wait for a moment only.
#: With those that may wait for the bank they are fewer than a web process has.
MOST_CALLS, _PATIENCE = 8, 1.0
#: What a database says whose answer, or whose lock, has not come in time.
_SILENCES = ("timeout expired", "database is locked")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC on both engines and never naive in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out UTC with its zone, which SQLite does not keep."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def bind_moment(name: str) -> BindParameter[datetime]:
    """Return the parameter of a statement that is a moment."""
    return bindparam(name, type_=UtcDateTime)


class Database:
    """One database behind one URL: an engine that writes and an engine that only reads."""

    def __init__(self, url: str, stopwatch: Stopwatch = system_stopwatch) -> None:
        self.url = make_url(url)
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        make_engines = _sqlite_engines if self._is_sqlite else _postgres_engines
        self.writing, self.reading = make_engines(self.url)
        self.breaker = CircuitBreaker(
            "database",
            stopwatch,
            _is_silence,
            calls=MOST_CALLS,
            failures=2,
            probe_seconds=1,
            patience=_PATIENCE,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open the one transaction of a use case: committed at the end, rolled back on any error."""
        with (
            self._call(),
            Session(self.writing, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        """Open the one transaction of a use case that knows its rows: statements alone, no entities."""
        with self._call(), self.writing.begin() as connection:
            yield connection

    @contextmanager
    def read_connection(self) -> Iterator[Connection]:
        """Open a connection that only reads."""
        # Readers of SQLite wait for nobody.
        with nullcontext() if self._is_sqlite else self._call(), self.reading.connect() as connection:
            yield connection

    @contextmanager
    def _call(self) -> Iterator[None]:
        try:
            with self.breaker.call():
                yield
        except CircuitOpen as refused:
            # As the database itself says that it cannot be reached.
            raise OperationalError(None, None, refused) from None

    def truncate_wal(self) -> bool:
        """Empty SQLite's write-ahead log, where erased bytes live on.

        False while a reader holds it, or the disk does not do it: whoever erases tries at once, and the
        worker until it is done.
        """
        if not self._is_sqlite or not _file_size(f"{self.url.database}-wal"):
            return True
        try:
            # Whoever waits for readers holds the writers back: a short wait, and the worker comes again.
            with self._maintenance_connection(_CHECKPOINT_SECONDS) as connection:
                return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar() == 0
        except DBAPIError as error:
            # What led here is committed, and nobody must be told that it was not.
            log.warning("log_not_emptied", cause=read_cause(error))
            return False

    def vacuum(self, day: date) -> bool:
        """Write SQLite's file anew, once a day; False otherwise, and where it is not possible now.

        SQLite moves rows when it splits or joins pages, and leaves copies that no erasure overwrites.
        """
        if not self._is_sqlite:
            return False
        try:
            with self._maintenance_connection(_VACUUM_SECONDS) as connection:
                # A number in the file's header that SQLite leaves to its owner.
                last = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                if last >= day.toordinal():
                    return False
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql(f"PRAGMA user_version={day.toordinal()}")
        except DBAPIError as error:
            log.warning("file_not_rewritten", cause=read_cause(error))
            return False
        self.truncate_wal()
        return True

    @contextmanager
    def _maintenance_connection(self, seconds: float) -> Iterator[Connection]:
        """Open a connection without a transaction, which waits so long for a lock."""
        plain = create_engine(self.url, isolation_level="AUTOCOMMIT", connect_args={"timeout": seconds})
        try:
            with plain.connect() as connection:
                yield connection
        finally:
            plain.dispose()

    def close_connections(self) -> None:
        """Close every connection."""
        self.writing.dispose()
        self.reading.dispose()


def create_private_file(path: Path) -> None:
    """Make an empty file for its owner alone where there is none; SQLite's logs beside it take after it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _file_size(path: str) -> int:
    file = Path(path)
    return file.stat().st_size if file.exists() else 0


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    if url.database:
        create_private_file(Path(url.database))
    writing = create_engine(url, hide_parameters=True, **_POOL)
    reading = create_engine(
        url, hide_parameters=True, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **_POOL
    )
    event.listen(writing, "connect", _prepare_writer)
    event.listen(writing, "begin", begin_immediate)
    event.listen(reading, "connect", _prepare_reader)
    return writing, reading


def _postgres_engines(url: URL) -> tuple[Engine, Engine]:
    # Only here: it needs an extra.
    from app.postgres import connect_impatiently

    writing = create_engine(url, pool_pre_ping=True, hide_parameters=True, **_POOL)
    event.listen(writing, "do_connect", connect_impatiently)
    return writing, writing.execution_options(isolation_level="AUTOCOMMIT")


def _is_silence(error: Exception) -> bool:
    return isinstance(error, OperationalError) and any(words in str(error.orig) for words in _SILENCES)


def _prepare_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _prepare_reader(connection: Any, record: object) -> None:
    _prepare_writer(connection, record)
    connection.execute("PRAGMA query_only=ON")


def begin_immediate(connection: Connection) -> None:
    """Take SQLite's write lock at the start, where waiting for it still helps."""
    try:
        # By the driver itself: SQLAlchemy would make as much of it as of a statement with rows.
        connection.connection.cursor().execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        raise OperationalError(None, None, error) from error


def read_cause(error: Exception) -> str:
    """Return why a database does not serve: host, port and reason, never a value or a password."""
    if isinstance(error, OperationalError):
        return next(iter(str(error.orig).splitlines()), "")
    return type(getattr(error, "orig", error)).__name__


T = TypeVar("T")


class TypedRow(Protocol):
    """One row: `row[Activation.state]` is an `ActivationState`, a column that was not selected a KeyError."""

    def __getitem__(self, column: SQLColumnExpression[T], /) -> T:
        """Return the value of a column."""


class TypedColumns:
    """The columns of a statement, attributes or labelled expressions: the same objects are the keys."""

    def __init__(self, *columns: SQLColumnExpression[Any]) -> None:
        self.columns = columns

    def rows(self, result: Result[*tuple[Any, ...]]) -> list[TypedRow]:
        """Return the rows of a statement that selects these columns."""
        # A dictionary is read in C, a class with a `__getitem__` of its own in Python.
        return [dict(zip(self.columns, row, strict=True)) for row in result.all()]

    def first(self, result: Result[*tuple[Any, ...]]) -> TypedRow | None:
        """Return the first of these rows; None where there is none."""
        return next(iter(self.rows(result)), None)


class ViewColumns(Generic[T]):
    """The columns of a statement, by the fields of the dataclass that is made of a row."""

    def __init__(self, view: Callable[..., T], **columns: SQLColumnExpression[Any]) -> None:
        self._view, self._fields, self.columns = view, tuple(columns), tuple(columns.values())

    def first(self, result: Result[*tuple[Any, ...]]) -> T | None:
        """Return the first row of a statement that selects these columns; None where there is none."""
        row = result.first()
        return None if row is None else self._view(**dict(zip(self._fields, row, strict=True)))

"""The bank's own storage: one SQLite file, shared by processes and threads, apart from the product's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
)

from app.db import create_private_file

_PRAGMAS = (
    "PRAGMA busy_timeout=5000",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
)


class Instant(TypeDecorator[datetime]):
    """A moment, kept in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC without its zone, which SQLite does not keep."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out UTC with its zone."""
        return None if value is None else value.replace(tzinfo=UTC)


METADATA = MetaData()

#: Scenario key, brand and last four are all that is kept of a card.
TRANSACTIONS = Table(
    "bank_transaction",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("acs", String(36), nullable=False, unique=True),
    Column("scenario", String(40), nullable=False),
    Column("bank", String(40), nullable=False),
    Column("client_reference", String(10), nullable=False, index=True),
    Column("office", String(40), nullable=False),
    Column("merchant", String(40), nullable=False),
    Column("language", String(2), nullable=False),
    Column("return_url", String(256), nullable=False),
    Column("brand", String(20), nullable=False),
    Column("last_four", String(4), nullable=False),
    Column("verification", String(20)),
    Column("secret", String(64), nullable=False),
    Column("challenge", String(8), nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("session_data", String(1024), nullable=False, default=""),
    Column("status", String(1)),
    Column("reason", String(2)),
    Column("cancel", String(2)),
    Column("answered_at", Instant, nullable=False),
    Column("arrived_at", Instant),
    Column("released_at", Instant),
)

#: What was done at the bank or at the terminal for one client reference.
HOLDERS = Table(
    "holder",
    METADATA,
    Column("client_reference", String(10), primary_key=True),
    Column("online_allowed_at", Instant),
    Column("card_unblocked_at", Instant),
    Column("card_used_at", Instant),
    Column("pin_blocked_at", Instant),
)

#: What waits in the apps of the banks that have one; a resend is a round of its own.
APP_REQUESTS = Table(
    "app_request",
    METADATA,
    Column("request_id", String(24), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("bank", String(40), nullable=False),
    Column("client_reference", String(10), nullable=False, index=True),
    Column("iban", String(16), nullable=False),
    Column("office", String(120), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("decision", String(20), nullable=False),
)

#: How the server misbehaves towards the requests of one office for one client reference.
FAULTS = Table(
    "fault",
    METADATA,
    Column("office", String(40), primary_key=True),
    Column("client_reference", String(10), primary_key=True),
    Column("kind", String(20), nullable=False),
)


class BankStorage:
    """The file and its two engines; tables are created when it is opened."""

    def __init__(self, path: Path) -> None:
        create_private_file(path)
        self.engine = _create_engine(path)
        with self.write_transaction() as connection:
            METADATA.create_all(connection)

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """Open a transaction that holds SQLite's write lock from its start."""
        with self.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read_transaction(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close_connections(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _create_engine(path: Path) -> Engine:
    # Parameters are hidden so that no statement in a log or exception shows what a person typed.
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_immediate(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

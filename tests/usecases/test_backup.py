"""A backup taken while orders come in is whole, and what was erased since does not come back with it."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, text

from app import build_services
from app.cli import caro
from app.db import Database
from app.domain.history import EventType
from app.models import Activation, OutboxMessage
from app.models import Event as EventRow
from app.settings import Settings
from app.web.extensions import Services
from tests.support.databases import engines_under_test, fresh_postgres
from tests.support.office import ADDRESS, numbered_orders

#: PostgreSQL may answer on a machine without its tools.
_HAS_TOOLS = shutil.which("pg_dump") or "CI" in os.environ


@pytest.fixture(params=[name for name in engines_under_test() if name == "sqlite" or _HAS_TOOLS])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def orders_coming_in(services: Services) -> Iterator[None]:
    """Order without end in a thread, beginning at once; what goes wrong there is told at the end."""
    stop, has_begun, failures, order = Event(), Event(), list[Exception](), numbered_orders()

    def place_orders() -> None:
        try:
            while not stop.is_set():
                services.orders.place_order(order())
                has_begun.set()
        except Exception as error:  # told by the test
            failures.append(error)
            has_begun.set()

    thread = Thread(target=place_orders)
    thread.start()
    has_begun.wait()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert not failures


@pytest.fixture
def restore(database: Database, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Take a backup with the tools of the database; the function restores it and returns its URL."""
    copy = tmp_path / "copy"
    if database.url.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(database.url.database))
        yield lambda: _vacuum_into(connection, copy)
        connection.close()
        return
    with fresh_postgres("restored") as url:
        yield lambda: _dump_into(database, copy, url)


def _vacuum_into(connection: sqlite3.Connection, copy: Path) -> str:
    connection.execute("VACUUM INTO ?", (str(copy),))
    return f"sqlite:///{copy}"


def _dump_into(database: Database, copy: Path, url: str) -> str:
    source = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    target = url.replace("+psycopg", "")
    subprocess.run(["pg_dump", "--format=custom", f"--file={copy}", source], check=True)
    subprocess.run(["pg_restore", "--exit-on-error", f"--dbname={target}", copy], check=True)
    return url


def test_a_backup_taken_amid_orders_is_whole_and_nothing_erased_comes_back(
    app: Flask, services: Services, settings: Settings, public_id: str, restore: Callable[[], str]
) -> None:
    link = services.invitations.copy_link(public_id, "test")
    with orders_coming_in(services):
        url = restore()
        services.invitations.cancel_activation(public_id, "test")
    with app.app_context():
        ledger = CliRunner().invoke(caro, ["erasures", "list"], obj=lambda: services).stdout

    restored = build_services(settings.model_copy(update={"database_url": url}))
    assert _address(restored, public_id) == ADDRESS
    assert restored.links.open_link(link.rpartition("/")[2]).public_id == public_id
    assert _incomplete(restored) == []
    assert _unsound(restored) == []

    with app.app_context():
        repeated = CliRunner().invoke(caro, ["erasures", "repeat", "-"], obj=lambda: restored, input=ledger)
    assert repeated.stdout == "Addresses erased again: 1.\n"
    assert _address(restored, public_id) is None


def _address(services: Services, public_id: str) -> str | None:
    with services.database.read_connection() as connection:
        wanted = select(Activation.address).where(Activation.public_id == public_id)
        return connection.execute(wanted).scalar_one()


def _incomplete(services: Services) -> list[str]:
    """Return the requests without their line of history, or without their mail."""
    events = select(func.count()).where(
        EventRow.activation_id == Activation.id, EventRow.event_type == EventType.ORDERED
    )
    mails = select(func.count()).where(OutboxMessage.activation_id == Activation.id)
    one_each = (events.scalar_subquery() == 1) & (mails.scalar_subquery() == 1)
    with services.database.read_connection() as connection:
        return list(connection.execute(select(Activation.public_id).where(~one_each)).scalars())


def _unsound(services: Services) -> list[object]:
    """Return what SQLite finds wrong with the file."""
    if services.database.url.get_backend_name() != "sqlite":
        return []
    with services.database.read_connection() as connection:
        checked = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        return [
            *connection.execute(text("PRAGMA foreign_key_check")),
            *(line for line in checked if line != "ok"),
        ]

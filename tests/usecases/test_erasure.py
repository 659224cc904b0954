"""An erased address is gone from the rows, and from the bytes of the database's files."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from threading import Event as Stop

import pytest
from sqlalchemy import text, update

from app.db import Database
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState
from app.jobs import JOBS, run_jobs
from app.mail.outbox import enqueue_mail
from app.models import Activation
from app.services.erasure import ErasureRecord
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock
from tests.support.event_lines import capture_logs
from tests.support.office import ADDRESS
from tests.usecases.test_outbox import event_types

Erase = Callable[[Services, str, MovableClock], None]


@pytest.fixture
def engine() -> str:
    """Bytes are looked for in SQLite's files; PostgreSQL's are its operator's."""
    return "sqlite"


def cancel(services: Services, public_id: str, clock: MovableClock) -> None:
    services.invitations.cancel_activation(public_id, "test")


def expire(services: Services, public_id: str, clock: MovableClock) -> None:
    clock.advance(days=56)
    services.invitations.expire_due_activations()


def correct(services: Services, public_id: str, clock: MovableClock) -> None:
    services.invitations.replace_link(public_id, "test", "right@client.example")


def copies(database: Database, text: str = ADDRESS) -> int:
    assert database.url.database is not None
    files = (Path(database.url.database + suffix) for suffix in ("", "-wal", "-shm"))
    return sum(file.read_bytes().count(text.encode()) for file in files if file.exists())


def activate(services: Services, public_id: str, clock: MovableClock) -> None:
    """Let an activation succeed, and its confirmation leave."""
    with services.database.transaction() as session:
        session.execute(update(Activation).values(state=ActivationState.ACTIVE, activated_at=clock()))
        enqueue_mail(session, MailKind.CONFIRMATION, 1, 1, clock())
    clock.advance(days=1)
    replace(services.outbox, compose=lambda mail: f"To: {mail.recipient_address}\n\n".encode()).deliver_due()


def repeat(services: Services, public_id: str, clock: MovableClock) -> None:
    """Repeat the erasure after a backup has brought everything back."""
    services.erasure.repeat_erasures([ErasureRecord(public_id, clock())])


@pytest.mark.parametrize("erase", [cancel, expire, activate, repeat])
def test_no_byte_of_any_personal_column_stays(
    services: Services, public_id: str, clock: MovableClock, database: Database, erase: Erase
) -> None:
    columns = [column for column in Activation.__table__.columns if column.info.get("personal")]
    canaries = {column.key: f"canary-{column.key}@client.example" for column in columns}
    with database.transaction() as session:
        session.execute(update(Activation).values(canaries))
    assert all(copies(database, canary) for canary in canaries.values())

    erase(services, public_id, clock)

    assert [canary for canary in canaries.values() if copies(database, canary)] == []


@pytest.mark.parametrize("erase", [cancel, expire, correct])
def test_no_byte_of_the_address_stays(
    services: Services,
    cardholder_steps: CardholderSteps,
    clock: MovableClock,
    database: Database,
    erase: Erase,
) -> None:
    assert copies(database) > 0

    erase(services, cardholder_steps.public_id, clock)

    assert copies(database) == 0


@pytest.fixture
def moved_rows(database: Database, cardholder_steps: CardholderSteps) -> str:
    """What SQLite leaves of an address where it moves rows: bytes of no row, which nothing overwrites."""
    address = "moved@client.example"
    assert database.url.database
    with closing(sqlite3.connect(database.url.database, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE gone AS SELECT ? AS address", (address,))
        connection.execute("DROP TABLE gone")
    database.truncate_wal()
    return address


@pytest.mark.parametrize(("hour", "left"), [(0, True), (1, True), (2, False), (3, False), (4, True)])
def test_copies_that_no_erasure_reaches_go_at_night(
    services: Services, clock: MovableClock, database: Database, moved_rows: str, hour: int, left: bool
) -> None:
    clock.now = datetime.combine(date(2026, 12, 7), time(hour, 30), UTC)
    services.retention.vacuum_at_night()
    assert (copies(database, moved_rows) > 0, copies(database) > 0) == (left, True)


def test_the_file_is_written_anew_once_a_night(services: Services, clock: MovableClock) -> None:
    clock.now = datetime.combine(date(2026, 12, 7), time(2), UTC)
    assert [services.retention.vacuum_at_night() for _ in range(2)] == [1, 0]
    clock.advance(days=1)
    assert services.retention.vacuum_at_night() == 1


def test_a_writer_delays_the_night_but_does_not_defeat_it(
    services: Services, clock: MovableClock, database: Database, moved_rows: str
) -> None:
    clock.now = datetime.combine(date(2026, 12, 7), time(2), UTC)
    with capture_logs() as lines, database.write_connection() as writer:
        writer.execute(update(Activation).values(address=ADDRESS))
        assert services.retention.vacuum_at_night() == 0
    assert [line["event"] for line in lines] == ["file_not_rewritten"]

    assert services.retention.vacuum_at_night() == 1
    assert copies(database, moved_rows) == 0


def test_a_long_reader_delays_the_erasure_but_does_not_defeat_it(
    services: Services, cardholder_steps: CardholderSteps, database: Database
) -> None:
    with database.reading.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.execute(text("SELECT count(*) FROM activation")).scalar_one()
        services.invitations.cancel_activation(cardholder_steps.public_id, "test")
        assert copies(database) > 0
        reader.exec_driver_sql("ROLLBACK")

    run_jobs(services, Stop(), tuple(job for job in JOBS if job.name == "erase"))

    assert copies(database) == 0


@pytest.mark.parametrize("erase", [cancel, expire])
def test_each_erasure_is_on_record(
    services: Services,
    cardholder_steps: CardholderSteps,
    clock: MovableClock,
    database: Database,
    erase: Erase,
) -> None:
    erase(services, cardholder_steps.public_id, clock)

    assert event_types(database).count(EventType.ADDRESS_ERASED) == 1

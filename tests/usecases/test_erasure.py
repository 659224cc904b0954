"""An erased address is gone from the rows, and from the bytes of the database's files."""

from collections.abc import Callable
from pathlib import Path
from threading import Event as Stop

import pytest
from sqlalchemy import text

from app.db import Database
from app.domain.history import EventType
from app.jobs import JOBS, run_jobs
from app.services.activations import Activations
from app.web.extensions import Services
from tests.support.office import ADDRESS
from tests.support.world import MovableClock
from tests.usecases.conftest import CardholderSteps
from tests.usecases.test_outbox import event_types

Erase = Callable[[Activations, str, MovableClock], None]


@pytest.fixture
def engine() -> str:
    """Bytes are looked for in SQLite's files; PostgreSQL's are its operator's."""
    return "sqlite"


def cancel(activations: Activations, public_id: str, clock: MovableClock) -> None:
    activations.cancel_activation(public_id, "test")


def expire(activations: Activations, public_id: str, clock: MovableClock) -> None:
    clock.advance(days=56)
    activations.expire_due_activations()


def correct(activations: Activations, public_id: str, clock: MovableClock) -> None:
    activations.replace_link(public_id, "test", "right@client.example")


def copies(database: Database) -> int:
    assert database.url.database is not None
    files = (Path(database.url.database + suffix) for suffix in ("", "-wal", "-shm"))
    return sum(file.read_bytes().count(ADDRESS.encode()) for file in files if file.exists())


@pytest.mark.parametrize("erase", [cancel, expire, correct])
def test_no_byte_of_the_address_stays(
    activations: Activations,
    cardholder: CardholderSteps,
    clock: MovableClock,
    database: Database,
    erase: Erase,
) -> None:
    assert copies(database) > 0

    erase(activations, cardholder.public_id, clock)

    assert copies(database) == 0


def test_a_long_reader_delays_the_erasure_but_does_not_defeat_it(
    activations: Activations, services: Services, cardholder: CardholderSteps, database: Database
) -> None:
    with database.reading.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.execute(text("SELECT count(*) FROM activation")).scalar_one()
        activations.cancel_activation(cardholder.public_id, "test")
        assert copies(database) > 0
        reader.exec_driver_sql("ROLLBACK")

    run_jobs(services, Stop(), tuple(job for job in JOBS if job.name == "erase"))

    assert copies(database) == 0


@pytest.mark.parametrize("erase", [cancel, expire])
def test_each_erasure_is_on_record(
    activations: Activations,
    cardholder: CardholderSteps,
    clock: MovableClock,
    database: Database,
    erase: Erase,
) -> None:
    erase(activations, cardholder.public_id, clock)

    assert event_types(database).count(EventType.ADDRESS_ERASED) == 1

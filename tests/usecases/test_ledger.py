"""After a backup is restored, the ledger of erasures makes the addresses go again."""

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from app.cli import caro
from app.db import Database
from app.models import Activation
from app.web.extensions import Services
from tests.support.doubles import MovableClock
from tests.support.office import ADDRESS


@pytest.fixture
def ledger(app: Flask, services: Services, public_id: str, clock: MovableClock) -> str:
    """What was printed before the disk broke: one address was erased."""
    clock.advance(days=1)
    services.invitations.cancel_activation(public_id, "test")
    with app.app_context():
        return CliRunner().invoke(caro, ["erasures", "list"], obj=lambda: services).stdout


def repeat(app: Flask, services: Services, ledger: str) -> str:
    with app.app_context():
        done = CliRunner().invoke(caro, ["erasures", "repeat", "-"], obj=lambda: services, input=ledger)
    assert done.exit_code == 0
    return done.stdout


def address(database: Database) -> str | None:
    with database.read_connection() as connection:
        return connection.execute(select(Activation.address)).scalar_one()


def restore(database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(Activation).values(address=ADDRESS, state="invited"))


def test_a_restored_address_is_erased_again(
    app: Flask, services: Services, database: Database, ledger: str
) -> None:
    assert ADDRESS not in ledger
    restore(database)

    assert repeat(app, services, ledger) == "Addresses erased again: 1.\n"
    assert address(database) is None
    assert repeat(app, services, ledger) == "Addresses erased again: 0.\n"


def test_an_address_typed_after_the_erasure_stays(
    app: Flask,
    services: Services,
    database: Database,
    public_id: str,
    ledger: str,
    clock: MovableClock,
) -> None:
    clock.advance(days=1)
    services.invitations.relaunch_activation(public_id, "test", "new@client.example")

    assert repeat(app, services, ledger) == "Addresses erased again: 0.\n"
    assert address(database) == "new@client.example"


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", '{"activation": "x"}', '{"activation": "x", "at": "2026-11-23"}']
)
def test_a_broken_ledger_is_refused_and_nothing_changes(
    app: Flask, services: Services, database: Database, ledger: str, line: str
) -> None:
    restore(database)
    with app.app_context():
        done = CliRunner().invoke(
            caro, ["erasures", "repeat", "-"], obj=lambda: services, input=f"{ledger}{line}\n"
        )

    assert done.exit_code == 2
    assert "Line 2" in done.stderr
    assert address(database) == ADDRESS

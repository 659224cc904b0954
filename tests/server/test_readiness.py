"""An orchestrator asks whether pages can be answered, and is told in time whatever stands still."""

from threading import Event

import pytest
from sqlalchemy import delete, insert
from werkzeug.test import Client

from app.models import SchemaSupport
from app.models.schema import downgrade_schema
from app.server.bounded_check import BoundedCheck
from app.web.extensions import Services
from tests.bench.statement_tally import counted
from tests.support.doubles import MovableStopwatch
from tests.support.waiting import PATIENCE


def test_a_migrated_database_is_ready(ops: Client) -> None:
    assert (ops.get("/readyz").status_code, ops.get("/readyz").text) == (200, "ready\n")
    assert ops.get("/healthz").text == "ok\n"


def test_an_old_schema_is_alive_but_not_ready(ops: Client, services: Services) -> None:
    downgrade_schema(services.database, "base")

    assert ops.get("/healthz").status_code == 200
    answer = ops.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the schema is not one that this version works with\n")


@pytest.mark.parametrize(("oldest", "status"), [("0001", 200), ("0098", 503), ("0099", 503)])
def test_a_newer_schema_is_served_unless_it_took_something_away(
    ops: Client, services: Services, oldest: str, status: int
) -> None:
    with services.database.write_connection() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099'")
        connection.execute(delete(SchemaSupport))
        connection.execute(insert(SchemaSupport).values(oldest_revision=oldest))

    assert ops.get("/readyz").status_code == status


def test_a_database_that_cannot_be_written_is_not_ready(ops: Client, services: Services) -> None:
    with services.database.writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")

    assert ops.get("/readyz").text == "the database does not serve: attempt to write a readonly database\n"


def test_the_database_is_looked_at_once_in_a_while(
    ops: Client, services: Services, stopwatch: MovableStopwatch
) -> None:
    with counted(services.database) as tally:
        ops.get("/healthz")
        assert tally.statements == []
        ops.get("/readyz")
        before = len(tally.statements)
        assert before > 0
        for _ in range(10):
            ops.get("/readyz")
        assert len(tally.statements) == before
        stopwatch.seconds += 5
        ops.get("/readyz")
        assert len(tally.statements) > before


def test_what_stands_still_is_waited_for_once_and_not_long() -> None:
    frozen, looks = Event(), []

    def look() -> str:
        looks.append(1)
        frozen.wait(PATIENCE)
        return "found"

    bounded = BoundedCheck(look, every=0, patience=0.01, stopwatch=MovableStopwatch())
    assert [bounded.read(), bounded.read(), len(looks)] == [None, None, 1]
    frozen.set()


@pytest.mark.parametrize("path", ["/", "/portal", "/readyz/", "/metrics/x", "/static/css/site.css"])
def test_nothing_else_is_there(ops: Client, path: str) -> None:
    assert ops.get(path).status_code == 404
    assert ops.post("/readyz").status_code == 404

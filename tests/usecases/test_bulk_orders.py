"""An order for many is done row by row, each once; what is personal of it goes with it or after a day."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.domain.file_rules import FileProblem
from app.domain.order_rules import OrderProblem
from app.domain.roles import Role
from app.models import Activation, BulkAction, BulkOrderRow, Event, Mandate, OutboxMessage
from app.models.office import MandateState
from app.web.extensions import Services
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.office import ANNE, order_for
from tests.support.office_files import csv_file
from tests.usecases.test_races import at_once

WHO = replace(ANNE, role=Role.COLLABORATOR)
HEADINGS = ("Code", "Bank", "Client reference", "Email", "Language")


@pytest.fixture
def office(services: Services) -> Services:
    return services.for_office(1)


def rows(number: int, first: int = 1) -> list[tuple[str, ...]]:
    return [
        ("ACME", "Belfius", str(6_200_000_000 + n), f"holder-{n}@canary.example", "fr")
        for n in range(first, first + number)
    ]


def keep(office: Services, *wanted: tuple[str, ...]) -> str:
    return office.bulk_orders.keep_file(csv_file(*wanted, headings=HEADINGS), WHO, "fr")


def confirm(office: Services, public_id: str) -> bool:
    order = office.bulk_orders.read_order(public_id)
    assert order
    return office.bulk_orders.confirm_order(public_id, WHO, order.mark)


def outcomes(database: Database) -> list[str | None]:
    with database.read_connection() as connection:
        found = connection.execute(select(BulkOrderRow.outcome).order_by(BulkOrderRow.position))
        return list(found.scalars())


def counts(database: Database) -> tuple[int, int]:
    """Count the requests and their mails."""
    with database.read_connection() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Activation, OutboxMessage)
        )


def personal(database: Database) -> set[tuple[str | None, ...]]:
    columns = (BulkOrderRow.client_reference, BulkOrderRow.address, BulkOrderRow.iban)
    with database.read_connection() as connection:
        return {tuple(row) for row in connection.execute(select(*columns))}


def test_an_order_that_is_confirmed_twice_at_once_is_done_once(
    services: Services, office: Services, database: Database
) -> None:
    public_id = keep(office, *rows(3))
    assert at_once(*[lambda: confirm(office, public_id)] * 4) == [True] * 4

    services.bulk_actions.continue_actions()
    assert counts(database) == (3, 3)


def test_the_worker_orders_what_was_confirmed(
    services: Services, office: Services, database: Database
) -> None:
    public_id = keep(office, *rows(3))
    assert services.bulk_actions.continue_actions() == 0
    assert confirm(office, public_id)

    assert services.bulk_actions.continue_actions() == 3

    assert outcomes(database) == ["done"] * 3
    assert counts(database) == (3, 3)
    assert personal(database) == {(None, None, None)}
    with database.read_connection() as connection:
        assert {*connection.execute(select(Event.actor)).scalars()} == {WHO.actor}
    assert services.bulk_actions.continue_actions() == 0


def test_it_goes_on_where_it_was_interrupted_and_doubles_nothing(
    services: Services, office: Services, database: Database, stopwatch: MovableStopwatch, clock: MovableClock
) -> None:
    public_id = keep(office, *rows(5))
    confirm(office, public_id)
    stopwatch.jump = 3
    first = services.bulk_actions.continue_actions()
    assert 0 < first < 5
    # Whoever was at it was killed amid its turn.
    with database.transaction() as session:
        session.execute(update(BulkAction).values(leased_until=clock()))
    clock.advance(minutes=2)
    stopwatch.jump = 0

    assert services.bulk_actions.continue_actions() == 5 - first
    assert counts(database) == (5, 5)


def test_two_workers_order_each_row_once(services: Services, office: Services, database: Database) -> None:
    public_id = keep(office, *rows(3))
    confirm(office, public_id)
    services.bulk_actions.perform_action(public_id)
    services.bulk_actions.perform_action(public_id)
    assert confirm(office, public_id)
    services.bulk_actions.continue_actions()

    assert counts(database) == (3, 3)


def test_what_has_changed_since_is_not_ordered_and_says_why(
    services: Services, office: Services, database: Database
) -> None:
    public_id = keep(office, *rows(2))
    confirm(office, public_id)
    services.orders.place_order(order_for(client_reference="6200000001"))
    services.bulk_actions.continue_actions()
    assert outcomes(database) == [OrderProblem.ALREADY_ORDERED, "done"]

    other = keep(office, *rows(1, first=7))
    confirm(office, other)
    with database.transaction() as session:
        session.execute(update(Mandate).values(state=MandateState.ARCHIVED))
    services.bulk_actions.continue_actions()
    assert FileProblem.NO_ACTIVE_MANDATE in outcomes(database)


def test_what_was_shown_as_wrong_is_not_ordered_though_it_would_be_right_by_now(
    services: Services, office: Services, database: Database
) -> None:
    earlier = services.orders.place_order(order_for(client_reference="6200000001")).public_id
    confirm(office, keep(office, *rows(2)))
    services.invitations.cancel_activation(earlier, "test")
    services.bulk_actions.continue_actions()
    assert outcomes(database) == [OrderProblem.ALREADY_ORDERED, "done"]


def test_who_ordered_is_whom_the_cardholder_may_ask(
    services: Services, office: Services, database: Database
) -> None:
    confirm(office, keep(office, *rows(1)))
    services.bulk_actions.continue_actions()
    with database.read_connection() as connection:
        assert connection.execute(select(Activation.accountant_id)).scalar_one() == WHO.accountant_id


def test_rows_that_were_not_ordered_are_emptied_after_a_day(
    services: Services, office: Services, database: Database, clock: MovableClock
) -> None:
    keep(office, *rows(1))
    waiting = keep(office, *rows(1, first=5), ("ACME", "Belfius", "612", "wrong@canary.example", "fr"))
    confirm(office, waiting)
    clock.advance(hours=23, minutes=59, seconds=59)
    assert services.bulk_orders.forget_old_rows() == 0
    clock.advance(seconds=1)

    assert services.bulk_orders.forget_old_rows() == 2

    assert personal(database) == {(None, None, None)}
    assert services.bulk_actions.continue_actions() == 0
    assert counts(database) == (0, 0)


@pytest.mark.parametrize("how", ["placed", "dropped", "too old"])
def test_no_byte_of_a_row_stays(
    services: Services, office: Services, database: Database, clock: MovableClock, how: str
) -> None:
    if database.url.get_backend_name() != "sqlite":
        return
    columns = [column for column in BulkOrderRow.__table__.columns if column.info.get("personal")]
    canaries = {column.key: f"canary-{column.key}" for column in columns}
    public_id = keep(office, *rows(1))
    if how == "placed":
        # What it orders is the request's, whose own erasure another test looks at.
        canaries = {"iban": "canary-iban"}
    with database.transaction() as session:
        session.execute(update(BulkOrderRow).values(canaries))
    assert all(copies(database, canary) for canary in canaries.values())

    if how == "placed":
        confirm(office, public_id)
        services.bulk_actions.continue_actions()
    elif how == "dropped":
        office.bulk_orders.correct_rows(public_id, {}, {}, {1})
    else:
        clock.advance(hours=24)
        services.bulk_orders.forget_old_rows()
    database.truncate_wal()

    assert [canary for canary in canaries.values() if copies(database, canary)] == []


def copies(database: Database, text: str) -> int:
    files = (Path(f"{database.url.database}{suffix}") for suffix in ("", "-wal", "-shm"))
    return sum(file.read_bytes().count(text.encode()) for file in files if file.exists())

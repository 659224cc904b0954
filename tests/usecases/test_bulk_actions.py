"""A bulk action is done once, however often it is sent, and goes on after whoever did it was killed."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.db import Database
from app.domain.history import EventType
from app.domain.roles import Role
from app.models import BulkAction, BulkActionRow, Event, OfficeEvent
from app.services.bulk_actions import BulkCommand
from app.services.invitations import ActivationAction
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave
from tests.support.doubles import START, MovableClock, MovableStopwatch
from tests.support.office import ANNE, numbered_orders
from tests.support.ordering import add_colleague


@pytest.fixture
def ordered(services: Services) -> dict[str, str]:
    """Three requests whose invitations have left, and the mark of each."""
    order = numbered_orders()
    placed = [services.orders.place_order(order()).public_id for _ in range(3)]
    let_mails_leave(services)
    return dict.fromkeys(placed, "invited.1.1")


def outcomes(database: Database) -> list[str | None]:
    with database.read_connection() as connection:
        rows = select(BulkActionRow.outcome).order_by(BulkActionRow.bulk_action_id, BulkActionRow.position)
        return list(connection.execute(rows).scalars())


def resent(database: Database) -> int:
    with database.read_connection() as connection:
        lines = select(Event.id).where(Event.event_type == EventType.RESENT)
        return len(connection.execute(lines).all())


def test_the_same_order_twice_is_kept_once(
    services: Services, database: Database, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.RESEND, ordered)
    for _ in range(2):
        services.bulk_actions.prepare_action(command, ANNE, confirmed=True)
        services.bulk_actions.perform_action(command.public_id)

    assert outcomes(database) == ["done"] * 3
    assert resent(database) == 3


def test_who_comes_while_it_is_done_does_nothing_and_goes_on_after_an_interruption(
    services: Services, database: Database, clock: MovableClock, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.RESEND, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=True)
    with database.write_connection() as connection:
        connection.execute(update(BulkAction).values(leased_until=START + timedelta(minutes=1)))

    services.bulk_actions.perform_action(command.public_id)
    assert outcomes(database) == [None] * 3

    clock.now = START + timedelta(minutes=1)
    services.bulk_actions.perform_action(command.public_id)
    assert outcomes(database) == ["done"] * 3


def test_what_takes_longer_than_a_page_may_is_done_by_the_worker(
    services: Services, database: Database, stopwatch: MovableStopwatch, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.RESEND, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=True)

    stopwatch.jump = 10
    services.bulk_actions.perform_action(command.public_id)
    assert outcomes(database) == ["done", None, None]
    assert [services.bulk_actions.continue_actions() for _ in range(3)] == [1, 1, 0]
    assert outcomes(database) == ["done"] * 3


def test_what_nobody_has_confirmed_is_left_alone(
    services: Services, database: Database, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.CANCEL, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=False)
    services.bulk_actions.perform_action(command.public_id)
    assert services.bulk_actions.continue_actions() == 0
    assert outcomes(database) == [None] * 3


def test_the_histories_name_who_has_confirmed(
    services: Services, database: Database, clock: MovableClock, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.CANCEL, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=False)
    clock.advance(minutes=5)
    add_colleague(database, "bob@dupont.example")
    bob = SignedInAccountant(2, 2, "bob@dupont.example", "fr", 1, "Bureau Dupont", None, Role.RESPONSIBLE)
    services.bulk_actions.confirm_action(command.public_id, bob)
    services.bulk_actions.confirm_action(command.public_id, ANNE)
    assert services.bulk_actions.continue_actions() == 3

    with database.read_connection() as connection:
        lines = connection.execute(select(Event.actor).where(Event.event_type == EventType.CANCELLED))
        events = connection.execute(select(OfficeEvent.actor, OfficeEvent.at, OfficeEvent.row_count)).all()
    assert lines.scalars().all() == ["accountant 2"] * 3
    assert [tuple(event) for event in events] == [("accountant 2", clock(), 3)]


def test_a_report_is_true_after_a_row_that_broke_the_work(
    services: Services, database: Database, clock: MovableClock, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.CANCEL, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=True)
    with database.write_connection() as connection:
        connection.execute(update(BulkActionRow).where(BulkActionRow.position == 2).values(outcome="done"))
        connection.execute(update(BulkActionRow).values(version_mark="invited.1.1"))
    # Somebody else has been at it while its turn was thought to be over.
    services.bulk_actions.perform_action(command.public_id)
    clock.advance(minutes=2)
    services.bulk_actions.perform_action(command.public_id)

    assert outcomes(database) == ["done"] * 3


def test_another_office_cannot_have_it_done(
    services: Services, database: Database, ordered: dict[str, str]
) -> None:
    command = BulkCommand("a" * 24, ActivationAction.CANCEL, ordered)
    services.bulk_actions.prepare_action(command, ANNE, confirmed=True)

    services.for_office(2).bulk_actions.perform_action("a" * 24)

    assert outcomes(database) == [None] * 3

"""A long queue and a slow relay: the worker's other jobs have their turn in between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.states import ActivationState
from app.jobs import run_jobs
from app.models import OutboxMessage
from app.web.extensions import Services
from tests.bench.queued import queue_invitations, waiting
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, MovableStopwatch
from tests.support.office import ORDER

pytestmark = pytest.mark.usefixtures("rendering")

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
LONG = 10_000


@dataclass
class SlowRelay:
    """Takes every mail; while it does, time goes on and other things happen."""

    clock: MovableClock
    stopwatch: MovableStopwatch
    seconds: float = 5
    meanwhile: Callable[[], object] = lambda: None
    taken: list[str] = field(default_factory=list)

    def send_mail(self, address: str, mail: bytes) -> None:
        self.taken.append(address)
        self.clock.advance(seconds=self.seconds)
        self.stopwatch.seconds += self.seconds
        self.meanwhile()

    def close_connection(self) -> None:
        """Hold nothing open."""


def through(relay: SlowRelay, services: Services) -> Services:
    return replace(services, outbox=replace(services.outbox, transport=relay))


def leases(database: Database) -> int:
    with database.read_connection() as connection:
        leased = select(OutboxMessage.id).where(OutboxMessage.leased_until.is_not(None))
        return len(connection.execute(leased).all())


def test_a_signature_does_not_wait_for_a_long_queue(
    services: Services,
    database: Database,
    bank: FakeBank,
    clock: MovableClock,
    stopwatch: MovableStopwatch,
) -> None:
    queue_invitations(database, range(LONG), clock())
    cardholder = CardholderSteps(
        services, services.invitations.copy_link(services.orders.place_order(ORDER).public_id, "test")
    )
    cardholder.accept()
    cardholder.submit()
    relay = SlowRelay(clock, stopwatch, meanwhile=lambda: bank.decides(SIGNED))

    rounds = [run_jobs(through(relay, services), Event())["deliver"] for _ in range(8)]

    assert rounds == [1] * 8
    assert cardholder.state() is ActivationState.ACTIVE
    assert waiting(database) > LONG - 8


def test_what_the_time_limit_leaves_over_is_free_for_any_worker(
    services: Services, database: Database, clock: MovableClock, stopwatch: MovableStopwatch
) -> None:
    queue_invitations(database, range(3), clock())
    relay = SlowRelay(clock, stopwatch)

    assert through(relay, services).outbox.deliver_due() == 1

    assert leases(database) == 0
    assert services.outbox.deliver_due() == 2


def test_a_stop_finishes_the_mail_in_hand_and_takes_no_other(
    services: Services, database: Database, clock: MovableClock, stopwatch: MovableStopwatch
) -> None:
    queue_invitations(database, range(3), clock())
    stop = Event()
    relay = SlowRelay(clock, stopwatch, seconds=0, meanwhile=stop.set)

    assert run_jobs(through(relay, services), stop)["deliver"] == 1

    assert len(relay.taken) == 1
    assert leases(database) == 0
    assert waiting(database) == 2

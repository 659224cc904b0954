"""A worker that has much to catch up on: found by indexes, a batch at a time, nothing said after the end."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, select, text

from app.db import Database
from app.domain.bank_results import AppDecision
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState
from app.mail.rendering import plain_spaces
from app.mail.transports import DeliveryRefused
from app.models import Activation, OutboxMessage
from app.web.extensions import Services
from tests.support.activation_factory import with_policy
from tests.support.doubles import FakeBankApp, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS, order_for
from tests.support.waiting import PATIENCE
from tests.usecases.test_outbox import event_types
from tests.usecases.test_races import at_once

HELD = 250
PAIRS = 10


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def order_many(services: Services, count: int) -> None:
    for number in range(count):
        services.orders.place_order(order_for(client_reference=f"6{number:09d}"))


def plans(database: Database, work: Callable[[], object]) -> list[str]:
    """Return how SQLite finds the rows of each statement about activations that this work runs."""
    run: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        if "activation" in statement and not statement.startswith("INSERT"):
            run.append((statement, values))

    engines = (database.writing, database.reading)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    work()
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    with database.read_connection() as connection:
        return [line for statement, values in run for line in _plan(connection, statement, values)]


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    return [str(row[-1]) for row in rows]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_worker_never_reads_through_all_requests(services: Services, clock: MovableClock) -> None:
    order_many(services, 1)
    services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186", client_reference="6999999999"))

    def everything() -> None:
        for days in (0, 14, 42):
            clock.advance(days=days)
            services.attempt_results.check_due_attempts()
            services.bank_apps.exchange_with_bank_apps()
            services.reminders.queue_due_reminders()
            services.outbox.deliver_due()
            services.invitations.expire_due_activations()

    lines = plans(services.database, everything)

    assert {line for line in lines if line.startswith("SCAN")} <= {"SCAN CONSTANT ROW"}
    assert any("ix_activation_to_remind" in line for line in lines)
    assert any("ix_activation_to_expire" in line for line in lines)


def test_what_has_ended_together_is_marked_a_hundred_at_a_time(
    services: Services, clock: MovableClock, database: Database
) -> None:
    order_many(services, HELD)
    clock.advance(days=56)

    assert [services.invitations.expire_due_activations() for _ in range(4)] == [100, 100, 50, 0]
    with database.read_connection() as connection:
        assert set(connection.execute(select(Activation.state, Activation.address))) == {
            (ActivationState.EXPIRED, None)
        }
    assert event_types(database).count(EventType.ADDRESS_ERASED) == HELD


def test_workers_at_once_mark_each_end_once(
    services: Services, clock: MovableClock, database: Database
) -> None:
    order_many(services, 30)
    clock.advance(days=56)
    counts = at_once(*[services.invitations.expire_due_activations] * 4)

    assert sum(int(str(count)) for count in counts) == 30
    assert event_types(database).count(EventType.EXPIRED) == 30


def test_a_worker_that_slept_past_the_end_sends_no_dead_link(
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    database: Database,
) -> None:
    services.orders.place_order(order_for())
    clock.advance(days=56)
    services.outbox.deliver_due()

    assert sent_mails.mails == []
    assert event_types(database)[-1] is EventType.MAIL_DROPPED


def test_a_reminder_that_was_held_up_does_not_follow_a_refusal(
    services: Services,
    bank_app: FakeBankApp,
    sent_mails: RecordingTransport,
    clock: MovableClock,
) -> None:
    public_id = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id
    services.outbox.deliver_due()
    clock.advance(days=14)
    services.reminders.queue_due_reminders()
    sent_mails.refuses = True
    services.outbox.deliver_due()
    sent_mails.refuses = False
    bank_app.decides(public_id, AppDecision.REFUSED)
    services.bank_apps.exchange_with_bank_apps()
    clock.advance(hours=1)
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails] == [ADDRESS, ACCOUNTANT]


class SimultaneousTransport:
    """A relay that wants no recipient, and tells it to two workers at the same moment."""

    def __init__(self) -> None:
        self.both = Barrier(2, timeout=PATIENCE)

    def send_mail(self, address: str, mail: bytes) -> None:
        self.both.wait()
        raise DeliveryRefused

    def close_connection(self) -> None:
        """Hold nothing open."""


def test_two_workers_that_lose_two_mails_of_one_request_tell_it_once(
    app: Flask, services: Services, clock: MovableClock, database: Database
) -> None:
    order_many(services, PAIRS)
    with database.transaction() as session:
        for mail in session.execute(select(OutboxMessage)).scalars().all():
            mail.due_at -= timedelta(hours=1) - timedelta(seconds=mail.id)
            same = {"activation_id": mail.activation_id, "round": mail.round, "due_at": mail.due_at}
            session.add(OutboxMessage(**same, kind=MailKind.FIRST_REMINDER, created_at=mail.created_at))
    relay = SimultaneousTransport()

    def lose() -> None:
        one_a_turn = MovableStopwatch(jump=6)
        outbox = replace(services.outbox, transport=relay, stopwatch=one_a_turn)
        with app.app_context():
            for _ in range(PAIRS):
                outbox.deliver_due()

    at_once(lose, lose)

    assert event_types(database).count(EventType.MAIL_DEAD) == 2 * PAIRS
    with database.read_connection() as connection:
        told = select(OutboxMessage.activation_id).where(
            OutboxMessage.kind == MailKind.INVITATION_UNDELIVERED
        )
        notices = connection.execute(told.order_by(OutboxMessage.activation_id)).scalars().all()
    assert list(notices) == list(range(1, PAIRS + 1))


def test_a_kind_of_mail_that_a_newer_version_queued_keeps_back_no_other(
    services: Services, sent_mails: RecordingTransport, database: Database
) -> None:
    services.orders.place_order(order_for(client_reference="6000000011"))
    with database.transaction() as session:
        session.execute(text("UPDATE outbox_message SET kind = 'of_tomorrow'"))
    services.orders.place_order(order_for(client_reference="6000000012"))

    assert services.outbox.deliver_due() == 1
    assert len(sent_mails.mails) == 1


def test_a_reminder_names_the_day_of_the_invitation_after_the_links_life_was_changed(
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    database: Database,
) -> None:
    before = with_policy(services, link_life=services.context.policy.link_life * 2)
    before.orders.place_order(order_for(language="en"))
    services.outbox.deliver_due()
    clock.advance(days=14)
    services.reminders.queue_due_reminders()
    services.outbox.deliver_due()

    body = sent_mails.last.get_body(("plain",))
    assert body is not None
    assert "On 23 November 2026 your accounting office" in plain_spaces(body.get_content())

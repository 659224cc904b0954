"""What has served its time goes, and what proves something stays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, update

from app.db import Database
from app.domain.roles import Role
from app.jobs import HOST, UPKEEP, JobSchedule, WorkerJob
from app.models import (
    ColleagueInvitation,
    Consent,
    Event,
    OutboxMessage,
    PortalSession,
    SignInLink,
    WorkerHeartbeat,
)
from app.queries.operator_totals import read_operator_totals
from app.web.extensions import Services
from tests.support.activation_factory import with_policy
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.event_lines import capture_logs
from tests.support.office import ACCOUNTANT, ANNE
from tests.support.ordering import count

KEPT = (OutboxMessage, SignInLink, PortalSession, WorkerHeartbeat)


@pytest.fixture(autouse=True)
def worker(mail_app: Flask) -> Iterator[None]:
    with mail_app.app_context():
        yield


@pytest.fixture
def used(services: Services, cardholder_steps: CardholderSteps) -> Services:
    """An office in which something of each kind has happened: two mails have left, one session runs."""
    cardholder_steps.accept()
    services.sign_in.request_sign_in_link(ACCOUNTANT)
    services.outbox.deliver_due()
    opened = services.sign_in.claim_sign_in_link(services.sign_in.create_sign_in_link(ACCOUNTANT) or "")
    assert opened
    services.worker_health.record_heartbeat(HOST)
    return services


def test_sessions_and_links_go_after_30_days_and_mails_after_13_months(
    used: Services, clock: MovableClock, database: Database
) -> None:
    assert count(database, *KEPT) == [2, 2, 1, 1]
    clock.advance(days=30)
    assert used.retention.delete_old_rows() == 0
    clock.advance(hours=1)
    with capture_logs() as lines:
        assert used.retention.delete_old_rows() == 5
    assert {(line["event"], line["table"], line["count"]) for line in lines} == {
        ("rows_deleted", "outbox_message", 1),
        ("rows_deleted", "sign_in_link", 2),
        ("rows_deleted", "portal_session", 1),
        ("rows_deleted", "worker_heartbeat", 1),
    }
    assert count(database, *KEPT) == [1, 0, 0, 0]
    clock.advance(days=31 * 13 - 30)
    assert used.retention.delete_old_rows() == 1
    assert count(database, *KEPT) == [0, 0, 0, 0]
    assert count(database, Consent) == [1]
    assert count(database, Event) > [1]


def test_what_is_old_goes_and_what_is_young_stays_beside_it(
    services: Services, clock: MovableClock, database: Database
) -> None:
    def come_in(name: str) -> None:
        services.sign_in.request_sign_in_link(ACCOUNTANT)
        services.colleagues.invite_colleague(f"{name}@dupont.example", "Léa", Role.READER, ANNE)
        services.outbox.deliver_due()

    come_in("lea")
    clock.advance(days=38)
    come_in("jan")
    services.retention.delete_old_rows()

    assert count(database, SignInLink, ColleagueInvitation, OutboxMessage) == [1, 1, 2]


def test_links_and_invitations_outlive_their_mails_where_these_are_kept_for_a_shorter_time(
    used: Services, clock: MovableClock, database: Database
) -> None:
    used.colleagues.invite_colleague("lea@dupont.example", "Léa", Role.READER, ANNE)
    used.outbox.deliver_due()
    clock.advance(days=2)
    with_policy(used, mail_retention=timedelta(days=1)).retention.delete_old_rows()

    assert count(database, OutboxMessage, SignInLink, ColleagueInvitation) == [0, 2, 1]


def test_an_invitation_goes_thirty_days_after_its_end(
    services: Services, clock: MovableClock, database: Database
) -> None:
    services.colleagues.invite_colleague("lea@dupont.example", "Léa", Role.READER, ANNE)
    clock.advance(days=7 + 30)
    assert services.retention.delete_old_rows() == 0
    clock.advance(seconds=1)
    assert services.retention.delete_old_rows() == 2


def test_a_mail_that_waits_is_kept_and_one_that_was_given_up_is_not(
    used: Services, clock: MovableClock, database: Database
) -> None:
    clock.advance(days=31 * 14)
    with database.transaction() as session:
        session.execute(update(OutboxMessage).values(sent_at=None))
    used.retention.delete_old_rows()
    assert count(database, OutboxMessage) == [1]
    with database.transaction() as session:
        session.execute(update(OutboxMessage).values(dead_at=OutboxMessage.created_at))
    used.retention.delete_old_rows()
    assert count(database, OutboxMessage) == [0]


def test_a_session_that_runs_is_kept(used: Services, clock: MovableClock, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(PortalSession).values(created_at=clock() - timedelta(days=31)))
    used.retention.delete_old_rows()
    assert count(database, PortalSession) == [1]


def test_many_go_in_batches_and_the_rest_at_the_next_turn(
    services: Services, clock: MovableClock, stopwatch: MovableStopwatch, database: Database
) -> None:
    with database.transaction() as session:
        rows = [{"host": f"host {number}", "beaten_at": clock()} for number in range(1200)]
        session.execute(insert(WorkerHeartbeat), rows)
    clock.advance(days=31)
    stopwatch.jump = 0.75
    assert 0 < services.retention.delete_old_rows() < 1200
    stopwatch.jump = 0
    services.retention.delete_old_rows()
    assert count(database, WorkerHeartbeat) == [0]


def test_the_worker_does_its_upkeep_now_and_then(stopwatch: MovableStopwatch) -> None:
    always = WorkerJob("deliver", lambda services, goes_on: 0)
    schedule, turns = JobSchedule(stopwatch), []
    for _ in range(5):
        turns.append([job.name for job in schedule.take_due((always, *UPKEEP))])
        stopwatch.seconds += 5
    assert turns == [
        ["deliver", "beat", "prune", "vacuum"],
        ["deliver"],
        ["deliver", "beat"],
        ["deliver"],
        ["deliver", "beat"],
    ]


def test_an_operator_learns_how_long_no_worker_was_at_work(services: Services, clock: MovableClock) -> None:
    assert read_operator_totals(services.context).idle is None
    for host in (HOST, "another", HOST):
        services.worker_health.record_heartbeat(host)
        clock.advance(seconds=10)
    assert read_operator_totals(services.context).idle == timedelta(seconds=10)
    assert services.worker_health.read_heartbeat("another") == clock() - timedelta(seconds=20)

"""A job of the worker has a time limit: it always does one thing, and leaves the rest for its next turn."""

from threading import Event

import pytest
from flask import Flask

from app.jobs import run_jobs
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.office import order_for

MANY = 3


@pytest.fixture
def busy(app: Flask, services: Services, clock: MovableClock) -> Services:
    """A worker's services where cardholders are at the bank, and as many invitations wait to leave."""
    for number in range(MANY):
        ordered = services.orders.place_order(order_for(client_reference=f"600000000{number}"))
        holder = CardholderSteps(services, services.invitations.copy_link(ordered.public_id, "test"))
        holder.accept()
        holder.submit()
    clock.advance(seconds=30)
    return services


def turns(app: Flask, services: Services, rounds: int) -> dict[str, list[int]]:
    """Return what the jobs that ask the bank and that send mails did in each round."""
    with app.app_context():
        done = [run_jobs(services, Event()) for _ in range(rounds)]
    return {job: [one[job] for one in done] for job in ("conclude", "deliver")}


def test_what_waits_is_done_in_one_round_where_there_is_time(app: Flask, busy: Services) -> None:
    assert turns(app, busy, rounds=2) == {"conclude": [MANY, 0], "deliver": [MANY, 0]}


def test_a_job_that_is_out_of_time_does_one_thing_a_round(
    app: Flask, busy: Services, stopwatch: MovableStopwatch
) -> None:
    stopwatch.jump = 6

    assert turns(app, busy, rounds=MANY + 1) == {"conclude": [1, 1, 1, 0], "deliver": [1, 1, 1, 0]}

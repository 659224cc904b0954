"""A verdict that comes too late is kept and never acted on; what a crash left open is cleared up."""

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.bank_results import BankFaultKind, BankResult, CardVerification, TransactionStatus
from app.domain.failures import Failure
from app.domain.history import EventType
from app.domain.states import ActivationState
from app.models import Attempt, Event
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, MovableStopwatch
from tests.support.office import order_for

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


class ProcessCrash(BaseException):
    """The process dies here."""


def rows(database: Database) -> list[tuple[object, ...]]:
    query = select(Attempt.failure, Attempt.counted, Attempt.bank_status).order_by(Attempt.id)
    with database.read_connection() as connection:
        return [tuple(row) for row in connection.execute(query)]


def happened(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def submit_and_crash(cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    """Send a card, and die while the bank answers."""

    def crash() -> None:
        raise ProcessCrash

    cardholder_steps.accept()
    bank.during = crash
    with pytest.raises(ProcessCrash):
        cardholder_steps.submit()


def at_bank(cardholder_steps: CardholderSteps) -> CardholderSteps:
    cardholder_steps.accept()
    cardholder_steps.submit()
    return cardholder_steps


def test_a_yes_after_the_twelve_minutes_is_kept_as_evidence(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    holder = at_bank(cardholder_steps)
    bank.decides(BankFaultKind.UNREACHABLE)
    clock.advance(minutes=12)
    holder.services.attempt_results.check_due_attempts()
    assert rows(database) == [(Failure.TIMED_OUT, False, None)]

    bank.decides(SIGNED)
    clock.advance(seconds=30)
    holder.services.attempt_results.check_due_attempts()

    assert rows(database) == [(Failure.TIMED_OUT, False, "Y")]
    assert holder.state() is ActivationState.TERMS_ACCEPTED
    assert happened(database)[-1] is EventType.LATE_RESULT


def test_a_given_up_attempt_is_asked_about_without_a_browser(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    holder = at_bank(cardholder_steps)
    holder.services.attempt_results.give_up_attempt(holder.activation)
    bank.decides(SIGNED)
    clock.advance(seconds=30)

    holder.services.attempt_results.check_due_attempts()

    assert rows(database) == [(None, False, "Y")]
    assert holder.state() is ActivationState.TERMS_ACCEPTED


def test_evidence_is_waited_for_no_longer_than_half_an_hour(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    holder = at_bank(cardholder_steps)
    holder.services.attempt_results.give_up_attempt(holder.activation)
    clock.advance(minutes=30)
    holder.services.attempt_results.check_due_attempts()
    asked = len(bank.fetched)
    clock.advance(minutes=5)

    assert holder.services.attempt_results.check_due_attempts() == 0
    assert len(bank.fetched) == asked


def test_a_concluded_return_is_not_asked_about_again(
    cardholder_steps: CardholderSteps, bank: FakeBank
) -> None:
    holder = at_bank(cardholder_steps)
    bank.decides(SIGNED)
    handle = holder.services.context.tokens.sign_attempt_handle(bank.transaction)
    for _ in range(5):
        assert holder.come_back({"threeDSSessionData": handle}) == holder.public_id

    assert len(bank.fetched) == 1


def test_a_crash_before_the_answer_is_stored_costs_no_try(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    submit_and_crash(cardholder_steps, bank)
    assert cardholder_steps.state() is ActivationState.AWAITING_BANK

    bank.decides(BankFaultKind.UNKNOWN_TRANSACTION)
    clock.advance(minutes=1)
    cardholder_steps.services.attempt_results.check_due_attempts()

    assert cardholder_steps.state() is ActivationState.TERMS_ACCEPTED
    assert rows(database) == [(Failure.TECHNICAL, False, None)]


def test_a_crash_after_the_bank_took_the_card_still_concludes(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    submit_and_crash(cardholder_steps, bank)
    bank.decides(BankResult(TransactionStatus.NOT_AUTHENTICATED, "14", "05"))
    clock.advance(seconds=30)
    cardholder_steps.services.attempt_results.check_due_attempts()

    last = cardholder_steps.services.links.last_attempt(cardholder_steps.activation)
    assert last is not None
    assert last.failure is Failure.HANDOFF_LATE


def test_a_slow_bank_leaves_time_for_the_other_jobs(
    services: Services, bank: FakeBank, clock: MovableClock, stopwatch: MovableStopwatch
) -> None:
    for number in range(3):
        ordered = services.orders.place_order(order_for(client_reference=f"700000000{number}"))
        at_bank(CardholderSteps(services, services.invitations.copy_link(ordered.public_id, "test")))
    clock.advance(seconds=30)

    stopwatch.jump = 6
    assert services.attempt_results.check_due_attempts() == 1
    stopwatch.jump = 0
    assert services.attempt_results.check_due_attempts() == 2

"""A bank that is not asked, because it does not answer others: nothing has happened, and nothing is lost."""

import pytest
from sqlalchemy import func, select

from app import build_services
from app.bank.gateway import BankFault
from app.bank.three_d_secure import ThreeDSecureClient
from app.db import Database
from app.domain.bank_results import BankFaultKind, BankResult, CardVerification, TransactionStatus
from app.domain.states import ActivationState
from app.models import Attempt, Event, OutboxMessage
from app.settings import Settings
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def kept(database: Database) -> list[int]:
    with database.read_connection() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (Attempt, Event, OutboxMessage)
        ]


def submit_in_vain(steps: CardholderSteps, bank: FakeBank) -> None:
    bank.answer = BankFaultKind.NOT_ASKED
    with pytest.raises(BankFault):
        steps.submit()


def test_a_card_leaves_no_trace_and_can_be_sent_again(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    cardholder_steps.accept()
    before = cardholder_steps.activation, kept(database)
    clock.advance(minutes=1)
    for _ in range(6):
        submit_in_vain(cardholder_steps, bank)

    assert (cardholder_steps.activation, kept(database)) == before
    assert cardholder_steps.services.card_attempts.card_page_opens_at(cardholder_steps.activation) is None
    bank.answer = None
    cardholder_steps.submit()
    assert cardholder_steps.state() is ActivationState.AWAITING_BANK


def test_what_happened_meanwhile_is_not_undone(
    cardholder_steps: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    cardholder_steps.accept()
    services, activation = cardholder_steps.services, cardholder_steps.activation
    bank.during = lambda: services.attempt_results.give_up_attempt(activation)
    submit_in_vain(cardholder_steps, bank)

    assert cardholder_steps.state() is ActivationState.TERMS_ACCEPTED
    assert kept(database)[0] == 1


def test_the_worker_gives_no_attempt_up_before_the_bank_was_asked(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    cardholder_steps.accept()
    cardholder_steps.submit()
    bank.decides(BankFaultKind.NOT_ASKED)
    clock.advance(minutes=40)
    cardholder_steps.services.attempt_results.check_due_attempts()
    assert cardholder_steps.state() is ActivationState.AWAITING_BANK

    bank.decides(SIGNED)
    clock.advance(seconds=30)
    cardholder_steps.services.attempt_results.check_due_attempts()
    assert cardholder_steps.state() is ActivationState.ACTIVE


def test_a_bank_that_testers_keep_silent_is_asked_by_everybody(
    settings: Settings, services: Services
) -> None:
    guarded = [
        build_services(settings.model_copy(update={"simulation": simulation}), database=services.database)
        for simulation in (False, True)
    ]
    clients = [made.bank for made in guarded if isinstance(made.bank, ThreeDSecureClient)]
    assert [client.endpoint.breaker is not None for client in clients] == [True, False]

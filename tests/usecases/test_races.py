"""Two at once: whatever the order, exactly one of them happens."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.history import EventType
from app.domain.order_rules import ActionRefused
from app.domain.states import ActivationState
from app.models import Activation, Attempt, Event, PublishedTerms
from app.queries.activation_list import list_summaries
from app.web.extensions import Services
from tests.support.cardholder_steps import AGREEMENT, BROWSER, CARD, CardholderSteps
from tests.support.doubles import FakeBank, MovableClock
from tests.support.office import ORDER, order_for

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
CROWD = 8
ROUNDS = 15


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Do all deeds at the same moment; return what each returned or refused."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> object:
        start.wait()
        try:
            return deed()
        except ActionRefused as refused:
            return refused

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


def total(database: Database, table: type) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def happened(database: Database, event_type: EventType) -> int:
    with database.read_connection() as connection:
        query = select(func.count()).where(Event.event_type == event_type)
        return connection.execute(query).scalar_one()


def test_parallel_orders_of_one_reference_make_one_request(services: Services, database: Database) -> None:
    outcomes = at_once(*[lambda: services.orders.place_order(ORDER)] * CROWD)

    assert sum(isinstance(outcome, ActionRefused) for outcome in outcomes) == CROWD - 1
    assert total(database, Activation) == 1


def test_parallel_acceptances_make_one_consent(cardholder_steps: CardholderSteps, database: Database) -> None:
    activation = cardholder_steps.activation

    at_once(*[lambda: cardholder_steps.services.consents.accept_terms(activation, AGREEMENT)] * CROWD)

    assert happened(database, EventType.TERMS_ACCEPTED) == 1


def test_processes_that_start_at_once_publish_the_conditions_once(
    services: Services, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(delete(PublishedTerms))
    at_once(*[services.terms.publish] * CROWD)

    assert total(database, PublishedTerms) == len(services.shipped_terms)


def test_parallel_submissions_make_one_attempt(
    cardholder_steps: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    cardholder_steps.accept()
    activation = cardholder_steps.activation

    at_once(*[lambda: cardholder_steps.services.card_attempts.submit_card(activation, CARD, BROWSER)] * CROWD)

    assert len(bank.asked) == total(database, Attempt) == 1


def test_parallel_verdicts_activate_once(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    cardholder_steps.accept()
    cardholder_steps.submit()
    bank.decides(SIGNED)
    handle = cardholder_steps.services.context.tokens.sign_attempt_handle(bank.transaction)
    clock.advance(seconds=30)

    at_once(
        *[lambda: cardholder_steps.come_back({"threeDSSessionData": handle})] * 4,
        *[cardholder_steps.services.attempt_results.check_due_attempts] * 4,
    )

    assert happened(database, EventType.ACTIVATED) == 1
    assert cardholder_steps.state() is ActivationState.ACTIVE


@pytest.mark.parametrize("deed", ["cancel_activation", "replace_link"])
def test_a_withdrawal_and_a_verdict_have_one_winner(
    services: Services, bank: FakeBank, database: Database, deed: str
) -> None:
    for number in range(ROUNDS):
        ordered = services.orders.place_order(order_for(client_reference=f"60000000{number:02d}"))
        holder = CardholderSteps(services, services.invitations.copy_link(ordered.public_id, "test"))
        holder.accept()
        holder.submit()
        bank.decides(SIGNED)
        check = partial(services.attempt_results.check_open_attempt, holder.activation)
        withdraw = partial(getattr(services.invitations, deed), ordered.public_id, "test")
        at_once(check, withdraw, check, withdraw)

    losers = {ActivationState.CANCELLED, ActivationState.INVITED}
    states = [line.state for line in list_summaries(services.context)]
    assert happened(database, EventType.ACTIVATED) == states.count(ActivationState.ACTIVE)
    assert set(states) <= {ActivationState.ACTIVE, *losers}
    assert happened(database, EventType.LATE_RESULT) <= ROUNDS

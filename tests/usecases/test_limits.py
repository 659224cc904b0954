"""What bounds the accountant's hand: three mails a day, and no change of what has changed unseen."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.db import Database
from app.domain.history import EventType
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.states import ActivationState, version_mark
from app.models import Activation, Event, Mandate, OutboxMessage
from app.models.office import MandateState
from app.queries.activation_list import list_summaries
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import START, MovableClock
from tests.support.office import ADDRESS, order_for
from tests.usecases.test_races import at_once

Send = Callable[[Services, str], None]

#: Everything that writes to the cardholder once more.
SENDS: Mapping[str, Send] = {
    "resend": lambda services, public_id: services.invitations.resend_invitation(public_id, "anne"),
    "replace": lambda services, public_id: services.invitations.replace_link(public_id, "anne"),
    "correct the address": lambda services, public_id: services.invitations.replace_link(
        public_id, "anne", ADDRESS
    ),
    "relaunch": lambda services, public_id: services.invitations.relaunch_activation(
        public_id, "anne", ADDRESS
    ),
}

Change = Callable[[Services, str, str], None]

#: Every change of an open request, with what the accountant saw of it.
CHANGES: Mapping[str, Change] = {
    "resend": lambda services, public_id, seen: services.invitations.resend_invitation(
        public_id, "anne", version=seen
    ),
    "replace": lambda services, public_id, seen: services.invitations.replace_link(
        public_id, "anne", version=seen
    ),
    "cancel": lambda services, public_id, seen: services.invitations.cancel_activation(
        public_id, "anne", version=seen
    ),
}


def mails(services: Services) -> int:
    with services.database.read_connection() as connection:
        return connection.execute(select(func.count(OutboxMessage.id))).scalar_one()


def history(services: Services) -> list[EventType]:
    with services.database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def seen_now(services: Services, public_id: str) -> str:
    asked = select(Activation.state, Activation.generation, Activation.round)
    with services.database.read_connection() as connection:
        row = connection.execute(asked.where(Activation.public_id == public_id)).one()
    return version_mark(*row)


def refusal(wish: Callable[[], None]) -> ActionRefused:
    with pytest.raises(ActionRefused) as refused:
        wish()
    return refused.value


def send_three_times(services: Services, clock: MovableClock, public_id: str) -> None:
    """At 9, 10 and 11 o'clock of the first day."""
    for _ in range(3):
        services.invitations.resend_invitation(public_id, "anne")
        clock.advance(hours=1)


@pytest.mark.parametrize("send", ["resend", "replace", "correct the address"])
def test_the_fourth_mail_of_a_day_is_refused_and_told_when_it_may_go(
    services: Services, clock: MovableClock, public_id: str, send: str
) -> None:
    send_three_times(services, clock, public_id)
    sent = mails(services)

    refused = refusal(lambda: SENDS[send](services, public_id))

    assert refused.problem is OrderProblem.SENT_TOO_OFTEN
    assert refused.opens_at == START + timedelta(hours=24)
    assert mails(services) == sent


def test_taking_up_again_counts_like_sending_again(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    for _ in range(3):
        services.invitations.cancel_activation(public_id, "anne")
        services.invitations.relaunch_activation(public_id, "anne", ADDRESS)
    services.invitations.cancel_activation(public_id, "anne")

    refused = refusal(lambda: services.invitations.relaunch_activation(public_id, "anne", ADDRESS))

    assert refused.problem is OrderProblem.SENT_TOO_OFTEN
    assert seen_now(services, public_id).startswith(ActivationState.CANCELLED)


@pytest.mark.parametrize("send", ["resend", "replace", "correct the address"])
def test_a_day_after_the_first_of_three_one_more_may_go(
    services: Services, clock: MovableClock, public_id: str, send: str
) -> None:
    send_three_times(services, clock, public_id)
    clock.now = START + timedelta(hours=24)

    SENDS[send](services, public_id)

    refused = refusal(lambda: services.invitations.resend_invitation(public_id, "anne"))
    assert refused.opens_at == START + timedelta(hours=25)


def test_the_limit_is_of_one_request_alone(services: Services, clock: MovableClock, public_id: str) -> None:
    other = services.orders.place_order(order_for(client_reference="7000000000")).public_id
    send_three_times(services, clock, public_id)

    services.invitations.resend_invitation(other, "anne")

    assert history(services)[-1] is EventType.RESENT


def test_what_writes_to_nobody_is_not_limited(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    send_three_times(services, clock, public_id)

    assert services.invitations.copy_link(public_id, "anne")
    services.invitations.cancel_activation(public_id, "anne")

    assert history(services)[-1] is EventType.CANCELLED


@pytest.mark.parametrize("change", CHANGES)
def test_of_two_accountants_who_saw_the_same_only_the_first_changes_it(
    services: Services, public_id: str, change: str
) -> None:
    seen = seen_now(services, public_id)
    services.invitations.resend_invitation(public_id, "bert", version=seen)
    before, sent = history(services), mails(services)

    refused = refusal(lambda: CHANGES[change](services, public_id, seen))

    assert refused.problem is OrderProblem.CHANGED_MEANWHILE
    assert (history(services), mails(services)) == (before, sent)


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_seen_as_it_is_can_be_changed(services: Services, public_id: str, change: str) -> None:
    CHANGES[change](services, public_id, seen_now(services, public_id))

    assert len(history(services)) > 1


def test_a_step_of_the_cardholder_is_a_change_as_well(
    services: Services, cardholder_steps: CardholderSteps
) -> None:
    seen = seen_now(services, cardholder_steps.public_id)
    cardholder_steps.accept()

    refused = refusal(
        lambda: services.invitations.cancel_activation(cardholder_steps.public_id, "anne", version=seen)
    )

    assert refused.problem is OrderProblem.CHANGED_MEANWHILE
    assert cardholder_steps.state() is ActivationState.TERMS_ACCEPTED


def test_an_empty_address_is_no_address(services: Services, public_id: str) -> None:
    refused = refusal(lambda: services.invitations.replace_link(public_id, "anne", ""))

    assert refused.problem is OrderProblem.ADDRESS_MISSING


def test_two_accountants_at_the_same_moment_send_once(services: Services, public_id: str) -> None:
    seen, sent = seen_now(services, public_id), mails(services)

    outcomes = at_once(
        lambda: services.invitations.resend_invitation(public_id, "anne", version=seen),
        lambda: services.invitations.replace_link(public_id, "bert", version=seen),
    )

    refused = [one.problem for one in outcomes if isinstance(one, ActionRefused)]
    assert refused == [OrderProblem.CHANGED_MEANWHILE]
    assert mails(services) == sent + 1


def test_of_many_at_the_same_moment_three_are_sent(services: Services, public_id: str) -> None:
    sent = mails(services)

    outcomes = at_once(*[lambda: services.invitations.resend_invitation(public_id, "anne")] * 6)

    refused = [one.problem for one in outcomes if isinstance(one, ActionRefused)]
    assert refused == [OrderProblem.SENT_TOO_OFTEN] * 3
    assert mails(services) == sent + 3


def test_at_a_bank_with_an_app_there_is_no_link_to_replace(services: Services) -> None:
    public_id = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id

    refused = refusal(lambda: services.invitations.replace_link(public_id, "anne"))

    assert refused.problem is OrderProblem.NO_LINK


def test_a_dossier_that_lost_its_mandate_cannot_be_taken_up_again(
    services: Services, database: Database, public_id: str
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    with database.transaction() as session:
        session.execute(update(Mandate).values(state=MandateState.ARCHIVED))

    with pytest.raises(ActionRefused) as refused:
        services.invitations.relaunch_activation(public_id, "test", ADDRESS)

    assert refused.value.problem is OrderProblem.NO_MANDATE
    assert list_summaries(services.context)[0].state is ActivationState.CANCELLED

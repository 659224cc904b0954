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
from app.services.activations import Activations
from tests.support.office import ADDRESS, order_for
from tests.support.world import START, MovableClock
from tests.usecases.conftest import CardholderSteps
from tests.usecases.test_races import at_once

Send = Callable[[Activations, str], None]

#: Everything that writes to the cardholder once more.
SENDS: Mapping[str, Send] = {
    "resend": lambda activations, public_id: activations.resend_invitation(public_id, "anne"),
    "replace": lambda activations, public_id: activations.replace_link(public_id, "anne"),
    "correct the address": lambda activations, public_id: activations.replace_link(
        public_id, "anne", ADDRESS
    ),
    "relaunch": lambda activations, public_id: activations.relaunch_activation(public_id, "anne", ADDRESS),
}

Change = Callable[[Activations, str, str], None]

#: Every change of an open request, with what the accountant saw of it.
CHANGES: Mapping[str, Change] = {
    "resend": lambda activations, public_id, seen: activations.resend_invitation(
        public_id, "anne", seen=seen
    ),
    "replace": lambda activations, public_id, seen: activations.replace_link(public_id, "anne", seen=seen),
    "cancel": lambda activations, public_id, seen: activations.cancel_activation(
        public_id, "anne", seen=seen
    ),
}


def mails(activations: Activations) -> int:
    with activations.database.read_connection() as connection:
        return connection.execute(select(func.count(OutboxMessage.id))).scalar_one()


def history(activations: Activations) -> list[EventType]:
    with activations.database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def seen_now(activations: Activations, public_id: str) -> str:
    asked = select(Activation.state, Activation.generation, Activation.round)
    with activations.database.read_connection() as connection:
        row = connection.execute(asked.where(Activation.public_id == public_id)).one()
    return version_mark(*row)


def refusal(wish: Callable[[], None]) -> ActionRefused:
    with pytest.raises(ActionRefused) as refused:
        wish()
    return refused.value


def send_three_times(activations: Activations, clock: MovableClock, public_id: str) -> None:
    """At 9, 10 and 11 o'clock of the first day."""
    for _ in range(3):
        activations.resend_invitation(public_id, "anne")
        clock.advance(hours=1)


@pytest.mark.parametrize("send", ["resend", "replace", "correct the address"])
def test_the_fourth_mail_of_a_day_is_refused_and_told_when_it_may_go(
    activations: Activations, clock: MovableClock, public_id: str, send: str
) -> None:
    send_three_times(activations, clock, public_id)
    sent = mails(activations)

    refused = refusal(lambda: SENDS[send](activations, public_id))

    assert refused.problem is OrderProblem.SENT_TOO_OFTEN
    assert refused.opens_at == START + timedelta(hours=24)
    assert mails(activations) == sent


def test_taking_up_again_counts_like_sending_again(
    activations: Activations, clock: MovableClock, public_id: str
) -> None:
    for _ in range(3):
        activations.cancel_activation(public_id, "anne")
        activations.relaunch_activation(public_id, "anne", ADDRESS)
    activations.cancel_activation(public_id, "anne")

    refused = refusal(lambda: activations.relaunch_activation(public_id, "anne", ADDRESS))

    assert refused.problem is OrderProblem.SENT_TOO_OFTEN
    assert seen_now(activations, public_id).startswith(ActivationState.CANCELLED)


@pytest.mark.parametrize("send", ["resend", "replace", "correct the address"])
def test_a_day_after_the_first_of_three_one_more_may_go(
    activations: Activations, clock: MovableClock, public_id: str, send: str
) -> None:
    send_three_times(activations, clock, public_id)
    clock.now = START + timedelta(hours=24)

    SENDS[send](activations, public_id)

    refused = refusal(lambda: activations.resend_invitation(public_id, "anne"))
    assert refused.opens_at == START + timedelta(hours=25)


def test_the_limit_is_of_one_request_alone(
    activations: Activations, clock: MovableClock, public_id: str
) -> None:
    other = activations.place_order(order_for(client_reference="7000000000")).public_id
    send_three_times(activations, clock, public_id)

    activations.resend_invitation(other, "anne")

    assert history(activations)[-1] is EventType.RESENT


def test_what_writes_to_nobody_is_not_limited(
    activations: Activations, clock: MovableClock, public_id: str
) -> None:
    send_three_times(activations, clock, public_id)

    assert activations.copy_link(public_id, "anne")
    activations.cancel_activation(public_id, "anne")

    assert history(activations)[-1] is EventType.CANCELLED


@pytest.mark.parametrize("change", CHANGES)
def test_of_two_accountants_who_saw_the_same_only_the_first_changes_it(
    activations: Activations, public_id: str, change: str
) -> None:
    seen = seen_now(activations, public_id)
    activations.resend_invitation(public_id, "bert", seen=seen)
    before, sent = history(activations), mails(activations)

    refused = refusal(lambda: CHANGES[change](activations, public_id, seen))

    assert refused.problem is OrderProblem.CHANGED_MEANWHILE
    assert (history(activations), mails(activations)) == (before, sent)


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_seen_as_it_is_can_be_changed(activations: Activations, public_id: str, change: str) -> None:
    CHANGES[change](activations, public_id, seen_now(activations, public_id))

    assert len(history(activations)) > 1


def test_a_step_of_the_cardholder_is_a_change_as_well(
    activations: Activations, cardholder: CardholderSteps
) -> None:
    seen = seen_now(activations, cardholder.public_id)
    cardholder.accept()

    refused = refusal(lambda: activations.cancel_activation(cardholder.public_id, "anne", seen=seen))

    assert refused.problem is OrderProblem.CHANGED_MEANWHILE
    assert cardholder.state() is ActivationState.TERMS_ACCEPTED


def test_an_empty_address_is_no_address(activations: Activations, public_id: str) -> None:
    refused = refusal(lambda: activations.replace_link(public_id, "anne", ""))

    assert refused.problem is OrderProblem.ADDRESS_MISSING


def test_two_accountants_at_the_same_moment_send_once(activations: Activations, public_id: str) -> None:
    seen, sent = seen_now(activations, public_id), mails(activations)

    outcomes = at_once(
        lambda: activations.resend_invitation(public_id, "anne", seen=seen),
        lambda: activations.replace_link(public_id, "bert", seen=seen),
    )

    refused = [one.problem for one in outcomes if isinstance(one, ActionRefused)]
    assert refused == [OrderProblem.CHANGED_MEANWHILE]
    assert mails(activations) == sent + 1


def test_of_many_at_the_same_moment_three_are_sent(activations: Activations, public_id: str) -> None:
    sent = mails(activations)

    outcomes = at_once(*[lambda: activations.resend_invitation(public_id, "anne")] * 6)

    refused = [one.problem for one in outcomes if isinstance(one, ActionRefused)]
    assert refused == [OrderProblem.SENT_TOO_OFTEN] * 3
    assert mails(activations) == sent + 3


def test_at_a_bank_with_an_app_there_is_no_link_to_replace(activations: Activations) -> None:
    public_id = activations.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id

    refused = refusal(lambda: activations.replace_link(public_id, "anne"))

    assert refused.problem is OrderProblem.NO_LINK


def test_a_dossier_that_lost_its_mandate_cannot_be_taken_up_again(
    activations: Activations, database: Database, public_id: str
) -> None:
    activations.cancel_activation(public_id, "test")
    with database.transaction() as session:
        session.execute(update(Mandate).values(state=MandateState.ARCHIVED))

    with pytest.raises(ActionRefused) as refused:
        activations.relaunch_activation(public_id, "test", ADDRESS)

    assert refused.value.problem is OrderProblem.NO_MANDATE
    assert list_summaries(activations)[0].state is ActivationState.CANCELLED

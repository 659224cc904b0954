"""What bounds the accountant's hand: three resends a day, and no change of what has changed unseen."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.db import Database
from app.domain.bank_results import RegisterRefusal
from app.domain.caps import Caps
from app.domain.history import EventType
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.states import ActivationState, version_mark
from app.models import Activation, Event, Mandate, OutboxMessage
from app.models.office import MandateState
from app.queries.activation_list import list_summaries
from app.services.invitations import ActionOutcome, InvitationService
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import START, FakeBank, MovableClock, RecordingTransport
from tests.support.office import ADDRESS, ORDER, order_for
from tests.usecases.test_races import at_once

Send = Callable[[Services, str], object]

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

Change = Callable[[Services, str, str], object]

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


def refusal(wish: Callable[[], object]) -> ActionRefused:
    with pytest.raises(ActionRefused) as refused:
        wish()
    return refused.value


def deliver(app: Flask, services: Services) -> None:
    with app.app_context():
        services.outbox.deliver_due()


@pytest.fixture
def delivered(app: Flask, services: Services, public_id: str) -> str:
    """A request whose own invitation has left."""
    deliver(app, services)
    return public_id


def send_three_times(app: Flask, services: Services, clock: MovableClock, public_id: str) -> None:
    """At 9, 10 and 11 o'clock of the first day."""
    for _ in range(3):
        services.invitations.resend_invitation(public_id, "anne")
        deliver(app, services)
        clock.advance(hours=1)


def with_caps(services: Services, **caps: int) -> InvitationService:
    context = services.invitations.context
    return InvitationService(replace(context, policy=replace(context.policy, caps=Caps(**caps))))


def test_resend_pressed_three_times_within_two_seconds_queues_one_mail(
    services: Services, clock: MovableClock, delivered: str
) -> None:
    outcomes = []
    for _ in range(3):
        outcomes.append(services.invitations.resend_invitation(delivered, "anne"))
        clock.advance(seconds=1)

    assert outcomes == [ActionOutcome.DONE, ActionOutcome.STILL_WAITING, ActionOutcome.STILL_WAITING]
    assert mails(services) == 2
    assert history(services).count(EventType.RESENT) == 1
    services.invitations.replace_link(delivered, "anne", "right@client.example")


def test_a_resend_while_the_first_invitation_waits_changes_nothing(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    seen = seen_now(services, public_id)
    clock.advance(minutes=1)

    outcome = services.invitations.resend_invitation(public_id, "anne")

    assert outcome is ActionOutcome.STILL_WAITING
    assert (mails(services), seen_now(services, public_id)) == (1, seen)
    assert history(services) == [EventType.ORDERED]


def test_an_invitation_that_waits_and_comes_too_late_counts_for_nothing(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    clock.advance(days=56)

    assert services.invitations.resend_invitation(public_id, "anne") is ActionOutcome.DONE


def test_a_new_round_does_not_wait_for_a_relay_that_failed_before(
    app: Flask, services: Services, public_id: str, sent_mails: RecordingTransport
) -> None:
    sent_mails.refuses = True
    deliver(app, services)
    services.invitations.cancel_activation(public_id, "anne")
    services.invitations.relaunch_activation(public_id, "anne", ADDRESS)
    sent_mails.refuses = False
    deliver(app, services)

    assert len(sent_mails.mails) == 1


def test_a_resend_while_one_waits_opens_a_closed_card_page(
    services: Services, clock: MovableClock, bank: FakeBank, cardholder_steps: CardholderSteps
) -> None:
    cardholder_steps.accept()
    bank.answer = RegisterRefusal.NOT_LINKED
    for _ in range(5):
        cardholder_steps.submit()
        clock.advance(minutes=1)
    assert services.card_attempts.card_page_opens_at(cardholder_steps.activation)

    outcome = services.invitations.resend_invitation(cardholder_steps.public_id, "anne")

    assert outcome is ActionOutcome.STILL_WAITING
    assert mails(services) == 1 + 1  # the invitation and the notice of a problem
    assert services.card_attempts.card_page_opens_at(cardholder_steps.activation) is None


def test_the_fourth_resend_of_a_day_is_refused_and_told_when_it_may_go(
    app: Flask, services: Services, clock: MovableClock, delivered: str
) -> None:
    send_three_times(app, services, clock, delivered)
    sent = mails(services)

    refused = refusal(lambda: services.invitations.resend_invitation(delivered, "anne"))

    assert refused.problem is OrderProblem.SENT_TOO_OFTEN
    assert refused.opens_at == START + timedelta(hours=24)
    assert mails(services) == sent


@pytest.mark.parametrize("send", ["replace", "correct the address", "relaunch"])
def test_nothing_but_a_resend_is_shut_by_the_mails_of_a_day(
    app: Flask, services: Services, clock: MovableClock, delivered: str, send: str
) -> None:
    send_three_times(app, services, clock, delivered)
    sent = mails(services)
    if send == "relaunch":
        services.invitations.cancel_activation(delivered, "anne")

    SENDS[send](services, delivered)

    assert mails(services) == sent + 1


def test_mails_to_the_wrong_address_do_not_count_for_the_right_one(
    app: Flask, services: Services, clock: MovableClock, delivered: str
) -> None:
    send_three_times(app, services, clock, delivered)
    services.invitations.replace_link(delivered, "anne", "right@client.example")
    deliver(app, services)

    for _ in range(2):
        assert services.invitations.resend_invitation(delivered, "anne") is ActionOutcome.DONE
        deliver(app, services)

    refused = refusal(lambda: services.invitations.resend_invitation(delivered, "anne"))
    assert refused.opens_at == START + timedelta(hours=3 + 24)


def test_mails_that_reached_nobody_do_not_count(
    app: Flask,
    services: Services,
    clock: MovableClock,
    sent_mails: RecordingTransport,
    delivered: str,
) -> None:
    sent_mails.refuses_for_good.add(ADDRESS)
    send_three_times(app, services, clock, delivered)

    assert services.invitations.resend_invitation(delivered, "anne") is ActionOutcome.DONE


def test_a_waiting_mail_carries_the_new_link_to_the_new_address(
    app: Flask, services: Services, sent_mails: RecordingTransport, public_id: str
) -> None:
    services.invitations.replace_link(public_id, "anne")
    services.invitations.replace_link(public_id, "anne", "right@client.example")
    deliver(app, services)

    assert mails(services) == 1
    assert [mail["To"] for mail in sent_mails.mails] == ["right@client.example"]
    newest = services.invitations.copy_link(public_id, "anne")
    assert newest in sent_mails.last.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert EventType.MAIL_DROPPED not in history(services)


def test_a_mail_that_a_worker_is_just_sending_is_followed_by_one_with_the_new_link(
    services: Services, database: Database, clock: MovableClock, public_id: str
) -> None:
    with database.transaction() as session:
        session.execute(update(OutboxMessage).values(leased_until=clock() + timedelta(minutes=5)))

    services.invitations.replace_link(public_id, "anne")

    assert mails(services) == 2


def test_an_address_is_corrected_five_times_a_day(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    for _ in range(4):
        services.invitations.replace_link(public_id, "anne", ADDRESS)
        clock.advance(hours=1)
    services.invitations.cancel_activation(public_id, "anne")
    services.invitations.relaunch_activation(public_id, "anne", ADDRESS)

    refused = refusal(lambda: services.invitations.replace_link(public_id, "anne", ADDRESS))

    assert refused.problem is OrderProblem.CORRECTED_TOO_OFTEN
    assert refused.opens_at == START + timedelta(hours=24)
    services.invitations.replace_link(public_id, "anne")


def test_a_new_address_counts_where_an_activation_is_taken_up_again(
    services: Services, public_id: str
) -> None:
    for _ in range(5):
        services.invitations.replace_link(public_id, "anne", ADDRESS)
    services.invitations.cancel_activation(public_id, "anne")

    refused = refusal(lambda: services.invitations.relaunch_activation(public_id, "anne", ADDRESS))

    assert refused.problem is OrderProblem.CORRECTED_TOO_OFTEN


def test_an_office_corrects_so_many_addresses_an_hour(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    other = services.orders.place_order(order_for(client_reference="7000000000")).public_id
    invitations = with_caps(services, office_corrections_an_hour=2)
    invitations.replace_link(public_id, "anne", ADDRESS)
    invitations.replace_link(other, "anne", ADDRESS)

    refused = refusal(lambda: invitations.replace_link(other, "anne", ADDRESS))

    assert refused.problem is OrderProblem.OFFICE_CORRECTED_TOO_OFTEN
    assert refused.opens_at == START + timedelta(hours=1)
    clock.advance(hours=1)
    invitations.replace_link(other, "anne", ADDRESS)


def test_a_day_after_the_first_of_three_one_more_may_go(
    app: Flask, services: Services, clock: MovableClock, delivered: str
) -> None:
    send_three_times(app, services, clock, delivered)
    clock.now = START + timedelta(hours=24)

    services.invitations.resend_invitation(delivered, "anne")
    deliver(app, services)

    refused = refusal(lambda: services.invitations.resend_invitation(delivered, "anne"))
    assert refused.opens_at == START + timedelta(hours=25)


def test_the_limit_is_of_one_request_alone(
    app: Flask, services: Services, clock: MovableClock, delivered: str
) -> None:
    other = services.orders.place_order(order_for(client_reference="7000000000")).public_id
    send_three_times(app, services, clock, delivered)

    services.invitations.resend_invitation(other, "anne")

    assert history(services)[-1] is EventType.RESENT


@pytest.mark.parametrize("change", CHANGES)
def test_of_two_accountants_who_saw_the_same_only_the_first_changes_it(
    app: Flask, services: Services, public_id: str, change: str
) -> None:
    seen = seen_now(services, public_id)
    services.invitations.replace_link(public_id, "bert", version=seen)
    deliver(app, services)
    before, sent = history(services), mails(services)

    refused = refusal(lambda: CHANGES[change](services, public_id, seen))

    assert refused.problem is OrderProblem.CHANGED_MEANWHILE
    assert (history(services), mails(services)) == (before, sent)


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_seen_as_it_is_can_be_changed(services: Services, delivered: str, change: str) -> None:
    CHANGES[change](services, delivered, seen_now(services, delivered))

    assert len(history(services)) > 2


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


def test_two_accountants_at_the_same_moment_send_once(services: Services, delivered: str) -> None:
    seen, sent = seen_now(services, delivered), mails(services)

    at_once(
        lambda: services.invitations.resend_invitation(delivered, "anne", version=seen),
        lambda: services.invitations.replace_link(delivered, "bert", version=seen),
    )

    assert mails(services) == sent + 1


def test_of_many_presses_at_the_same_moment_one_sends(services: Services, delivered: str) -> None:
    sent = mails(services)

    outcomes = at_once(*[lambda: services.invitations.resend_invitation(delivered, "anne")] * 6)

    assert sorted(map(str, outcomes)) == [ActionOutcome.DONE, *[ActionOutcome.STILL_WAITING] * 5]
    assert mails(services) == sent + 1


def test_at_a_bank_with_an_app_there_is_no_link_to_replace(services: Services) -> None:
    public_id = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id

    refused = refusal(lambda: services.invitations.replace_link(public_id, "anne"))

    assert refused.problem is OrderProblem.NO_LINK


def test_a_dossier_that_lost_its_mandate_at_the_bank_cannot_be_taken_up_again(
    services: Services, database: Database, public_id: str
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    with database.transaction() as session:
        lost = update(Mandate).where(Mandate.bank == ORDER.bank)
        session.execute(lost.values(state=MandateState.ARCHIVED))

    with pytest.raises(ActionRefused) as refused:
        services.invitations.relaunch_activation(public_id, "test", ADDRESS)

    assert refused.value.problem is OrderProblem.NO_MANDATE
    assert list_summaries(services.context)[0].state is ActivationState.CANCELLED

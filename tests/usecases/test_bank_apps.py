"""Banks with an app of their own: each request is asked about in turn, and each answer is acted on once."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.bank.gateway import BankAppRequest
from app.db import Database
from app.domain.bank_results import AppDecision
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState, StatusLabel
from app.models import Activation, Event, OutboxMessage
from app.queries.activation_list import list_summaries
from app.services.bank_apps import CHECK_APP, CHECK_APP_LATER
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave
from tests.support.doubles import FakeBankApp, MovableClock, RecordingTransport
from tests.support.office import ADDRESS, OFFICE, ORDER, REFERENCE, order_for
from tests.usecases.test_races import at_once

IBAN = "BE78735000000186"
BATCH = 100


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def public_id(services: Services) -> str:
    return at_kbc(services, REFERENCE)


def at_kbc(services: Services, reference: str) -> str:
    return services.orders.place_order(order_for(bank="kbc", iban=IBAN, client_reference=reference)).public_id


def many_at_kbc(services: Services, count: int) -> list[str]:
    return [at_kbc(services, f"6{number:09d}") for number in range(count)]


def ask_again(services: Services, clock: MovableClock) -> int:
    clock.advance(seconds=CHECK_APP.total_seconds())
    return services.bank_apps.exchange_with_bank_apps()


def stand(services: Services) -> tuple[ActivationState, StatusLabel]:
    (line,) = list_summaries(services.context)
    return line.state, line.label


def happened(database: Database, event_type: EventType) -> list[str | None]:
    """Return the details of every line of this kind."""
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.detail).where(Event.event_type == event_type)).scalars())


def queued(database: Database, kind: MailKind) -> list[int]:
    """Return the rounds for which a mail of this kind was ever queued."""
    with database.read_connection() as connection:
        mails = select(OutboxMessage.round).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
        return list(connection.execute(mails).scalars())


def told(bank_app: FakeBankApp) -> list[tuple[int, bool]]:
    """Return round and openness of everything that the bank was told, oldest first."""
    return [(request.round, request.open) for request in bank_app.told]


def test_the_bank_is_told_who_asks_for_which_card_and_account(
    services: Services, bank_app: FakeBankApp, public_id: str
) -> None:
    assert services.bank_apps.exchange_with_bank_apps() == 1

    assert bank_app.told == [BankAppRequest(public_id, 1, "kbc", REFERENCE, IBAN, OFFICE, open=True)]
    assert ADDRESS not in repr(bank_app.told)


def test_what_waits_in_the_app_is_asked_about_every_half_minute(
    services: Services, bank_app: FakeBankApp, clock: MovableClock, database: Database, public_id: str
) -> None:
    services.bank_apps.exchange_with_bank_apps()
    with database.read_connection() as connection:
        assert connection.execute(select(Activation.bank_check_at)).scalar() == clock() + CHECK_APP
    clock.advance(seconds=29)
    assert services.bank_apps.exchange_with_bank_apps() == 0
    clock.advance(seconds=1)
    assert services.bank_apps.exchange_with_bank_apps() == 1

    assert told(bank_app) == [(1, True), (1, True)]
    assert stand(services) == (ActivationState.INVITED, StatusLabel.INVITATION_SENT)


def test_a_confirmation_activates_confirms_and_erases(
    services: Services,
    bank_app: FakeBankApp,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    database: Database,
    public_id: str,
) -> None:
    bank_app.decides(public_id, AppDecision.CONFIRMED)
    services.bank_apps.exchange_with_bank_apps()
    services.outbox.deliver_due()

    assert stand(services) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)
    assert len(happened(database, EventType.ACTIVATED)) == 1
    assert sent_mails.last["To"] == ADDRESS
    assert sent_mails.last["Message-ID"].startswith("<confirmation.1.")
    with database.read_connection() as connection:
        row = connection.execute(select(Activation.activated_at, Activation.address)).one()
    assert tuple(row) == (clock(), None)


def test_who_has_confirmed_is_asked_nothing_more(
    services: Services, bank_app: FakeBankApp, clock: MovableClock, public_id: str
) -> None:
    bank_app.decides(public_id, AppDecision.CONFIRMED)
    services.bank_apps.exchange_with_bank_apps()

    assert ask_again(services, clock) == 0
    assert told(bank_app) == [(1, True)]


@pytest.mark.parametrize(
    ("decision", "event_type", "mail"),
    [
        (AppDecision.CONFIRMED, EventType.ACTIVATED, MailKind.CONFIRMATION),
        (AppDecision.REFUSED, EventType.REFUSED_IN_APP, MailKind.PROBLEM),
    ],
)
def test_an_answer_that_two_workers_hear_counts_once(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
    decision: AppDecision,
    event_type: EventType,
    mail: MailKind,
) -> None:
    def meanwhile_another_worker_asks() -> None:
        bank_app.during = None
        ask_again(services, clock)

    bank_app.decides(public_id, decision)
    bank_app.during = meanwhile_another_worker_asks
    services.bank_apps.exchange_with_bank_apps()

    assert told(bank_app) == [(1, True), (1, True)]
    assert len(happened(database, event_type)) == 1
    assert queued(database, mail) == [1]


def test_a_refusal_is_a_problem_until_the_invitation_is_sent_again(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
) -> None:
    bank_app.decides(public_id, AppDecision.REFUSED)
    services.bank_apps.exchange_with_bank_apps()
    assert stand(services) == (ActivationState.INVITED, StatusLabel.PROBLEM)
    assert queued(database, MailKind.PROBLEM) == [1]
    assert ask_again(services, clock) == 0

    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "anne")
    assert stand(services) == (ActivationState.INVITED, StatusLabel.INVITATION_SENT)
    assert services.bank_apps.exchange_with_bank_apps() == 1
    assert told(bank_app)[-1] == (2, True)
    bank_app.decides(public_id, AppDecision.CONFIRMED, round_=2)
    ask_again(services, clock)

    assert stand(services) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)
    assert queued(database, MailKind.CONFIRMATION) == [2]


def test_each_round_that_is_refused_is_told_to_the_accountant(
    services: Services, bank_app: FakeBankApp, database: Database, public_id: str
) -> None:
    for round_ in (1, 2):
        bank_app.decides(public_id, AppDecision.REFUSED, round_)
        services.bank_apps.exchange_with_bank_apps()
        let_mails_leave(services)
        services.invitations.resend_invitation(public_id, "anne")

    assert queued(database, MailKind.PROBLEM) == [1, 2]
    assert len(happened(database, EventType.REFUSED_IN_APP)) == 2


@pytest.mark.parametrize("decision", [AppDecision.CONFIRMED, AppDecision.REFUSED])
def test_a_request_withdrawn_while_the_bank_answers_stays_withdrawn(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
    decision: AppDecision,
) -> None:
    bank_app.decides(public_id, decision)
    bank_app.during = partial(services.invitations.cancel_activation, public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()
    bank_app.during = None
    services.bank_apps.exchange_with_bank_apps()
    assert ask_again(services, clock) == 0

    assert told(bank_app) == [(1, True), (1, False)]
    assert stand(services) == (ActivationState.CANCELLED, StatusLabel.CANCELLED)
    assert queued(database, MailKind.CONFIRMATION) == queued(database, MailKind.PROBLEM) == []
    late = [decision] if decision is AppDecision.CONFIRMED else []
    assert happened(database, EventType.LATE_RESULT) == late


def test_an_answer_to_an_older_round_is_not_an_answer_to_the_new_one(
    services: Services, bank_app: FakeBankApp, clock: MovableClock, public_id: str
) -> None:
    let_mails_leave(services)
    bank_app.decides(public_id, AppDecision.REFUSED)
    bank_app.during = partial(services.invitations.resend_invitation, public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()
    bank_app.during = None
    services.bank_apps.exchange_with_bank_apps()

    assert told(bank_app) == [(1, True), (2, True)]
    assert stand(services) == (ActivationState.INVITED, StatusLabel.INVITATION_SENT)


def test_a_confirmation_after_expiry_is_a_line_of_history_and_changes_nothing(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
) -> None:
    services.bank_apps.exchange_with_bank_apps()
    clock.advance(days=56)
    assert services.invitations.expire_due_activations() == 1
    bank_app.decides(public_id, AppDecision.CONFIRMED)
    assert services.bank_apps.exchange_with_bank_apps() == 1
    assert ask_again(services, clock) == 0

    assert told(bank_app) == [(1, True), (1, False)]
    assert stand(services) == (ActivationState.EXPIRED, StatusLabel.EXPIRED)
    assert happened(database, EventType.LATE_RESULT) == [AppDecision.CONFIRMED]
    assert queued(database, MailKind.CONFIRMATION) == []
    with database.read_connection() as connection:
        row = connection.execute(select(Activation.activated_at, Activation.address)).one()
    assert tuple(row) == (None, None)


@pytest.mark.parametrize("decision", [AppDecision.PENDING, AppDecision.REFUSED])
def test_an_expired_request_disappears_without_a_line(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
    decision: AppDecision,
) -> None:
    clock.advance(days=56)
    services.invitations.expire_due_activations()
    bank_app.decides(public_id, decision)

    assert services.bank_apps.exchange_with_bank_apps() == 1
    assert ask_again(services, clock) == 0
    assert told(bank_app) == [(1, False)]
    assert happened(database, EventType.LATE_RESULT) == []


def test_a_service_that_ends_disappears_from_the_app_and_its_confirmation_was_not_late(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    database: Database,
    public_id: str,
) -> None:
    bank_app.decides(public_id, AppDecision.CONFIRMED)
    services.bank_apps.exchange_with_bank_apps()
    services.invitations.revoke_activation(public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()

    assert ask_again(services, clock) == 0
    assert told(bank_app) == [(1, True), (1, False)]
    assert stand(services) == (ActivationState.REVOKED, StatusLabel.CANCELLED)
    assert happened(database, EventType.LATE_RESULT) == []


def test_a_bank_that_is_away_is_asked_again_later_and_nothing_is_lost(
    services: Services,
    bank_app: FakeBankApp,
    clock: MovableClock,
    public_id: str,
) -> None:
    bank_app.decides(public_id, AppDecision.CONFIRMED)
    bank_app.away = True
    for _ in range(3):
        assert ask_again(services, clock) == 1
        assert services.bank_apps.exchange_with_bank_apps() == 0
        assert stand(services) == (ActivationState.INVITED, StatusLabel.INVITATION_SENT)
    bank_app.away = False
    ask_again(services, clock)

    assert stand(services) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)


def test_a_withdrawal_reaches_a_bank_that_was_away(
    services: Services, bank_app: FakeBankApp, clock: MovableClock, public_id: str
) -> None:
    services.bank_apps.exchange_with_bank_apps()
    bank_app.away = True
    services.invitations.cancel_activation(public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()
    bank_app.away = False
    ask_again(services, clock)

    assert told(bank_app) == [(1, True), (1, False)]
    assert ask_again(services, clock) == 0


def test_workers_at_once_ask_about_each_request_once(
    services: Services, bank_app: FakeBankApp, database: Database
) -> None:
    ids = many_at_kbc(services, 20)
    for public_id in ids:
        bank_app.decides(public_id, AppDecision.CONFIRMED)
    at_once(*[services.bank_apps.exchange_with_bank_apps] * 4)

    assert sorted(request.public_id for request in bank_app.told) == sorted(ids)
    assert len(happened(database, EventType.ACTIVATED)) == len(ids)
    assert queued(database, MailKind.CONFIRMATION) == [1] * len(ids)


def test_more_requests_than_a_bank_takes_at_once_take_several_turns(
    services: Services, bank_app: FakeBankApp
) -> None:
    ids = many_at_kbc(services, BATCH + 5)

    assert [services.bank_apps.exchange_with_bank_apps() for _ in range(3)] == [BATCH, 5, 0]
    assert sorted(request.public_id for request in bank_app.told) == sorted(ids)


def _replace(services: Services, public_id: str) -> None:
    services.invitations.replace_link(public_id, "anne", "other@client.example")


def _cancel_and_relaunch(services: Services, public_id: str) -> None:
    services.invitations.cancel_activation(public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()
    services.invitations.relaunch_activation(public_id, "anne", ADDRESS)


@pytest.mark.parametrize("send_anew", [_replace, _cancel_and_relaunch])
def test_whoever_is_invited_anew_is_asked_anew(
    services: Services,
    bank_app: FakeBankApp,
    public_id: str,
    send_anew: Callable[[Services, str], None],
) -> None:
    bank_app.decides(public_id, AppDecision.REFUSED)
    services.bank_apps.exchange_with_bank_apps()
    send_anew(services, public_id)
    services.bank_apps.exchange_with_bank_apps()

    assert told(bank_app)[-1] == (2, True)
    assert stand(services) == (ActivationState.INVITED, StatusLabel.INVITATION_SENT)


def test_nothing_is_asked_where_the_bank_has_links(
    services: Services, bank_app: FakeBankApp, clock: MovableClock
) -> None:
    public_id = services.orders.place_order(ORDER).public_id
    services.bank_apps.exchange_with_bank_apps()
    services.invitations.cancel_activation(public_id, "anne")
    services.bank_apps.exchange_with_bank_apps()
    services.invitations.relaunch_activation(public_id, "anne", ADDRESS)
    clock.advance(days=56)
    services.invitations.expire_due_activations()

    assert ask_again(services, clock) == 0
    assert bank_app.told == []


def test_an_old_request_is_asked_about_less_often(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    clock.advance(days=1)
    assert services.bank_apps.exchange_with_bank_apps() == 1

    assert ask_again(services, clock) == 0
    clock.advance(seconds=(CHECK_APP_LATER - CHECK_APP).total_seconds())
    assert services.bank_apps.exchange_with_bank_apps() == 1

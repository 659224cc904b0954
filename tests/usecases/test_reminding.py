"""Reminders as they are lived through: who is reminded, on which days, at which hours, how often."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import BRUSSELS
from app.db import Database
from app.domain.bank_results import AppDecision, BankResult, CardVerification, TransactionStatus
from app.domain.history import MailKind
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.reminder_schedule import REMINDERS
from app.domain.states import ActivationState
from app.models import OutboxMessage
from app.services.invitations import ActionOutcome
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave, with_policy
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock, RecordingTransport
from tests.support.office import ADDRESS, order_for
from tests.usecases.test_races import at_once

FIRST, SECOND, THIRD = REMINDERS
SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
REFUSED = BankResult(TransactionStatus.REJECTED, reason="12")

Turn = tuple[MailKind, int]


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def at_kbc(services: Services) -> str:
    return services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id


def queued(database: Database) -> list[Turn]:
    """Return kind and round of every reminder that was ever queued, oldest first."""
    mails = select(OutboxMessage.kind, OutboxMessage.round).order_by(OutboxMessage.id)
    with database.read_connection() as connection:
        return [(kind, round_) for kind, round_ in connection.execute(mails) if kind in REMINDERS]


def live_through(services: Services, clock: MovableClock, days: int) -> list[datetime]:
    """Let the worker look every hour, and return when it reminded, in Brussels."""
    reminded = []
    for _ in range(days * 24):
        clock.advance(hours=1)
        reminded += [clock().astimezone(BRUSSELS)] * services.reminders.queue_due_reminders()
    return reminded


def wait_until(clock: MovableClock, hour: int, minute: int = 0) -> None:
    """Let time go by until it is so late in Brussels, today or tomorrow."""
    local = clock().astimezone(BRUSSELS)
    wanted = local.replace(hour=hour, minute=minute)
    clock.now += (wanted - local) % timedelta(days=1)


@pytest.mark.parametrize(
    "invited_at",
    [
        pytest.param(datetime(2026, 10, 12, 9, 30, tzinfo=BRUSSELS), id="the clock goes back"),
        pytest.param(datetime(2027, 3, 15, 9, 30, tzinfo=BRUSSELS), id="the clock goes forward"),
    ],
)
def test_whoever_does_not_answer_is_reminded_three_times_at_the_hour_of_the_invitation(
    services: Services, clock: MovableClock, database: Database, invited_at: datetime
) -> None:
    clock.now = invited_at
    services.orders.place_order(order_for())
    reminded = live_through(services, clock, 70)

    assert [(at.date() - invited_at.date()).days for at in reminded] == [14, 28, 42]
    assert [f"{at:%H:%M}" for at in reminded] == ["09:30"] * 3
    assert queued(database) == [(FIRST, 1), (SECOND, 1), (THIRD, 1)]


def test_however_often_the_worker_looks_each_reminder_is_sent_once(
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    public_id: str,
) -> None:
    for _ in range(50):
        clock.advance(days=1)
        for _ in range(3):
            services.reminders.queue_due_reminders()
            services.outbox.deliver_due()

    identities = [mail["Message-ID"].partition(f".{public_id}@")[0] for mail in sent_mails.mails]
    assert identities == ["<invitation.1", "<first_reminder.1", "<second_reminder.1", "<third_reminder.1"]
    assert {mail["To"] for mail in sent_mails.mails} == {ADDRESS}


def test_before_two_weeks_have_passed_nobody_is_reminded(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    clock.advance(days=14, seconds=-1)
    assert services.reminders.queue_due_reminders() == 0
    clock.advance(seconds=1)
    assert services.reminders.queue_due_reminders() == 1


def test_accepting_the_conditions_is_not_yet_an_answer(
    cardholder_steps: CardholderSteps, clock: MovableClock, database: Database
) -> None:
    cardholder_steps.accept()

    assert len(live_through(cardholder_steps.services, clock, 50)) == 3
    assert queued(database) == [(FIRST, 1), (SECOND, 1), (THIRD, 1)]


def test_whoever_is_at_the_bank_is_reminded_only_if_nothing_comes_of_it(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock, database: Database
) -> None:
    cardholder_steps.accept()
    clock.advance(days=14, seconds=-40)
    cardholder_steps.submit()
    clock.advance(seconds=40)
    assert cardholder_steps.state() is ActivationState.AWAITING_BANK
    assert cardholder_steps.services.reminders.queue_due_reminders() == 0
    bank.decides(REFUSED)
    cardholder_steps.services.attempt_results.check_due_attempts()

    assert cardholder_steps.services.reminders.queue_due_reminders() == 1
    assert queued(database) == [(FIRST, 1)]


def test_an_office_that_reminds_by_hand_sends_the_next_reminder_and_moves_no_other(
    services: Services, clock: MovableClock, database: Database
) -> None:
    clock.now = datetime(2026, 11, 2, 9, 30, tzinfo=BRUSSELS)
    public_id = services.orders.place_order(order_for()).public_id
    let_mails_leave(services)
    clock.advance(days=3)

    assert services.invitations.send_reminder(public_id, "anne") is ActionOutcome.DONE
    let_mails_leave(services)
    reminded = live_through(services, clock, 60)

    assert queued(database) == [(FIRST, 1), (SECOND, 1), (THIRD, 1)]
    assert [at.day for at in reminded] == [30, 14]


def test_reminding_twice_sends_one_mail_and_says_when_the_next_may_leave(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    let_mails_leave(services)
    clock.advance(days=2)
    services.invitations.send_reminder(public_id, "anne")

    assert services.invitations.send_reminder(public_id, "anne") is ActionOutcome.STILL_WAITING
    let_mails_leave(services)
    with pytest.raises(ActionRefused) as refused:
        services.invitations.send_reminder(public_id, "anne")

    assert refused.value.problem is OrderProblem.REMINDED_TOO_SOON
    assert refused.value.opens_at == clock() + timedelta(days=1)
    assert queued(database) == [(FIRST, 1)]


def test_after_the_third_reminder_there_is_none_left(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    let_mails_leave(services)
    for _ in range(3):
        clock.advance(days=1)
        services.invitations.send_reminder(public_id, "anne")
        let_mails_leave(services)
    clock.advance(days=1)

    with pytest.raises(ActionRefused) as refused:
        services.invitations.send_reminder(public_id, "anne")

    assert refused.value.problem is OrderProblem.NO_REMINDER_LEFT
    assert queued(database) == [(FIRST, 1), (SECOND, 1), (THIRD, 1)]
    assert live_through(services, clock, 30) == []


def test_nobody_is_reminded_on_the_day_of_the_invitation(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    let_mails_leave(services)
    clock.advance(hours=23)

    with pytest.raises(ActionRefused) as refused:
        services.invitations.send_reminder(public_id, "anne")

    assert refused.value.problem is OrderProblem.REMINDED_TOO_SOON
    assert queued(database) == []


def _activate(services: Services, cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    cardholder_steps.accept()
    cardholder_steps.submit()
    bank.decides(SIGNED)
    services.attempt_results.check_open_attempt(cardholder_steps.activation)


def _cancel(services: Services, cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    services.invitations.cancel_activation(cardholder_steps.public_id, "anne")


def _send_again(services: Services, cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    let_mails_leave(services)
    services.invitations.resend_invitation(cardholder_steps.public_id, "anne")


@pytest.mark.parametrize("answer", [_activate, _cancel, _send_again])
def test_whoever_answers_while_the_worker_is_about_to_remind_is_not_reminded(
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
    database: Database,
    answer: Callable[[Services, CardholderSteps, FakeBank], None],
) -> None:
    def goes_on() -> bool:
        answer(cardholder_steps.services, cardholder_steps, bank)
        return True

    clock.advance(days=14)
    assert cardholder_steps.services.reminders.queue_due_reminders(goes_on) == 0
    assert queued(database) == []


@pytest.mark.parametrize("answer", [_activate, _cancel])
@pytest.mark.parametrize("days", [1, 20])
def test_after_the_answer_nobody_is_reminded(
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
    days: int,
    answer: Callable[[Services, CardholderSteps, FakeBank], None],
) -> None:
    before = len(live_through(cardholder_steps.services, clock, days))
    answer(cardholder_steps.services, cardholder_steps, bank)

    assert live_through(cardholder_steps.services, clock, 50) == []
    assert before == days // 14


@pytest.mark.parametrize("marked", [True, False], ids=["marked", "not marked yet"])
def test_what_has_expired_is_not_repeated(
    services: Services, clock: MovableClock, database: Database, public_id: str, marked: bool
) -> None:
    clock.advance(days=56)
    assert services.invitations.expire_due_activations() == 1 if marked else True

    assert live_through(services, clock, 2) == []
    assert queued(database) == []


def test_the_app_of_a_bank_is_recalled_three_times_too(
    services: Services, clock: MovableClock, database: Database, at_kbc: str
) -> None:
    live_through(services, clock, 50)

    assert queued(database) == [(FIRST, 1), (SECOND, 1), (THIRD, 1)]


def test_whoever_refused_in_the_app_is_reminded_only_when_asked_again(
    services: Services, bank_app: FakeBankApp, clock: MovableClock, database: Database, at_kbc: str
) -> None:
    bank_app.decides(at_kbc, AppDecision.REFUSED)
    services.bank_apps.exchange_with_bank_apps()
    assert live_through(services, clock, 50) == []
    let_mails_leave(services)
    services.invitations.resend_invitation(at_kbc, "anne")

    assert len(live_through(services, clock, 50)) == 3
    assert queued(database) == [(FIRST, 2), (SECOND, 2), (THIRD, 2)]


def test_sending_again_begins_the_three_anew(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    live_through(services, clock, 20)
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "anne")
    sent_again = clock().astimezone(BRUSSELS)
    reminded = live_through(services, clock, 50)

    assert [(at.date() - sent_again.date()).days for at in reminded] == [14, 28, 42]
    assert queued(database) == [(FIRST, 1), (FIRST, 2), (SECOND, 2), (THIRD, 2)]


@pytest.mark.parametrize(
    ("asleep", "reminders"),
    [
        pytest.param(15, [FIRST, SECOND, THIRD], id="a day late, the others on their days"),
        pytest.param(26, [FIRST, THIRD], id="none follows on the heels of another"),
        pytest.param(30, [SECOND, THIRD], id="the newest stands for both"),
        pytest.param(50, [THIRD], id="the last stands for all"),
        pytest.param(56, [], id="too late for any"),
    ],
)
def test_after_an_outage_each_request_is_reminded_once_at_most(
    services: Services,
    clock: MovableClock,
    database: Database,
    public_id: str,
    asleep: int,
    reminders: list[MailKind],
) -> None:
    clock.advance(days=asleep)
    assert [services.reminders.queue_due_reminders() for _ in range(2)] == [len(reminders[:1]), 0]
    live_through(services, clock, 45)

    assert queued(database) == [(kind, 1) for kind in reminders]


def test_workers_at_once_remind_each_cardholder_once(
    services: Services, clock: MovableClock, database: Database
) -> None:
    for number in range(15):
        services.orders.place_order(order_for(client_reference=f"60000000{number:02d}"))
    clock.advance(days=14)
    counts = at_once(*[services.reminders.queue_due_reminders] * 4)

    assert sum(int(str(count)) for count in counts) == 15
    assert queued(database) == [(FIRST, 1)] * 15


def test_a_clock_set_back_by_three_days_repeats_nothing(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    live_through(services, clock, 15)
    clock.advance(days=-3)
    again = live_through(services, clock, 15)

    assert again == []
    assert queued(database) == [(FIRST, 1)]
    assert len(live_through(services, clock, 3)) == 1


def test_other_days_in_the_settings_repeat_no_reminder_and_keep_back_nobody(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    live_through(services, clock, 14)
    later = with_policy(services, reminder_days=(30, 40, 50))
    later.orders.place_order(order_for(client_reference="6000000009"))
    live_through(later, clock, 51)

    assert [kind for kind, _ in queued(database)] == [FIRST, SECOND, FIRST, THIRD, SECOND, THIRD]


def test_at_night_nothing_is_queued(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    clock.advance(days=14)
    wait_until(clock, 18)
    for _ in range(14):
        assert services.reminders.queue_due_reminders() == 0
        clock.advance(hours=1)
    clock.advance(seconds=-1)
    assert services.reminders.queue_due_reminders() == 0
    clock.advance(seconds=1)

    assert services.reminders.queue_due_reminders() == 1
    assert f"{clock().astimezone(BRUSSELS):%H:%M}" == "08:00"
    assert queued(database) == [(FIRST, 1)]


def test_what_was_queued_by_day_and_not_taken_waits_until_eight(
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    public_id: str,
) -> None:
    services.outbox.deliver_due()
    clock.advance(days=14)
    wait_until(clock, 17, 59)
    services.reminders.queue_due_reminders()
    sent_mails.refuses = True
    services.outbox.deliver_due()
    sent_mails.refuses = False
    for _ in range(14 * 60):
        clock.advance(minutes=1)
        services.outbox.deliver_due()
    assert f"{clock().astimezone(BRUSSELS):%H:%M}" == "07:59"
    assert len(sent_mails.mails) == 1
    clock.advance(minutes=1)
    services.outbox.deliver_due()

    assert sent_mails.last["Message-ID"].startswith("<first_reminder.1.")


def test_a_worker_that_is_told_to_stop_begins_no_other_reminder(
    services: Services, clock: MovableClock, database: Database, public_id: str
) -> None:
    clock.advance(days=14)
    assert services.reminders.queue_due_reminders(lambda: False) == 0
    assert queued(database) == []
    assert services.reminders.queue_due_reminders() == 1

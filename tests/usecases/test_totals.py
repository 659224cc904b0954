"""What an operator watches: counts that agree with the rows, and how late each of the worker's jobs is."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.db import Database
from app.domain.bank_results import RegisterRefusal
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, MailKind
from app.domain.news_rules import NewsChoice
from app.domain.states import StatusLabel
from app.jobs import JOBS
from app.models import Activation, Attempt, OutboxMessage
from app.queries.operator_totals import ATTEMPT_ENDINGS, OLDEST_DUE, MailProgress, read_operator_totals
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock
from tests.support.office import ANNE, order_for
from tests.support.office_files import keep_faulty_order
from tests.usecases.test_catching_up import plans

ON_TIME = {job.name: timedelta(0) for job in JOBS if job.name != "erase"}


def count(database: Database, row: type) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(func.count()).select_from(row)).scalar_one()


def test_an_empty_database_has_a_zero_for_everything(services: Services) -> None:
    totals = read_operator_totals(services.context)

    assert set(totals.requests) == set(StatusLabel) - {StatusLabel.NOT_ORDERED}
    assert set(totals.attempts) == set(ATTEMPT_ENDINGS)
    assert set(totals.mails) == {(kind, posting) for kind in MailKind for posting in MailProgress}
    for counts in (totals.requests, totals.attempts, totals.mails):
        assert set(counts.values()) == {0}
    assert totals.late == ON_TIME


def test_counts_agree_with_the_rows(
    services: Services, database: Database, cardholder_steps: CardholderSteps, bank: FakeBank
) -> None:
    services.orders.place_order(order_for(client_reference="7000000000"))
    cardholder_steps.accept()
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.submit()
    bank.answer = None
    cardholder_steps.submit()
    with database.transaction() as session:
        first = select(func.min(OutboxMessage.id)).scalar_subquery()
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id == first).values(dead_at=services.clock())
        )

    totals = read_operator_totals(services.context)

    assert {label: number for label, number in totals.requests.items() if number} == {
        StatusLabel.INVITATION_SENT: 1,
        StatusLabel.PROBLEM: 1,
    }
    assert totals.attempts[AttemptOutcome.FAILED, Failure.WRONG_CARD] == 1
    assert totals.attempts[None, None] == 1
    assert totals.mails[MailKind.INVITATION, MailProgress.DEAD] == 1
    assert totals.mails[MailKind.INVITATION, MailProgress.WAITING] == 1
    for counts, row in (
        (totals.requests, Activation),
        (totals.attempts, Attempt),
        (totals.mails, OutboxMessage),
    ):
        assert sum(counts.values()) == count(database, row)


def test_what_a_newer_version_writes_is_left_to_it(
    services: Services, database: Database, public_id: str
) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE outbox_message SET kind = 'birthday_card'"))

    assert set(read_operator_totals(services.context).mails.values()) == {0}


def test_mails_and_banks_wait_for_a_worker_that_is_away(
    services: Services, cardholder_steps: CardholderSteps, bank_app: FakeBankApp, clock: MovableClock
) -> None:
    services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186", client_reference="6999999999"))
    cardholder_steps.accept()
    cardholder_steps.submit()
    clock.advance(minutes=30)

    late = read_operator_totals(services.context).late

    assert late["deliver"] == timedelta(minutes=30)
    assert timedelta(minutes=29) <= late["conclude"] < timedelta(minutes=30)
    assert timedelta(minutes=29) <= late["ask_bank_apps"] <= timedelta(minutes=30)
    assert (late["remind"], late["expire"]) == (timedelta(0), timedelta(0))

    services.bank_apps.exchange_with_bank_apps()
    assert read_operator_totals(services.context).late["ask_bank_apps"] == timedelta(0)


def test_reminders_and_ends_wait_for_a_worker_that_is_away(
    services: Services, public_id: str, clock: MovableClock
) -> None:
    clock.advance(days=57)
    late = read_operator_totals(services.context).late
    assert late["expire"] == timedelta(days=1)
    assert late["remind"] == timedelta(days=57 - 14)

    services.invitations.expire_due_activations()
    late = read_operator_totals(services.context).late
    assert (late["expire"], late["remind"]) == (timedelta(0), timedelta(0))


def test_the_mail_of_a_day_is_late_from_seven_in_the_morning(services: Services, clock: MovableClock) -> None:
    services.news.choose(ANNE.accountant_id, NewsChoice.DAILY)
    clock.advance(hours=21)
    assert read_operator_totals(services.context).late["digest"] == timedelta(0)

    # Nine in the morning in Brussels.
    clock.advance(hours=2)
    assert read_operator_totals(services.context).late["digest"] == timedelta(hours=2)

    # Nothing had happened, so that no mail is due, and none is late.
    assert services.news.queue_due_digests() == 0
    assert read_operator_totals(services.context).late["digest"] == timedelta(0)


def test_rows_that_were_not_ordered_are_late_to_be_forgotten_after_a_day(
    services: Services, clock: MovableClock
) -> None:
    keep_faulty_order(services, ANNE, "a" * 24)
    clock.advance(hours=25)
    assert read_operator_totals(services.context).late["forget"] == timedelta(hours=1)

    services.bulk_orders.forget_old_rows()
    assert read_operator_totals(services.context).late["forget"] == timedelta(0)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_lateness_asks_an_index_for_its_first_entry(services: Services, database: Database) -> None:
    def ask() -> None:
        with database.read_connection() as connection:
            for oldest in OLDEST_DUE.values():
                connection.execute(oldest)

    lines = plans(database, ask)

    assert not [line for line in lines if "TEMP B-TREE" in line]
    assert all("INDEX" in line for line in lines if line.startswith(("SCAN", "SEARCH")))

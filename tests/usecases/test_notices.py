"""What the accountant is told: mails that nobody took, cards refused; never the cardholder's address."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import Database
from app.domain.bank_results import BankFaultKind, RegisterRefusal
from app.domain.history import EventType, MailKind
from app.models import Accountant, Activation, OutboxMessage
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS
from tests.usecases.test_outbox import activate, event_types


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def queued(database: Database, kind: MailKind) -> int:
    with database.read_connection() as connection:
        rows = connection.execute(select(OutboxMessage.id).where(OutboxMessage.kind == kind))
        return len(rows.all())


def address_of(database: Database) -> str | None:
    with database.read_connection() as connection:
        return connection.execute(select(Activation.address)).scalar_one()


def test_an_invitation_refused_for_good_is_told_at_once(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps, database: Database
) -> None:
    sent_mails.refuses_for_good.add(ADDRESS)
    services.outbox.deliver_due()

    (notice,) = sent_mails.mails
    assert notice["To"] == ACCOUNTANT
    assert ADDRESS not in notice.as_string()
    assert address_of(database) == ADDRESS
    assert event_types(database)[-2:] == [EventType.MAIL_DEAD, EventType.MAIL_SENT]


def test_a_second_lost_mail_of_the_round_is_no_second_notice(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    clock: MovableClock,
) -> None:
    sent_mails.refuses_for_good.add(ADDRESS)
    services.outbox.deliver_due()
    clock.advance(days=14)
    services.reminders.queue_due_reminders()
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails] == [ACCOUNTANT]


def test_a_corrected_address_is_a_new_round_with_its_own_notice(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps
) -> None:
    sent_mails.refuses_for_good |= {ADDRESS, "wrong@client.example"}
    services.outbox.deliver_due()
    services.invitations.replace_link(cardholder_steps.public_id, "test", "wrong@client.example")
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails] == [ACCOUNTANT, ACCOUNTANT]


def test_a_confirmation_refused_for_good_erases_the_address_all_the_same(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    activate(cardholder_steps, bank)
    sent_mails.refuses_for_good.add(ADDRESS)
    services.outbox.deliver_due()

    assert sent_mails.last["To"] == ACCOUNTANT
    assert str(sent_mails.last["Message-ID"]).startswith("<confirmation_undelivered.")
    assert address_of(database) is None


def test_an_accountant_who_cannot_be_reached_starts_no_chain(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps, database: Database
) -> None:
    sent_mails.refuses_for_good |= {ADDRESS, ACCOUNTANT}
    services.outbox.deliver_due()

    assert sent_mails.mails == []
    assert services.outbox.deliver_due() == 0
    assert event_types(database)[-2:] == [EventType.MAIL_DEAD, EventType.MAIL_DEAD]


def test_a_refused_card_is_told_once_and_only_if_it_stays_so(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
) -> None:
    services.outbox.deliver_due()
    cardholder_steps.accept()
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.submit()
    cardholder_steps.submit()
    services.outbox.deliver_due()
    assert len(sent_mails.mails) == 1

    clock.advance(minutes=15)
    services.outbox.deliver_due()

    assert len(sent_mails.mails) == 2
    assert sent_mails.last["To"] == ACCOUNTANT
    assert ADDRESS not in sent_mails.last.as_string()


def test_a_card_that_works_a_moment_later_is_no_problem_to_tell(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    cardholder_steps.accept()
    bank.answer = RegisterRefusal.NOT_CREDIT
    cardholder_steps.submit()
    bank.answer = None
    activate(cardholder_steps, bank)
    clock.advance(minutes=15)
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails] == [ADDRESS, ADDRESS]
    assert EventType.MAIL_DROPPED in event_types(database)
    assert queued(database, MailKind.PROBLEM) == 1


def test_a_bank_that_is_down_is_nobodys_problem(
    cardholder_steps: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    cardholder_steps.accept()
    bank.answer = BankFaultKind.UNREACHABLE
    cardholder_steps.submit()

    assert queued(database, MailKind.PROBLEM) == 0


def test_a_colleague_takes_over_from_an_accountant_who_has_left(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    database: Database,
) -> None:
    with database.transaction() as session:
        (anne,) = session.scalars(select(Accountant))
        session.add(Accountant(office_id=anne.office_id, email="bob@dupont.example", language="nl"))
        anne.disabled_at = services.clock()
    sent_mails.refuses_for_good.add(ADDRESS)
    services.outbox.deliver_due()

    assert sent_mails.last["To"] == "bob@dupont.example"
    assert sent_mails.last["Content-Language"] == "nl"
    assert cardholder_steps.activation.contact == "bob@dupont.example"

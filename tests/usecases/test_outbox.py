"""Mails: sent once each, retried when refused, dropped when overtaken; the last one erases the address."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.history import EventType, MailKind
from app.i18n import LANGUAGES
from app.mail.mail_context import AnyMailContext
from app.models import Activation, Event, OutboxMessage
from app.web.extensions import Services
from tests.support.office import ACCOUNTANT, ADDRESS, REFERENCE, order_for
from tests.support.world import FakeBank, MovableClock, MovableStopwatch, RecordingTransport
from tests.usecases.conftest import CardholderSteps

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def text_of(mailbox: RecordingTransport) -> str:
    body = mailbox.last.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def event_types(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def activate(cardholder: CardholderSteps, bank: FakeBank) -> None:
    cardholder.accept()
    cardholder.submit()
    bank.decides(SIGNED)
    cardholder.services.attempt_results.check_open_attempt(cardholder.activation)


def test_the_invitation_carries_the_link_once_delivered(
    services: Services, mailbox: RecordingTransport, cardholder: CardholderSteps
) -> None:
    assert services.outbox.deliver_due() == 1
    assert services.outbox.deliver_due() == 0

    assert mailbox.last["To"] == ADDRESS
    assert cardholder.token in text_of(mailbox)
    assert mailbox.last["Auto-Submitted"] == "auto-generated"
    assert mailbox.last["Content-Language"] == "fr"


def test_the_mail_is_the_same_text_in_html(
    services: Services, mailbox: RecordingTransport, cardholder: CardholderSteps
) -> None:
    services.outbox.deliver_due()

    html = mailbox.last.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert cardholder.token in page
    assert "6123 456 789" in page
    assert "<img" not in page
    assert "src=" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_speak_the_language_of_the_order(
    services: Services, mailbox: RecordingTransport, language: str
) -> None:
    services.orders.place_order(order_for(language=language))
    services.outbox.deliver_due()

    html = mailbox.last.get_body(("html",))
    assert html is not None
    assert f'<html lang="{language}">' in html.get_content()
    assert mailbox.last["Content-Language"] == language


def test_kbc_instructions_hold_no_link(services: Services, mailbox: RecordingTransport) -> None:
    services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186"))
    services.outbox.deliver_due()

    assert "http" not in text_of(mailbox)
    assert "KBC" in text_of(mailbox)


def test_the_confirmation_erases_the_address(
    services: Services,
    mailbox: RecordingTransport,
    cardholder: CardholderSteps,
    bank: FakeBank,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    activate(cardholder, bank)

    services.outbox.deliver_due()

    assert len(mailbox.mails) == 2
    assert "/terms/2026-12/fr" in text_of(mailbox)
    with database.read_connection() as connection:
        assert connection.execute(select(Activation.address)).scalar_one() is None
    assert event_types(database)[-2:] == [EventType.MAIL_SENT, EventType.ADDRESS_ERASED]


def test_the_erased_address_is_nowhere_in_the_database_files(
    services: Services, cardholder: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    services.outbox.deliver_due()
    activate(cardholder, bank)
    services.outbox.deliver_due()

    if database.url.get_backend_name() == "sqlite" and database.url.database:
        for suffix in ("", "-wal", "-shm"):
            with open(database.url.database + suffix, "rb") as file:  # noqa: PTH123
                assert ADDRESS.encode() not in file.read()


def test_a_refused_mail_is_tried_again_later_with_the_same_id(
    services: Services, mailbox: RecordingTransport, cardholder: CardholderSteps, clock: MovableClock
) -> None:
    mailbox.refuses = True
    assert services.outbox.deliver_due() == 1
    assert services.outbox.deliver_due() == 0
    mailbox.refuses = False
    clock.advance(minutes=1)

    assert services.outbox.deliver_due() == 1
    assert mailbox.last["Message-ID"] == f"<invitation.1.{cardholder.public_id}@example.be>"


def test_a_mail_refused_for_three_days_is_given_up(
    services: Services,
    mailbox: RecordingTransport,
    cardholder: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    activate(cardholder, bank)
    mailbox.refuses = True
    for _ in range(80):
        services.outbox.deliver_due()
        clock.advance(hours=1)

    with database.read_connection() as connection:
        dead = connection.execute(
            select(OutboxMessage.dead_at).where(OutboxMessage.kind == MailKind.CONFIRMATION)
        ).scalar_one()
        assert dead is not None
        assert connection.execute(select(Activation.address)).scalar_one() is None
    assert EventType.MAIL_DEAD in event_types(database)


def test_an_overtaken_invitation_is_dropped(
    services: Services, mailbox: RecordingTransport, public_id: str
) -> None:
    services.invitations.resend_invitation(public_id, "test")
    services.outbox.deliver_due()

    assert len(mailbox.mails) == 1


def test_a_withdrawn_request_sends_nothing(
    services: Services, mailbox: RecordingTransport, public_id: str
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    services.outbox.deliver_due()

    assert mailbox.mails == []


def test_a_corrected_address_gets_the_new_link_alone(
    services: Services, mailbox: RecordingTransport, cardholder: CardholderSteps
) -> None:
    services.invitations.replace_link(cardholder.public_id, "test", "right@client.example")
    services.outbox.deliver_due()

    (mail,) = mailbox.mails
    assert mail["To"] == "right@client.example"
    assert cardholder.token not in text_of(mailbox)


def test_the_outbox_holds_neither_address_nor_text(cardholder: CardholderSteps, database: Database) -> None:
    with database.read_connection() as connection:
        row = str(connection.execute(select(OutboxMessage.__table__)).one())
    assert ADDRESS not in row
    assert REFERENCE not in row
    assert cardholder.token not in row


def test_a_mail_that_cannot_be_written_keeps_back_no_other(
    services: Services, mailbox: RecordingTransport, database: Database
) -> None:
    bad, good = (
        services.orders.place_order(order_for(client_reference=reference)).public_id
        for reference in ("6000000011", "6000000012")
    )

    def compose(letter: AnyMailContext) -> bytes:
        if letter.public_id == bad:
            raise LookupError
        return services.outbox.compose(letter)

    outbox = replace(services.outbox, compose=compose)
    assert outbox.deliver_due() == 2

    assert [good in str(mail["Message-ID"]) for mail in mailbox.mails] == [True]
    with database.read_connection() as connection:
        tries = connection.execute(select(OutboxMessage.tries).order_by(OutboxMessage.id)).scalars().all()
    assert list(tries) == [1, 0]


def test_an_accountant_at_the_screen_does_not_wait_for_the_queue(
    services: Services, cardholder: CardholderSteps, mailbox: RecordingTransport, stopwatch: MovableStopwatch
) -> None:
    services.sign_in.request_sign_in_link(ACCOUNTANT)
    stopwatch.jump = 6
    services.outbox.deliver_due()

    assert [mail["To"] for mail in mailbox.mails] == [ACCOUNTANT]

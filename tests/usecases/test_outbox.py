"""Mails: sent once each, retried when refused, dropped when overtaken; the last one erases the address."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.history import EventType, MailKind
from app.domain.terms import NEWEST_VERSION
from app.i18n import LANGUAGES
from app.mail.mail_context import AnyMailContext
from app.mail.outbox import LEASE
from app.models import Activation, Event, OutboxMessage
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.event_lines import capture_logs
from tests.support.office import ACCOUNTANT, ADDRESS, REFERENCE, order_for

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def text_of(sent_mails: RecordingTransport) -> str:
    body = sent_mails.last.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def event_types(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def activate(cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    cardholder_steps.accept()
    cardholder_steps.submit()
    bank.decides(SIGNED)
    cardholder_steps.services.attempt_results.check_open_attempt(cardholder_steps.activation)


def test_the_invitation_carries_the_link_once_delivered(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps
) -> None:
    assert services.outbox.deliver_due() == 1
    assert services.outbox.deliver_due() == 0

    assert sent_mails.last["To"] == ADDRESS
    assert cardholder_steps.token in text_of(sent_mails)
    assert sent_mails.last["Auto-Submitted"] == "auto-generated"
    assert sent_mails.last["Content-Language"] == "fr"


def test_the_mail_is_the_same_text_in_html(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps
) -> None:
    services.outbox.deliver_due()

    html = sent_mails.last.get_body(("html",))
    assert html is not None
    page = html.get_content()
    assert cardholder_steps.token in page
    assert "6123 456 789" in page
    assert "<img" not in page
    assert "src=" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_speak_the_language_of_the_order(
    services: Services, sent_mails: RecordingTransport, language: str
) -> None:
    services.orders.place_order(order_for(language=language))
    services.outbox.deliver_due()

    html = sent_mails.last.get_body(("html",))
    assert html is not None
    assert f'<html lang="{language}">' in html.get_content()
    assert sent_mails.last["Content-Language"] == language


def test_kbc_instructions_hold_no_link(services: Services, sent_mails: RecordingTransport) -> None:
    services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186"))
    services.outbox.deliver_due()

    assert "http" not in text_of(sent_mails)
    assert "KBC" in text_of(sent_mails)


def test_the_confirmation_erases_the_address(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    activate(cardholder_steps, bank)

    services.outbox.deliver_due()

    assert len(sent_mails.mails) == 2
    assert f"/terms/{NEWEST_VERSION}/fr" in text_of(sent_mails)
    with database.read_connection() as connection:
        assert connection.execute(select(Activation.address)).scalar_one() is None
    assert event_types(database)[-2:] == [EventType.MAIL_SENT, EventType.ADDRESS_ERASED]


def test_the_erased_address_is_nowhere_in_the_database_files(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    services.outbox.deliver_due()
    activate(cardholder_steps, bank)
    services.outbox.deliver_due()

    if database.url.get_backend_name() == "sqlite" and database.url.database:
        for suffix in ("", "-wal", "-shm"):
            with open(database.url.database + suffix, "rb") as file:  # noqa: PTH123
                assert ADDRESS.encode() not in file.read()


def test_a_refused_mail_is_tried_again_later_with_the_same_id(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps, clock: MovableClock
) -> None:
    sent_mails.refuses = True
    assert services.outbox.deliver_due() == 1
    assert services.outbox.deliver_due() == 0
    sent_mails.refuses = False
    clock.advance(minutes=1)

    assert services.outbox.deliver_due() == 1
    assert sent_mails.last["Message-ID"] == f"<invitation.1.{cardholder_steps.public_id}@example.be>"


def test_a_mail_refused_for_three_days_is_given_up(
    services: Services,
    sent_mails: RecordingTransport,
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    clock: MovableClock,
    database: Database,
) -> None:
    services.outbox.deliver_due()
    activate(cardholder_steps, bank)
    sent_mails.refuses = True
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
    services: Services, sent_mails: RecordingTransport, public_id: str
) -> None:
    services.invitations.resend_invitation(public_id, "test")
    services.outbox.deliver_due()

    assert len(sent_mails.mails) == 1


def test_a_withdrawn_request_sends_nothing(
    services: Services, sent_mails: RecordingTransport, public_id: str
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    services.outbox.deliver_due()

    assert sent_mails.mails == []


def test_a_corrected_address_gets_the_new_link_alone(
    services: Services, sent_mails: RecordingTransport, cardholder_steps: CardholderSteps
) -> None:
    services.invitations.replace_link(cardholder_steps.public_id, "test", "right@client.example")
    services.outbox.deliver_due()

    (mail,) = sent_mails.mails
    assert mail["To"] == "right@client.example"
    assert cardholder_steps.token not in text_of(sent_mails)


def test_the_outbox_holds_neither_address_nor_text(
    cardholder_steps: CardholderSteps, database: Database
) -> None:
    with database.read_connection() as connection:
        row = str(connection.execute(select(OutboxMessage.__table__)).one())
    assert ADDRESS not in row
    assert REFERENCE not in row
    assert cardholder_steps.token not in row


def test_a_mail_that_cannot_be_written_keeps_back_no_other(
    services: Services, sent_mails: RecordingTransport, database: Database
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
    with capture_logs() as lines:
        assert outbox.deliver_due() == 2

    assert [{name: line[name] for name in line if name != "level"} for line in lines[:2]] == [
        {"event": "mail_not_written", "message": 1, "error": "LookupError"},
        {"event": "mail_put_off", "message": 1, "kind": "invitation", "tries": 1},
    ]
    assert [good in str(mail["Message-ID"]) for mail in sent_mails.mails] == [True]
    with database.read_connection() as connection:
        tries = connection.execute(select(OutboxMessage.tries).order_by(OutboxMessage.id)).scalars().all()
    assert list(tries) == [1, 0]


def test_a_mail_whose_facts_are_gone_keeps_back_no_other(
    services: Services, sent_mails: RecordingTransport, database: Database, clock: MovableClock
) -> None:
    services.sign_in.request_sign_in_link(ACCOUNTANT)
    with database.write_connection() as connection:
        # The link was never used, so that there is no session to speak of.
        connection.execute(update(OutboxMessage).values(kind=MailKind.NEW_BROWSER))
    services.orders.place_order(order_for())

    for lines_of_error in (1, 0, 1):
        with capture_logs() as lines:
            services.outbox.deliver_due()
        unread = [line["message"] for line in lines if line["event"] == "mail_not_read"]
        assert unread == [1] * lines_of_error
        clock.advance(seconds=LEASE.total_seconds() / 2)

    assert [mail["To"] for mail in sent_mails.mails] == [ADDRESS]


def test_an_accountant_at_the_screen_does_not_wait_for_the_queue(
    services: Services,
    cardholder_steps: CardholderSteps,
    sent_mails: RecordingTransport,
    stopwatch: MovableStopwatch,
) -> None:
    services.sign_in.request_sign_in_link(ACCOUNTANT)
    stopwatch.jump = 6
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails] == [ACCOUNTANT]


def test_a_mail_whose_worker_died_is_taken_up_after_five_minutes(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    def die(_letter: AnyMailContext) -> bytes:
        raise SystemExit

    with pytest.raises(SystemExit):
        replace(services.outbox, compose=die).deliver_due()
    clock.advance(seconds=299)
    assert services.outbox.deliver_due() == 0
    clock.advance(seconds=1)
    assert services.outbox.deliver_due() == 1

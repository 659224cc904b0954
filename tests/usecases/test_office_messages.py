"""What a cardholder in a dead end says to the office: once a day, in a line of history and a mail."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import Database
from app.domain.history import CARDHOLDER, EventType, MailKind
from app.domain.message_rules import OfficeMessage
from app.models import Event, OutboxMessage
from app.services.office_messages import OutdatedMessage
from app.tokens import InvalidToken
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS
from tests.usecases.test_link_service import snapshot
from tests.usecases.test_races import CROWD, at_once

NEW_LINK, UNEXPECTED = OfficeMessage.NEW_LINK, OfficeMessage.UNEXPECTED


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def value(holder: CardholderSteps, message: OfficeMessage) -> str:
    """Return what a button of a page that is opened now sends."""
    activation = holder.services.links.open_link(holder.token)
    return holder.services.office_messages.sign_messages(activation, [message])[message]


def lines(database: Database) -> list[tuple[str, str | None]]:
    """Return who said what, in the order of the history."""
    query = select(Event.actor, Event.detail).where(Event.event_type == EventType.OFFICE_MESSAGE)
    with database.read_connection() as connection:
        return [(row.actor, row.detail) for row in connection.execute(query.order_by(Event.id))]


def mails(database: Database) -> list[MailKind]:
    kinds = (MailKind.NEW_LINK_WANTED, MailKind.REQUEST_UNEXPECTED)
    query = select(OutboxMessage.kind).where(OutboxMessage.kind.in_(kinds)).order_by(OutboxMessage.id)
    with database.read_connection() as connection:
        return list(connection.execute(query).scalars())


def test_a_message_is_a_line_and_a_mail(cardholder_steps: CardholderSteps, database: Database) -> None:
    assert cardholder_steps.services.office_messages.send_message(value(cardholder_steps, NEW_LINK))

    assert lines(database) == [(CARDHOLDER, NEW_LINK)]
    assert mails(database) == [MailKind.NEW_LINK_WANTED]


def test_the_office_gets_the_mail_and_the_cardholder_nothing(
    cardholder_steps: CardholderSteps, services: Services, sent_mails: RecordingTransport
) -> None:
    services.outbox.deliver_due()
    before = len(sent_mails.mails)
    for message in OfficeMessage:
        services.office_messages.send_message(value(cardholder_steps, message))
    services.outbox.deliver_due()

    assert [mail["To"] for mail in sent_mails.mails[before:]] == [ACCOUNTANT] * 2
    assert not any(ADDRESS in mail.as_string() for mail in sent_mails.mails[before:])


@pytest.mark.parametrize("meanwhile", ["resend_invitation", "replace_link", "cancel_activation"])
@pytest.mark.parametrize("message", OfficeMessage)
def test_the_office_reads_a_message_however_late_unless_no_link_is_of_use_any_more(
    cardholder_steps: CardholderSteps,
    services: Services,
    sent_mails: RecordingTransport,
    message: OfficeMessage,
    meanwhile: str,
) -> None:
    services.office_messages.send_message(value(cardholder_steps, message))
    getattr(services.invitations, meanwhile)(cardholder_steps.public_id, "test")
    services.outbox.deliver_due()

    is_read = ACCOUNTANT in [mail["To"] for mail in sent_mails.mails]
    assert is_read is ((message, meanwhile) != (NEW_LINK, "cancel_activation"))


def test_a_second_press_within_a_day_does_nothing(
    cardholder_steps: CardholderSteps, services: Services, clock: MovableClock, database: Database
) -> None:
    sent_at = clock()
    assert services.office_messages.send_message(value(cardholder_steps, NEW_LINK))
    clock.advance(hours=23, minutes=59, seconds=59)
    before = snapshot(database)
    again = value(cardholder_steps, NEW_LINK)

    assert not services.office_messages.send_message(again)
    assert snapshot(database) == before
    receipt = services.office_messages.read_receipt(again)
    assert (receipt.sent_at, receipt.opens_at) == (sent_at, sent_at + timedelta(hours=24))


def test_after_a_day_it_is_sent_again(
    cardholder_steps: CardholderSteps, services: Services, clock: MovableClock, database: Database
) -> None:
    services.office_messages.send_message(value(cardholder_steps, NEW_LINK))
    clock.advance(hours=24)

    assert services.office_messages.send_message(value(cardholder_steps, NEW_LINK))
    assert mails(database) == [MailKind.NEW_LINK_WANTED] * 2


@pytest.mark.parametrize(("first", "second"), [(NEW_LINK, UNEXPECTED), (UNEXPECTED, NEW_LINK)])
def test_neither_message_holds_the_other_back(
    cardholder_steps: CardholderSteps, services: Services, first: OfficeMessage, second: OfficeMessage
) -> None:
    assert services.office_messages.send_message(value(cardholder_steps, first))
    assert services.office_messages.send_message(value(cardholder_steps, second))


def test_a_new_generation_may_say_it_again_at_once(
    cardholder_steps: CardholderSteps, services: Services, database: Database
) -> None:
    services.office_messages.send_message(value(cardholder_steps, UNEXPECTED))
    services.invitations.replace_link(cardholder_steps.public_id, "test")
    newcomer = CardholderSteps(services, services.invitations.copy_link(cardholder_steps.public_id, "test"))

    assert services.office_messages.send_message(value(newcomer, UNEXPECTED))
    assert lines(database) == [(CARDHOLDER, UNEXPECTED)] * 2


def test_a_resend_is_the_same_generation(cardholder_steps: CardholderSteps, services: Services) -> None:
    services.office_messages.send_message(value(cardholder_steps, NEW_LINK))
    services.invitations.resend_invitation(cardholder_steps.public_id, "test")

    assert not services.office_messages.send_message(value(cardholder_steps, NEW_LINK))


def test_presses_at_once_are_one_message(cardholder_steps: CardholderSteps, database: Database) -> None:
    send = cardholder_steps.services.office_messages.send_message
    presses = [partial(send, value(cardholder_steps, message)) for message in OfficeMessage] * (CROWD // 2)

    outcomes = at_once(*presses)

    assert sorted(outcomes, key=bool) == [False] * (CROWD - 2) + [True] * 2
    assert sorted(lines(database)) == [(CARDHOLDER, message) for message in sorted(OfficeMessage)]
    assert sorted(mails(database)) == [MailKind.NEW_LINK_WANTED, MailKind.REQUEST_UNEXPECTED]


def test_a_value_lives_one_hour(
    cardholder_steps: CardholderSteps, services: Services, clock: MovableClock, database: Database
) -> None:
    shown = value(cardholder_steps, NEW_LINK)
    clock.advance(minutes=59, seconds=59)
    assert services.office_messages.send_message(shown)
    clock.advance(seconds=1)
    before = snapshot(database)

    for act in (services.office_messages.send_message, services.office_messages.read_receipt):
        with pytest.raises(OutdatedMessage):
            act(shown)
    assert snapshot(database) == before


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("replace_link", NEW_LINK),
        ("replace_link", UNEXPECTED),
        ("cancel_activation", NEW_LINK),
    ],
)
def test_what_the_office_has_settled_meanwhile_is_out_of_date(
    cardholder_steps: CardholderSteps,
    services: Services,
    database: Database,
    action: str,
    message: OfficeMessage,
) -> None:
    shown = value(cardholder_steps, message)
    getattr(services.invitations, action)(cardholder_steps.public_id, "test")
    before = snapshot(database)

    with pytest.raises(OutdatedMessage):
        services.office_messages.send_message(shown)
    assert snapshot(database) == before


def test_a_cancelled_request_may_still_be_called_unexpected(
    cardholder_steps: CardholderSteps, services: Services
) -> None:
    shown = value(cardholder_steps, UNEXPECTED)
    services.invitations.cancel_activation(cardholder_steps.public_id, "test")

    assert services.office_messages.send_message(shown)


def test_an_expired_link_asks_for_another_before_and_after_the_worker_marks_it(
    cardholder_steps: CardholderSteps, services: Services, clock: MovableClock, sent_mails: RecordingTransport
) -> None:
    activation = services.links.open_link(cardholder_steps.token)
    clock.advance(days=56)
    marks: tuple[Callable[[], object], ...] = (clock, services.invitations.expire_due_activations)
    for mark in marks:
        clock.advance(days=1)
        mark()
        shown = services.office_messages.sign_messages(activation, [NEW_LINK])[NEW_LINK]
        assert services.office_messages.send_message(shown)
        services.outbox.deliver_due()

    names = [str(mail["Message-ID"]).partition(f".{activation.public_id}")[0] for mail in sent_mails.mails]
    assert names == ["<new_link_wanted.1", "<new_link_wanted.2"]


Spoil = Callable[[CardholderSteps], str]
GARBLED: dict[str, Spoil] = {
    "nothing": lambda holder: "",
    "nonsense": lambda holder: "nonsense",
    "one letter more": lambda holder: value(holder, NEW_LINK) + "x",
    "the link itself": lambda holder: holder.token,
    "the cookie of the link": lambda holder: holder.cookie,
    "without end": lambda holder: "x" * 5_000,
}


@pytest.mark.parametrize("spoil", GARBLED.values(), ids=GARBLED)
def test_what_we_have_not_signed_for_this_sends_nothing(
    cardholder_steps: CardholderSteps, services: Services, database: Database, spoil: Spoil
) -> None:
    garbled, before = spoil(cardholder_steps), snapshot(database)

    with pytest.raises(InvalidToken):
        services.office_messages.send_message(garbled)
    assert snapshot(database) == before


def test_a_message_opens_no_link(cardholder_steps: CardholderSteps, services: Services) -> None:
    shown = value(cardholder_steps, NEW_LINK)

    for read in (services.context.tokens.read_link_token, services.context.tokens.read_link_cookie):
        with pytest.raises(InvalidToken):
            read(shown)

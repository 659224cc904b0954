"""Following a dossier: what its accountant is told of each request, and what of another office's: nothing."""

import pytest
from flask import Flask

from app.db import Database
from app.domain.bank_results import (
    AppDecision,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.identifiers import mask_address
from app.domain.order_rules import ActionRefused
from app.domain.states import StatusLabel
from app.models import Office
from app.queries.activation_detail import ActivationDetail
from app.queries.dossier_detail import read_dossier
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import START, FakeBank, FakeBankApp, MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS, order_for

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
ACME, OLD = 1, 2


def follow(services: Services, public_id: str) -> ActivationDetail:
    dossier = read_dossier(services.context, services.orders.find_dossier_id(public_id))
    assert dossier is not None
    return next(one for one in dossier.requests if one.public_id == public_id)


def reminder(services: Services, public_id: str) -> tuple[MailKind, str] | None:
    found = follow(services, public_id).reminder
    return None if found is None else (found.kind, f"{found.at:%d/%m}")


def deliver(app: Flask, services: Services) -> None:
    with app.app_context():
        services.outbox.deliver_due()


def test_a_dossier_names_its_code_its_client_and_the_banks_to_order_at(services: Services) -> None:
    acme, old = read_dossier(services.context, ACME), read_dossier(services.context, OLD)

    assert acme is not None
    assert old is not None
    assert (acme.code, acme.name) == ("ACME", "Acme SA")
    assert [bank.name for bank in acme.banks] == ["Argenta", "Belfius", "Fintro", "KBC"]
    assert old.banks == ()


def test_requests_stand_newest_first_each_with_its_own_history(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    cardholder_steps.submit()
    newer = services.orders.place_order(order_for(client_reference="7000000000")).public_id

    dossier = read_dossier(services.context, ACME)

    assert dossier is not None
    assert [one.public_id for one in dossier.requests] == [newer, cardholder_steps.public_id]
    assert [len(one.attempts) for one in dossier.requests] == [0, 1]
    assert [line.event_type for line in dossier.requests[0].history] == [EventType.ORDERED]


def test_what_is_another_offices_cannot_be_read(
    services: Services, database: Database, public_id: str
) -> None:
    with database.transaction() as session:
        other = Office(name="Bureau Martin")
        session.add(other)
        session.flush()
        strangers = services.for_office(other.id)

    assert read_dossier(strangers.context, ACME) is None
    with pytest.raises(ActionRefused):
        strangers.orders.find_dossier_id(public_id)
    assert services.orders.find_dossier_id(public_id) == ACME


def test_a_dossier_that_does_not_exist_cannot_be_read(services: Services) -> None:
    assert read_dossier(services.context, 4711) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("titulaire@client.example", "t•••@client.example"),
        ("x@xn--bcher-kva.example", "x•••@bücher.example"),
    ],
)
def test_an_address_is_shown_masked(address: str, shown: str) -> None:
    assert mask_address(address) == shown


def test_the_address_itself_leaves_the_use_case_nowhere(services: Services, public_id: str) -> None:
    found = follow(services, public_id)

    assert found.address == "t•••@client.example"
    assert ADDRESS not in repr(found)


def test_an_erased_address_is_no_address(services: Services, public_id: str) -> None:
    services.invitations.cancel_activation(public_id, "anne")

    assert follow(services, public_id).address is None


def test_each_reminder_is_announced_until_none_is_left(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    announced = []
    for _ in range(4):
        announced.append(reminder(services, public_id))
        clock.advance(days=14)
        services.reminders.queue_due_reminders()

    assert announced == [
        (MailKind.FIRST_REMINDER, "07/12"),
        (MailKind.SECOND_REMINDER, "21/12"),
        (MailKind.THIRD_REMINDER, "04/01"),
        None,
    ]


def test_whoever_refused_in_the_banks_app_is_not_reminded(services: Services, bank_app: FakeBankApp) -> None:
    public_id = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id
    assert reminder(services, public_id) is not None
    bank_app.decides(public_id, AppDecision.REFUSED)

    services.bank_apps.exchange_with_bank_apps()

    found = follow(services, public_id)
    assert found.reminder is None
    assert found.refused_at == START
    assert not found.has_link


def test_an_invitation_reads_as_expired_before_the_worker_has_marked_it(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    clock.advance(days=56)

    found = follow(services, public_id)

    assert (found.label, found.label_since, found.is_open) == (StatusLabel.EXPIRED, found.expires_at, False)


def test_an_attempt_tells_card_language_and_failure_and_no_more(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    cardholder_steps.submit()

    (tried,) = follow(services, cardholder_steps.public_id).attempts

    assert (tried.brand, tried.last_four, tried.language) == ("Visa", "6391", "fr")
    assert (tried.outcome, tried.failure, tried.counted) == (AttemptOutcome.FAILED, Failure.WRONG_CARD, True)


def test_five_refusals_close_the_card_page_until_a_day_has_passed_or_a_resend(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    closed = []
    for _ in range(5):
        closed.append(follow(services, cardholder_steps.public_id).card_page_opens_at)
        cardholder_steps.submit()
        clock.advance(minutes=1)
    assert closed == [None] * 5
    opens_at = services.card_attempts.card_page_opens_at(cardholder_steps.activation)
    assert follow(services, cardholder_steps.public_id).card_page_opens_at == opens_at

    let_mails_leave(services)
    services.invitations.resend_invitation(cardholder_steps.public_id, "anne")

    assert follow(services, cardholder_steps.public_id).card_page_opens_at is None


def test_a_day_later_the_card_page_is_told_to_be_open(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    for _ in range(5):
        cardholder_steps.submit()

    clock.advance(hours=24)

    assert follow(services, cardholder_steps.public_id).card_page_opens_at is None


def test_the_history_names_colleagues_by_their_addresses(services: Services, public_id: str) -> None:
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "accountant 1")
    services.invitations.copy_link(public_id, "accountant 99")

    lines = follow(services, public_id).history

    assert [(line.event_type, line.accountant) for line in lines] == [
        (EventType.ORDERED, None),
        (EventType.RESENT, ACCOUNTANT),
        (EventType.LINK_COPIED, None),
    ]


def test_the_last_mail_that_left_is_told(
    app: Flask, services: Services, clock: MovableClock, public_id: str
) -> None:
    assert follow(services, public_id).last_mail is None
    deliver(app, services)
    clock.advance(days=14)
    services.reminders.queue_due_reminders()
    deliver(app, services)

    last = follow(services, public_id).last_mail

    assert last is not None
    assert (last.mail_kind, last.at) == (MailKind.FIRST_REMINDER, clock())


def test_a_lost_mail_is_told_until_the_next_invitation(
    app: Flask,
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    public_id: str,
) -> None:
    sent_mails.refuses_for_good.add(ADDRESS)
    deliver(app, services)
    lost = follow(services, public_id).lost_mail
    assert lost is not None
    assert lost.mail_kind is MailKind.INVITATION

    clock.advance(hours=1)
    services.invitations.replace_link(public_id, "anne", "right@client.example")

    assert follow(services, public_id).lost_mail is None


def test_three_mails_within_a_day_tell_when_the_next_may_go(
    services: Services, clock: MovableClock, public_id: str
) -> None:
    room = []
    for _ in range(3):
        room.append(follow(services, public_id).invitations.can_send_again_at)
        let_mails_leave(services)
        services.invitations.resend_invitation(public_id, "anne")
        clock.advance(hours=1)

    assert room == [None] * 3
    let_mails_leave(services)
    opens_at = follow(services, public_id).invitations.can_send_again_at
    assert opens_at is not None
    assert (opens_at - START).days == 1


def test_an_active_service_tells_its_first_statement(
    services: Services, cardholder_steps: CardholderSteps, bank: FakeBank
) -> None:
    cardholder_steps.accept()
    cardholder_steps.submit()
    bank.decides(SIGNED)
    services.attempt_results.check_open_attempt(cardholder_steps.activation)

    found = follow(services, cardholder_steps.public_id)

    assert found.label is StatusLabel.ACTIVE
    assert f"{found.first_statement:%Y-%m-%d}" == "2026-12-01"

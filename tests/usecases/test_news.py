"""What accountants are told of: as each has chosen, once, and for a time that includes its beginning."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.db import Database
from app.domain.history import MailKind
from app.domain.news_rules import NewsChoice, last_digest_at
from app.models import Accountant, Office, OutboxMessage
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS, REFERENCE
from tests.support.ordering import add_colleague
from tests.usecases import test_outbox

LEA = "lea@dupont.example"


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def mailbox(services: Services, sent_mails: RecordingTransport) -> "Mailbox":
    return Mailbox(services, sent_mails)


class Mailbox:
    """What leaves for accountants."""

    def __init__(self, services: Services, transport: RecordingTransport) -> None:
        self.services, self.transport = services, transport

    def arrived(self) -> list[tuple[str, str]]:
        """Let everything leave; return to whom, and the beginning of each subject."""
        self.services.outbox.deliver_due()
        mails = [mail for mail in self.transport.mails if mail["To"] != ADDRESS]
        self.transport.mails.clear()
        return [(str(mail["To"]), str(mail["Subject"])[:10]) for mail in mails]


@pytest.fixture
def activate(cardholder_steps: CardholderSteps, bank: FakeBank) -> Callable[[], None]:
    """The cardholder activates."""
    return lambda: test_outbox.activate(cardholder_steps, bank)


def choose(services: Services, choice: NewsChoice, accountant_id: int = 1) -> None:
    services.news.choose(accountant_id, choice)


def tell_all(database: Database) -> None:
    with database.write_connection() as connection:
        connection.execute(update(Office).values(news_for_all=True))


@pytest.mark.parametrize("choice", NewsChoice)
def test_an_activation_is_told_to_who_wants_each(
    services: Services, mailbox: Mailbox, activate: Callable[[], None], choice: NewsChoice
) -> None:
    choose(services, choice)
    activate()

    assert mailbox.arrived() == ([(ACCOUNTANT, "CARO actif")] if choice is NewsChoice.EACH else [])


def test_an_expiry_is_told_once(
    services: Services, mailbox: Mailbox, cardholder_steps: CardholderSteps, clock: MovableClock
) -> None:
    choose(services, NewsChoice.EACH)
    clock.advance(days=60)
    for _ in range(2):
        services.invitations.expire_due_activations()

    assert mailbox.arrived() == [(ACCOUNTANT, "Invitation")]
    assert mailbox.arrived() == []


def test_everybody_is_told_where_the_office_wants_it(
    services: Services, mailbox: Mailbox, activate: Callable[[], None], database: Database
) -> None:
    add_colleague(database, LEA)
    for person in (1, 2):
        choose(services, NewsChoice.EACH, person)
    tell_all(database)
    activate()

    assert sorted(mailbox.arrived()) == [(ACCOUNTANT, "CARO actif"), (LEA, "CARO actif")]


def test_what_could_not_be_delivered_is_told_to_who_wants_nothing(
    services: Services, mailbox: Mailbox, cardholder_steps: CardholderSteps, sent_mails: RecordingTransport
) -> None:
    choose(services, NewsChoice.NONE)
    sent_mails.refuses_for_good.add(ADDRESS)

    assert mailbox.arrived() == [(ACCOUNTANT, "Invitation")]


@pytest.mark.parametrize(
    "change", [{"news": NewsChoice.NONE}, {"disabled_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_what_nobody_wants_any_more_does_not_leave(
    services: Services,
    mailbox: Mailbox,
    activate: Callable[[], None],
    database: Database,
    change: dict[str, object],
) -> None:
    choose(services, NewsChoice.EACH)
    activate()
    with database.write_connection() as connection:
        connection.execute(update(Accountant).values(change))

    assert mailbox.arrived() == []


def test_one_mail_a_day_tells_what_happened_with_a_link_to_each(
    services: Services,
    mailbox: Mailbox,
    activate: Callable[[], None],
    sent_mails: RecordingTransport,
    clock: MovableClock,
    public_id: str,
) -> None:
    choose(services, NewsChoice.DAILY)
    activate()
    services.outbox.deliver_due()
    sent_mails.mails.clear()
    assert services.news.queue_due_digests() == 0
    clock.advance(days=1)

    assert [services.news.queue_due_digests() for _ in range(3)] == [1, 0, 0]
    services.outbox.deliver_due()
    (mail,) = sent_mails.mails
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert f"/portal/requests/{public_id}" in text
    assert REFERENCE[:4] in text.replace("\xa0", "")
    assert ADDRESS not in mail.as_string()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/portal/news/" in mail["List-Unsubscribe"]


def test_a_day_without_news_has_no_mail_and_a_late_one_is_one(
    services: Services, mailbox: Mailbox, activate: Callable[[], None], clock: MovableClock
) -> None:
    choose(services, NewsChoice.DAILY)
    clock.advance(days=1)
    assert services.news.queue_due_digests() == 0
    activate()
    clock.advance(days=3)

    assert services.news.queue_due_digests() == 1
    assert [to for to, _ in mailbox.arrived()] == [ACCOUNTANT]
    clock.advance(days=1)
    assert services.news.queue_due_digests() == 0


def test_the_time_of_a_mail_includes_its_beginning_and_not_its_end(
    services: Services, activate: Callable[[], None], database: Database, clock: MovableClock
) -> None:
    choose(services, NewsChoice.DAILY)
    activate()
    assert services.news.queue_digests_now() == 0
    clock.advance(seconds=1)
    assert services.news.queue_digests_now() == 1
    with database.read_connection() as connection:
        covered = select(OutboxMessage.covers_from, OutboxMessage.covers_until)
        rows = connection.execute(covered.where(OutboxMessage.kind == MailKind.DIGEST)).all()
    assert [(row.covers_until - row.covers_from).total_seconds() for row in rows] == [1]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24T05:59:59", "2026-11-23T06:00:00"),
        ("2026-11-24T06:00:00", "2026-11-24T06:00:00"),
        # Clocks go forward on 28 March 2027 and back on 31 October.
        ("2027-03-28T04:59:59", "2027-03-27T06:00:00"),
        ("2027-03-28T05:00:00", "2027-03-28T05:00:00"),
        ("2027-10-31T05:59:59", "2027-10-30T05:00:00"),
        ("2027-10-31T06:00:00", "2027-10-31T06:00:00"),
    ],
)
def test_it_is_seven_in_brussels_whatever_its_clocks_do(now: str, due: str) -> None:
    at = datetime.fromisoformat(f"{now}+00:00")
    assert last_digest_at(at) == datetime.fromisoformat(f"{due}+00:00")

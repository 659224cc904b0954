"""Coming into the portal and leaving it: who gets a link, what it opens, and what ends that."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import OutboxMessage, PortalSession, SignInLink
from app.services.sign_in import InvalidEmailAddress, UnknownAccountant, Visits
from app.web.extensions import Services
from tests.bench.statements import StatementTally, counted
from tests.support.office import ACCOUNTANT
from tests.support.world import MovableClock, RecordingTransport
from tests.usecases.test_races import at_once, total

STRANGER = "nobody@elsewhere.example"


@pytest.fixture
def visits(services: Services) -> Visits:
    return services.visits


@pytest.fixture
def delivered(app: Flask, services: Services, mailbox: RecordingTransport) -> Iterator[RecordingTransport]:
    """The mailbox, after everything that is asked for within the test was delivered by `deliver`."""
    with app.app_context():
        yield mailbox


def token(visits: Visits) -> str:
    link = visits.create_sign_in_link(ACCOUNTANT)
    assert link is not None
    return link.rpartition("/")[2]


def secret(visits: Visits) -> str:
    opened = visits.claim_sign_in_link(token(visits))
    assert opened is not None
    return opened


def mailed_token(mailbox: RecordingTransport) -> str:
    body = mailbox.last.get_body(("plain",))
    assert body is not None
    (link,) = [word for word in body.get_content().split() if "/portal/sign-in/" in word]
    return str(link).rpartition("/")[2]


def writes(tally: StatementTally) -> list[str]:
    return [statement for statement in tally.statements if not statement.startswith("SELECT")]


def open_sessions(database: Database) -> int:
    query = select(func.count()).select_from(PortalSession).where(PortalSession.ended_at.is_(None))
    with database.read_connection() as connection:
        return connection.execute(query).scalar_one()


def test_the_mailed_link_opens_a_session(
    visits: Visits, services: Services, delivered: RecordingTransport
) -> None:
    visits.request_sign_in_link(ACCOUNTANT)
    services.outbox.deliver_due()

    opened = visits.claim_sign_in_link(mailed_token(delivered))
    assert opened is not None
    visitor = visits.find_session(opened)
    assert visitor is not None
    assert (visitor.email, visitor.office) == (ACCOUNTANT, "Bureau Dupont")
    assert delivered.last["To"] == ACCOUNTANT


@pytest.mark.parametrize("typed", [" Anne@Dupont.Example ", "ANNE@DUPONT.EXAMPLE", "anne@dupont.example\n"])
def test_an_address_may_be_typed_in_any_case(visits: Visits, database: Database, typed: str) -> None:
    visits.request_sign_in_link(typed)

    assert total(database, OutboxMessage) == 1


@pytest.mark.parametrize(
    "typed",
    [
        *("", "anne", "anne@", "@dupont.example", "a@b@c.example", "anne@dupont.example,x@y.example"),
        *("anne@dupont.example\r\nBcc: x@y.example", "anne@dupont.example\0", "a" * 300 + "@dupont.example"),
    ],
)
def test_what_is_no_address_is_refused(visits: Visits, database: Database, typed: str) -> None:
    with pytest.raises(InvalidEmailAddress) as refused:
        visits.request_sign_in_link(typed)

    assert str(refused.value) == ""
    assert total(database, SignInLink) == 0
    assert visits.create_sign_in_link(typed) is None


def test_an_unknown_or_disabled_address_costs_the_same_statements(visits: Visits, database: Database) -> None:
    tallies = []
    for asked, disabled in ((ACCOUNTANT, False), (STRANGER, False), (ACCOUNTANT, True)):
        if disabled:
            visits.disable_accountant(ACCOUNTANT)
        with counted(visits.database) as tally:
            visits.request_sign_in_link(asked)
        tallies.append((set(tally.statements), len(tally.statements), tally.transactions))

    assert len(tallies[0][0]) > 1
    assert tallies == [tallies[0]] * 3
    assert (total(database, SignInLink), total(database, OutboxMessage)) == (1, 1)


def test_one_accountant_gets_five_mails_an_hour(
    visits: Visits, database: Database, clock: MovableClock
) -> None:
    for _ in range(20):
        visits.request_sign_in_link(ACCOUNTANT)
    assert total(database, OutboxMessage) == 5

    clock.advance(minutes=61)
    visits.request_sign_in_link(ACCOUNTANT)
    assert total(database, OutboxMessage) == 6


def test_asking_twenty_times_at_once_is_counted_as_well(visits: Visits, database: Database) -> None:
    at_once(*[lambda: visits.request_sign_in_link(ACCOUNTANT)] * 20)

    assert total(database, OutboxMessage) == 5


def test_what_the_operator_prints_takes_no_mail_away(visits: Visits, database: Database) -> None:
    for _ in range(6):
        token(visits)
    visits.request_sign_in_link(ACCOUNTANT)

    assert total(database, OutboxMessage) == 1


def test_no_link_and_no_secret_rests_in_the_database(visits: Visits, database: Database) -> None:
    shown = token(visits)
    opened = visits.claim_sign_in_link(shown)
    assert opened is not None

    with database.read_connection() as connection:
        rows = str([connection.execute(select(table)).all() for table in (SignInLink, PortalSession)])
    assert shown not in rows
    assert opened not in rows


def test_looking_at_a_link_does_not_use_it(visits: Visits) -> None:
    shown = token(visits)

    with counted(visits.database) as tally:
        assert all(visits.find_open(shown) == shown for _ in range(5))
    assert writes(tally) == []
    assert visits.claim_sign_in_link(shown) is not None


def test_a_link_works_once(visits: Visits, database: Database) -> None:
    shown = token(visits)

    assert visits.claim_sign_in_link(shown) is not None
    assert visits.find_open(shown) is None
    assert visits.claim_sign_in_link(shown) is None
    assert total(database, PortalSession) == 1


def test_two_claims_at_once_open_one_session(visits: Visits, database: Database) -> None:
    shown = token(visits)

    opened = at_once(*[lambda: visits.claim_sign_in_link(shown)] * 8)
    assert sum(one is not None for one in opened) == 1
    assert total(database, PortalSession) == 1


def test_a_link_lives_fifteen_minutes(visits: Visits, clock: MovableClock) -> None:
    early, late = token(visits), token(visits)

    clock.advance(minutes=14, seconds=59)
    assert visits.claim_sign_in_link(early) is not None
    clock.advance(seconds=1)
    assert visits.find_open(late) is None
    assert visits.claim_sign_in_link(late) is None


def test_a_mail_that_comes_too_late_is_not_sent(
    visits: Visits, services: Services, delivered: RecordingTransport, clock: MovableClock
) -> None:
    visits.request_sign_in_link(ACCOUNTANT)
    clock.advance(minutes=15)
    services.outbox.deliver_due()

    assert delivered.mails == []


@pytest.mark.parametrize(
    "change", [lambda t: "", lambda t: t[:-3], lambda t: t + "x", lambda t: "é", str.upper]
)
def test_a_forged_link_opens_nothing(
    visits: Visits, change: Callable[[str], str], database: Database
) -> None:
    forged = change(token(visits))

    assert visits.find_open(forged) is None
    assert visits.claim_sign_in_link(forged) is None
    assert total(database, PortalSession) == 0


def test_a_session_ends_after_half_an_hour_of_rest(visits: Visits, clock: MovableClock) -> None:
    opened = secret(visits)
    for _ in range(4):
        clock.advance(minutes=29)
        assert visits.find_session(opened) is not None

    clock.advance(minutes=30)
    assert visits.find_session(opened) is None


def test_a_session_ends_after_twelve_hours_whatever_happens(visits: Visits, clock: MovableClock) -> None:
    opened, begun = secret(visits), clock()
    while clock() - begun < timedelta(hours=11, minutes=40):
        assert visits.find_session(opened) is not None
        clock.advance(minutes=20)

    assert visits.find_session(opened) is not None
    clock.advance(minutes=20)
    assert visits.find_session(opened) is None


def test_reading_a_page_rarely_writes(visits: Visits, clock: MovableClock) -> None:
    opened = secret(visits)
    with counted(visits.database) as tally:
        for _ in range(59):
            clock.advance(seconds=1)
            visits.find_session(opened)

    assert writes(tally) == []
    clock.advance(seconds=1)
    with counted(visits.database) as tally:
        visits.find_session(opened)
    assert len(writes(tally)) == 1


def test_signing_out_ends_one_session(visits: Visits) -> None:
    here, elsewhere = secret(visits), secret(visits)
    visitor = visits.find_session(here)
    assert visitor is not None
    visits.end_session(visitor)

    assert visits.find_session(here) is None
    assert visits.find_session(elsewhere) is not None


def test_disabling_ends_every_session_for_good(visits: Visits, database: Database) -> None:
    opened, unused = [secret(visits), secret(visits)], token(visits)
    visits.disable_accountant(ACCOUNTANT)

    assert [visits.find_session(one) for one in opened] == [None, None]
    assert open_sessions(database) == 0
    assert visits.find_open(unused) is None
    assert visits.claim_sign_in_link(unused) is None
    assert visits.create_sign_in_link(ACCOUNTANT) is None
    visits.enable_accountant(ACCOUNTANT)
    assert [visits.find_session(one) for one in opened] == [None, None]
    assert visits.find_session(secret(visits)) is not None


def test_the_operator_sees_who_is_disabled(visits: Visits, clock: MovableClock) -> None:
    (before,) = visits.list_accountants()
    visits.disable_accountant(f" {ACCOUNTANT.upper()} ")
    (after,) = visits.list_accountants()

    assert (before.email, before.office, before.disabled_at) == (ACCOUNTANT, "Bureau Dupont", None)
    assert after.disabled_at == clock()


def test_nobody_is_not_disabled(visits: Visits) -> None:
    for deed in (visits.disable_accountant, visits.enable_accountant):
        with pytest.raises(UnknownAccountant):
            deed(STRANGER)

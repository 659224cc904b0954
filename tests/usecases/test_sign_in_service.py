"""Coming into the portal and leaving it: who gets a link, what it opens, and what ends that."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.db import Database
from app.models import OutboxMessage, PortalSession, SignInLink
from app.services.sign_in import InvalidEmailAddress, SignInService, UnknownAccountant
from app.web.extensions import Services
from tests.bench.statement_tally import StatementTally, counted
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT
from tests.usecases.test_races import at_once, total

STRANGER, OWNER = "nobody@elsewhere.example", "192.0.2.1"


@pytest.fixture
def sign_in(services: Services) -> SignInService:
    return services.sign_in


@pytest.fixture
def delivered(app: Flask, services: Services, sent_mails: RecordingTransport) -> Iterator[RecordingTransport]:
    """The mailbox, after everything that is asked for within the test was delivered by `deliver`."""
    with app.app_context():
        yield sent_mails


def token(sign_in: SignInService) -> str:
    link = sign_in.create_sign_in_link(ACCOUNTANT)
    assert link is not None
    return link.rpartition("/")[2]


def secret(sign_in: SignInService) -> str:
    opened = sign_in.claim_sign_in_link(token(sign_in))
    assert opened is not None
    return opened.secret


def mailed_token(sent_mails: RecordingTransport) -> str:
    body = sent_mails.last.get_body(("plain",))
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
    sign_in: SignInService, services: Services, delivered: RecordingTransport
) -> None:
    sign_in.request_sign_in_link(ACCOUNTANT)
    services.outbox.deliver_due()

    opened = sign_in.claim_sign_in_link(mailed_token(delivered))
    assert opened is not None
    visitor = sign_in.find_session(opened.secret)
    assert visitor is not None
    assert (visitor.email, visitor.office) == (ACCOUNTANT, "Bureau Dupont")
    assert delivered.last["To"] == ACCOUNTANT


@pytest.mark.parametrize("typed", [" Anne@Dupont.Example ", "ANNE@DUPONT.EXAMPLE", "anne@dupont.example\n"])
def test_an_address_may_be_typed_in_any_case(sign_in: SignInService, database: Database, typed: str) -> None:
    sign_in.request_sign_in_link(typed)

    assert total(database, OutboxMessage) == 1


@pytest.mark.parametrize(
    "typed",
    [
        *("", "anne", "anne@", "@dupont.example", "a@b@c.example", "anne@dupont.example,x@y.example"),
        *("anne@dupont.example\r\nBcc: x@y.example", "zoé@dupont.example", "a" * 300 + "@dupont.example"),
    ],
)
def test_what_is_no_address_is_refused(sign_in: SignInService, database: Database, typed: str) -> None:
    with pytest.raises(InvalidEmailAddress) as refused:
        sign_in.request_sign_in_link(typed)

    assert str(refused.value) == ""
    assert total(database, SignInLink) == 0
    assert sign_in.create_sign_in_link(typed) is None


def test_an_unknown_or_disabled_address_costs_the_same_statements(
    sign_in: SignInService, database: Database
) -> None:
    tallies = []
    for asked, disabled in ((ACCOUNTANT, False), (STRANGER, False), (ACCOUNTANT, True)):
        if disabled:
            sign_in.disable_accountant(ACCOUNTANT)
        with counted(sign_in.context.database) as tally:
            sign_in.request_sign_in_link(asked)
        tallies.append((set(tally.statements), len(tally.statements), tally.transactions))

    assert len(tallies[0][0]) > 1
    assert tallies == [tallies[0]] * 3
    assert (total(database, SignInLink), total(database, OutboxMessage)) == (1, 1)


def test_one_network_has_a_mail_every_three_minutes_and_five_an_hour(
    sign_in: SignInService, services: Services, delivered: RecordingTransport, clock: MovableClock
) -> None:
    for _ in range(30):
        sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
        services.outbox.deliver_due()
        clock.advance(minutes=1)
    assert len(delivered.mails) == 5

    clock.advance(minutes=30)
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    services.outbox.deliver_due()
    assert len(delivered.mails) == 6


def test_a_young_link_is_sent_again_as_a_mail_of_its_own(
    sign_in: SignInService, services: Services, delivered: RecordingTransport, clock: MovableClock
) -> None:
    for _ in range(2):
        sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
        services.outbox.deliver_due()
        clock.advance(minutes=4)

    first, second = delivered.mails
    assert mailed_token(RecordingTransport([first])) == mailed_token(RecordingTransport([second]))
    assert first["Message-ID"] != second["Message-ID"]
    assert "10:15" in first.as_string()
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    services.outbox.deliver_due()
    assert mailed_token(delivered) != mailed_token(RecordingTransport([first]))


@pytest.mark.parametrize("refused", [{"refuses": True}, {"refuses_for_good": {ACCOUNTANT}}], ids=str)
def test_a_mail_that_was_not_taken_is_tried_as_a_new_one_when_it_is_asked_for_again(
    sign_in: SignInService,
    services: Services,
    delivered: RecordingTransport,
    clock: MovableClock,
    refused: dict[str, Any],
) -> None:
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    vars(delivered).update(refused)
    for minutes in (1, 3):
        services.outbox.deliver_due()
        clock.advance(minutes=minutes)
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    vars(delivered).update(refuses=True, refuses_for_good=set())
    services.outbox.deliver_due()
    clock.advance(minutes=1)
    delivered.refuses = False
    services.outbox.deliver_due()

    assert len(delivered.mails) == 1


def test_a_mail_that_a_dead_worker_held_leaves_when_it_is_asked_for_again(
    sign_in: SignInService,
    services: Services,
    delivered: RecordingTransport,
    clock: MovableClock,
    database: Database,
) -> None:
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    with database.transaction() as session:
        session.execute(update(OutboxMessage).values(leased_until=clock() + timedelta(hours=1)))
    clock.advance(minutes=4)
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
    services.outbox.deliver_due()

    assert len(delivered.mails) == 1


def test_who_has_used_the_link_can_ask_for_another_at_once(
    sign_in: SignInService, services: Services, delivered: RecordingTransport
) -> None:
    for _ in range(2):
        sign_in.request_sign_in_link(ACCOUNTANT, OWNER)
        services.outbox.deliver_due()
        assert sign_in.claim_sign_in_link(mailed_token(delivered)) is not None

    assert len(delivered.mails) == 2


@pytest.mark.parametrize("owner", [OWNER, "2001:db8:1:2::7"])
def test_a_stranger_who_asks_all_day_holds_nobody_back(
    sign_in: SignInService,
    services: Services,
    delivered: RecordingTransport,
    clock: MovableClock,
    owner: str,
) -> None:
    for second in range(60):
        sign_in.request_sign_in_link(ACCOUNTANT, f"2001:db8:666:666::{second:x}")
        services.outbox.deliver_due()
        clock.advance(minutes=1)
    assert len(delivered.mails) == 5

    sign_in.request_sign_in_link(ACCOUNTANT, owner)
    services.outbox.deliver_due()

    assert len(delivered.mails) == 6
    assert sign_in.claim_sign_in_link(mailed_token(delivered)) is not None


def test_asking_twenty_times_at_once_is_counted_as_well(sign_in: SignInService, database: Database) -> None:
    at_once(*[lambda: sign_in.request_sign_in_link(ACCOUNTANT, OWNER)] * 20)

    assert total(database, OutboxMessage) == 1


def test_a_link_leads_to_the_page_from_which_it_was_asked_for_last(
    sign_in: SignInService, services: Services, delivered: RecordingTransport
) -> None:
    for asked_on in ("/portal/dossiers/1", "/portal/toolkit", None):
        sign_in.request_sign_in_link(ACCOUNTANT, OWNER, asked_on)
    sign_in.request_sign_in_link(ACCOUNTANT, "198.51.100.7", "/portal/preview")
    services.outbox.deliver_due()

    opened = sign_in.claim_sign_in_link(mailed_token(RecordingTransport(delivered.mails[:1])))
    assert opened is not None
    assert opened.next_path == "/portal/toolkit"


def test_no_network_rests_in_the_database(sign_in: SignInService, database: Database) -> None:
    sign_in.request_sign_in_link(ACCOUNTANT, OWNER)

    with database.read_connection() as connection:
        assert OWNER not in str(connection.execute(select(SignInLink)).all())
        assert connection.execute(select(SignInLink.client)).scalar_one() is not None


def test_what_the_operator_prints_takes_no_mail_away(sign_in: SignInService, database: Database) -> None:
    for _ in range(6):
        token(sign_in)
    sign_in.request_sign_in_link(ACCOUNTANT)

    assert total(database, OutboxMessage) == 1


def test_no_link_and_no_secret_rests_in_the_database(sign_in: SignInService, database: Database) -> None:
    shown = token(sign_in)
    opened = sign_in.claim_sign_in_link(shown)
    assert opened is not None

    with database.read_connection() as connection:
        rows = str([connection.execute(select(table)).all() for table in (SignInLink, PortalSession)])
    assert shown not in rows
    assert opened.secret not in rows


def test_looking_at_a_link_does_not_use_it(sign_in: SignInService) -> None:
    shown = token(sign_in)

    with counted(sign_in.context.database) as tally:
        assert all(sign_in.find_open(shown) == shown for _ in range(5))
    assert writes(tally) == []
    assert sign_in.claim_sign_in_link(shown) is not None


def test_a_link_works_once(sign_in: SignInService, database: Database) -> None:
    shown = token(sign_in)

    assert sign_in.claim_sign_in_link(shown) is not None
    assert sign_in.find_open(shown) is None
    assert sign_in.claim_sign_in_link(shown) is None
    assert total(database, PortalSession) == 1


def test_two_claims_at_once_open_one_session(sign_in: SignInService, database: Database) -> None:
    shown = token(sign_in)

    opened = at_once(*[lambda: sign_in.claim_sign_in_link(shown)] * 8)
    assert sum(one is not None for one in opened) == 1
    assert total(database, PortalSession) == 1


def test_a_link_lives_fifteen_minutes(sign_in: SignInService, clock: MovableClock) -> None:
    early, late = token(sign_in), token(sign_in)

    clock.advance(minutes=14, seconds=59)
    assert sign_in.claim_sign_in_link(early) is not None
    clock.advance(seconds=1)
    assert sign_in.find_open(late) is None
    assert sign_in.claim_sign_in_link(late) is None


def test_a_mail_that_comes_too_late_is_not_sent(
    sign_in: SignInService, services: Services, delivered: RecordingTransport, clock: MovableClock
) -> None:
    sign_in.request_sign_in_link(ACCOUNTANT)
    clock.advance(minutes=15)
    services.outbox.deliver_due()

    assert delivered.mails == []


@pytest.mark.parametrize(
    "change", [lambda t: "", lambda t: t[:-3], lambda t: "x" + t, lambda t: "é", str.upper]
)
def test_a_forged_link_opens_nothing(
    sign_in: SignInService, change: Callable[[str], str], database: Database
) -> None:
    forged = change(token(sign_in))

    assert sign_in.find_open(forged) is None
    assert sign_in.claim_sign_in_link(forged) is None
    assert total(database, PortalSession) == 0


def test_a_session_ends_after_half_an_hour_of_rest(sign_in: SignInService, clock: MovableClock) -> None:
    opened = secret(sign_in)
    for _ in range(4):
        clock.advance(minutes=29)
        assert sign_in.find_session(opened) is not None

    clock.advance(minutes=30)
    assert sign_in.find_session(opened) is None


def test_a_session_ends_after_twelve_hours_whatever_happens(
    sign_in: SignInService, clock: MovableClock
) -> None:
    opened, begun = secret(sign_in), clock()
    while clock() - begun < timedelta(hours=11, minutes=40):
        assert sign_in.find_session(opened) is not None
        clock.advance(minutes=20)

    assert sign_in.find_session(opened) is not None
    clock.advance(minutes=20)
    assert sign_in.find_session(opened) is None


def test_reading_a_page_rarely_writes(sign_in: SignInService, clock: MovableClock) -> None:
    opened = secret(sign_in)
    with counted(sign_in.context.database) as tally:
        for _ in range(59):
            clock.advance(seconds=1)
            sign_in.find_session(opened)

    assert writes(tally) == []
    clock.advance(seconds=1)
    with counted(sign_in.context.database) as tally:
        sign_in.find_session(opened)
    assert len(writes(tally)) == 1


def test_signing_out_ends_one_session(sign_in: SignInService) -> None:
    here, elsewhere = secret(sign_in), secret(sign_in)
    visitor = sign_in.find_session(here)
    assert visitor is not None
    sign_in.end_session(visitor)

    assert sign_in.find_session(here) is None
    assert sign_in.find_session(elsewhere) is not None


def test_disabling_ends_every_session_for_good(sign_in: SignInService, database: Database) -> None:
    opened, unused = [secret(sign_in), secret(sign_in)], token(sign_in)
    sign_in.disable_accountant(ACCOUNTANT)

    assert [sign_in.find_session(one) for one in opened] == [None, None]
    assert open_sessions(database) == 0
    assert sign_in.find_open(unused) is None
    assert sign_in.claim_sign_in_link(unused) is None
    assert sign_in.create_sign_in_link(ACCOUNTANT) is None
    sign_in.enable_accountant(ACCOUNTANT)
    assert [sign_in.find_session(one) for one in opened] == [None, None]
    assert sign_in.find_session(secret(sign_in)) is not None


def test_the_operator_sees_who_is_disabled(sign_in: SignInService, clock: MovableClock) -> None:
    (before,) = sign_in.list_accountants()
    sign_in.disable_accountant(f" {ACCOUNTANT.upper()} ")
    (after,) = sign_in.list_accountants()

    assert (before.email, before.office, before.disabled_at) == (ACCOUNTANT, "Bureau Dupont", None)
    assert after.disabled_at == clock()


def test_nobody_is_not_disabled(sign_in: SignInService) -> None:
    for deed in (sign_in.disable_accountant, sign_in.enable_accountant):
        with pytest.raises(UnknownAccountant):
            deed(STRANGER)

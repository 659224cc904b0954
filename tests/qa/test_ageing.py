"""Time that goes by for one request alone: what falls due on the way happens on the way, on both engines."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import Database
from app.domain.message_rules import OfficeMessage
from app.models import Activation, Consent, OutboxMessage
from app.qa.tester_access import init_sandbox_tools
from app.web.extensions import EXTENSION
from tests.support.cardholder_steps import tell_office
from tests.support.databases import engines_under_test
from tests.support.doubles import MovableClock
from tests.support.sandbox_client import SandboxClient, event_types, sent


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


#: When no reminder is sent to anybody real: at night, minutes before work begins, late in the evening.
NIGHTS = (time(1), time(6, 59), time(23, 1))


@pytest.fixture(params=NIGHTS, ids=str)
def night(request: pytest.FixtureRequest, clock: MovableClock) -> MovableClock:
    """An hour, in UTC, at which everybody sleeps in Brussels."""
    clock.now = datetime.combine(clock.now, request.param, UTC)
    return clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_sixty_days_bring_three_reminders_and_then_the_end(tester: SandboxClient) -> None:
    aged = tester.do(tester.order()["public_id"], "age", days=60)
    assert sent(aged) == ["invitation", "first_reminder", "second_reminder", "third_reminder"]
    assert (aged["state"], aged["label"], aged["address"]) == ("expired", "expired", None)
    assert event_types(aged)[-2:] == ["expired", "address_erased"]


def test_the_history_reads_as_if_time_had_gone_by(tester: SandboxClient, clock: MovableClock) -> None:
    aged = tester.do(tester.order()["public_id"], "age", days=30)
    reminders = [at(mail["sent_at"]) for mail in aged["mails"][1:]]
    assert [(clock() - one).days for one in reminders] == [16, 2]
    assert clock() - at(aged["invited_at"]) == timedelta(days=30)
    assert clock() - at(aged["events"][0]["at"]) == timedelta(days=30)


def test_the_moment_by_which_the_list_is_sorted_ages_as_well(
    tester: SandboxClient, clock: MovableClock, database: Database
) -> None:
    tester.do(tester.order()["public_id"], "age", days=30)
    with database.read_connection() as connection:
        assert connection.execute(select(Activation.label_since)).scalar_one() == clock() - timedelta(days=30)


def test_the_next_reminder_is_reached_in_the_middle_of_the_night(
    tester: SandboxClient, night: MovableClock
) -> None:
    ordered = tester.order()
    for kind in ("first_reminder", "second_reminder", "third_reminder"):
        assert sent(tester.do(ordered["public_id"], "age", to="next_reminder"))[-1] == kind
    refused = tester.do(ordered["public_id"], "age", 409, to="next_reminder")
    assert refused["error"]["code"] == "nothing_to_wait_for"


def test_nothing_is_left_out_by_night(tester: SandboxClient, night: MovableClock) -> None:
    aged = tester.do(tester.order()["public_id"], "age", days=60)
    assert sent(aged) == ["invitation", "first_reminder", "second_reminder", "third_reminder"]
    assert (aged["state"], night() - at(aged["invited_at"])) == ("expired", timedelta(days=60))


def test_the_end_of_the_link_comes_with_all_that_lies_before_it(tester: SandboxClient) -> None:
    aged = tester.do(tester.order()["public_id"], "age", to="link_end")
    assert (aged["state"], len(sent(aged))) == ("expired", 4)


def test_the_bank_gives_up_after_its_time(tester: SandboxClient) -> None:
    at_bank = tester.order(scenario="link_in_progress")
    assert at_bank["state"] == "awaiting_bank"
    aged = tester.do(at_bank["public_id"], "age", to="bank_timeout")
    [attempt] = aged["attempts"]
    assert (aged["state"], attempt["failure"], attempt["bank_reason"]) == (
        "terms_accepted",
        "timed_out",
        "14",
    )


def test_the_lock_opens_a_day_after_the_first_of_five_refusals(tester: SandboxClient) -> None:
    locked = tester.order(scenario="link_locked")
    assert locked["card_page_opens_at"]
    assert tester.do(locked["public_id"], "age", hours=23)["card_page_opens_at"]
    assert tester.do(locked["public_id"], "age", to="lock_end")["card_page_opens_at"] is None


def test_there_is_room_for_the_same_message_a_day_after_it(tester: SandboxClient, app: Flask) -> None:
    one = tester.order()["public_id"]
    assert "room_for_message" not in tester.see(one)["moments"]
    tell_office(app.extensions[EXTENSION], one, OfficeMessage.NEW_LINK)

    assert "room_for_message" in tester.see(one)["moments"]
    assert "room_for_message" not in tester.do(one, "age", to="room_for_message")["moments"]


def test_there_is_room_for_another_mail_a_day_after_the_first_of_three(tester: SandboxClient) -> None:
    one = tester.order()["public_id"]
    for _ in range(3):
        activation = tester.do(one, "resend")
    assert tester.do(one, "resend", 409)["error"]["code"] == "sent_too_often"

    assert "room_to_send" in activation["moments"]
    assert "room_to_send" not in tester.do(one, "age", to="room_to_send")["moments"]
    tester.do(one, "resend")


def test_the_notice_of_a_problem_leaves_when_its_time_comes(tester: SandboxClient) -> None:
    failed = tester.order(scenario="prepaid", reach="page")
    assert sent(failed) == ["invitation"]
    aged = tester.do(failed["public_id"], "age", to="next_mail")
    assert sent(aged) == ["invitation", "problem"]
    [_invitation, notice] = tester.mails(activation=failed["public_id"])
    assert notice["to"] == tester.office["accountant"]


def test_an_unblocked_card_works_after_five_minutes(tester: SandboxClient) -> None:
    reference = tester.order(scenario="just_unblocked", reach="page")["reference"]
    [failed] = tester.call("GET", "/activations")["activations"]
    tester.do(failed["public_id"], "age", minutes=5)
    tester.do(failed["public_id"], "cancel")
    again = tester.order(scenario="temporarily_blocked", reach="page", reference=reference)
    assert (failed["label"], again["label"]) == ("problem", "active")


def test_another_request_stays_as_it_is(tester: SandboxClient) -> None:
    aged, other = tester.order(), tester.order()
    tester.do(aged["public_id"], "age", days=60)
    assert tester.see(other["public_id"]) == other


def test_an_erased_address_stays_erased(tester: SandboxClient, database: Database) -> None:
    active = tester.order(scenario="success", reach="page")
    assert active["address"] is None
    aged = tester.do(active["public_id"], "age", days=100)
    assert (aged["state"], aged["address"]) == ("active", None)
    with database.read_connection() as connection:
        kept = connection.execute(select(Activation.address)).scalars().all()
    assert kept == [None]


def test_the_evidence_keeps_its_words_and_only_ages(tester: SandboxClient, database: Database) -> None:
    active = tester.order(scenario="success", reach="page")
    kept = select(Consent.terms_sha256, Consent.labels_sha256, Consent.bank_transaction, Consent.accepted_at)
    with database.read_connection() as connection:
        before = connection.execute(kept).one()
    tester.do(active["public_id"], "age", days=3)
    with database.read_connection() as connection:
        after = connection.execute(kept).one()
    assert after[:3] == before[:3]
    assert before[3] - after[3] == timedelta(days=3)


def test_a_mail_in_a_workers_hand_keeps_its_lease(
    tester: SandboxClient, app: Flask, database: Database, clock: MovableClock
) -> None:
    waited: list[float] = []
    init_sandbox_tools(app, app.extensions[EXTENSION], waited.append)
    failed = tester.order(scenario="prepaid", reach="page")
    lease = clock() + timedelta(minutes=5)
    with database.transaction() as session:
        waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.sent_at.is_(None))).one()
        waiting.leased_until = lease
    aged = tester.do(failed["public_id"], "age", hours=1)
    assert "problem" not in sent(aged)
    assert sum(waited) == pytest.approx(3 * 3), "each time for some seconds"
    with database.read_connection() as connection:
        held = select(OutboxMessage.leased_until).where(OutboxMessage.sent_at.is_(None))
        assert connection.execute(held).scalar() == lease

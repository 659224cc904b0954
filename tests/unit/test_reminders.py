"""Reminders: the same hour on the right day, in working hours, across both clock changes and leap days."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.clock import BRUSSELS
from app.domain.history import MailKind
from app.domain.reminder_schedule import (
    REMINDERS,
    find_due_reminder,
    first_reminder,
    is_working_hour,
    latest_invitation,
    next_working_hour,
    reminder_schedule,
)

DAYS = (14, 28, 42)
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

instants = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone itself
    max_value=datetime(2036, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def local(instant: datetime) -> datetime:
    return instant.astimezone(BRUSSELS)


@given(instants)
def test_each_reminder_comes_exactly_so_many_days_later_in_working_hours(invited_at: datetime) -> None:
    for days, reminder in zip(DAYS, reminder_schedule(invited_at, DAYS), strict=True):
        assert (local(reminder.at).date() - local(invited_at).date()).days == days
        assert 8 <= local(reminder.at).hour < 18
        assert is_working_hour(reminder.at)


@pytest.mark.parametrize(
    "invited_at",
    [
        pytest.param(datetime(2026, 10, 12, 9, 0, tzinfo=BRUSSELS), id="the clock goes back"),
        pytest.param(datetime(2027, 3, 15, 9, 0, tzinfo=BRUSSELS), id="the clock goes forward"),
        pytest.param(datetime(2028, 2, 20, 9, 0, tzinfo=BRUSSELS), id="a leap day"),
        pytest.param(datetime(2026, 12, 24, 9, 0, tzinfo=BRUSSELS), id="a new year"),
    ],
)
def test_nine_o_clock_stays_nine_o_clock(invited_at: datetime) -> None:
    times = [local(reminder.at) for reminder in reminder_schedule(invited_at, DAYS)]

    assert [time.hour for time in times] == [9, 9, 9]
    assert [(time.date() - invited_at.date()).days for time in times] == [14, 28, 42]


@pytest.mark.parametrize(
    ("hour", "reminded"), [(0, 8), (7, 8), (8, 8), (12, 12), (17, 17), (18, 17), (23, 17)]
)
def test_who_is_invited_at_night_is_reminded_by_day(hour: int, reminded: int) -> None:
    invited_at = datetime(2026, 11, 23, hour, 0, tzinfo=BRUSSELS)

    first = first_reminder(invited_at.astimezone(UTC), DAYS)

    assert first is not None
    assert local(first) == datetime(2026, 12, 7, reminded, 0, tzinfo=BRUSSELS)


def test_each_reminder_is_a_kind_of_its_own() -> None:
    assert [reminder.kind for reminder in reminder_schedule(MONDAY, DAYS)] == list(REMINDERS)


def test_fewer_days_are_fewer_reminders() -> None:
    assert [reminder.kind for reminder in reminder_schedule(MONDAY, (10,))] == [MailKind.FIRST_REMINDER]
    assert first_reminder(MONDAY, ()) is None


def test_the_first_is_due_at_its_time_and_the_second_waits() -> None:
    first, second, _ = reminder_schedule(MONDAY, DAYS)

    assert find_due_reminder(MONDAY, DAYS, first.at, first.at) == (first, second.at)


def test_before_its_time_nothing_is_due() -> None:
    first = reminder_schedule(MONDAY, DAYS)[0]

    assert find_due_reminder(MONDAY, DAYS, MONDAY, first.at - timedelta(seconds=1)) == (None, first.at)


def test_the_last_leaves_nothing_to_wait_for() -> None:
    third = reminder_schedule(MONDAY, DAYS)[2]

    assert find_due_reminder(MONDAY, DAYS, third.at, third.at) == (third, None)


def test_after_an_outage_only_the_newest_missed_one_is_sent() -> None:
    first, second, third = reminder_schedule(MONDAY, DAYS)

    assert find_due_reminder(MONDAY, DAYS, first.at, second.at + timedelta(days=2)) == (second, third.at)
    assert find_due_reminder(MONDAY, DAYS, first.at, third.at + timedelta(days=1)) == (third, None)


def test_a_late_one_leaves_out_the_next_that_would_follow_on_its_heels() -> None:
    first, _, third = reminder_schedule(MONDAY, DAYS)

    assert find_due_reminder(MONDAY, DAYS, first.at, first.at + timedelta(days=12)) == (first, third.at)


@given(instants, st.integers(0, 100 * 24), st.integers(0, 100 * 24))
def test_whatever_the_outage_one_is_sent_and_time_goes_on(
    invited_at: datetime, waited: int, slept: int
) -> None:
    waiting_for = invited_at + timedelta(hours=waited)
    now = waiting_for + timedelta(hours=slept)

    due, coming = find_due_reminder(invited_at, DAYS, waiting_for, now)

    assert due is None or waiting_for <= due.at <= now
    assert coming is None or coming > now


@given(instants)
def test_what_may_not_leave_now_leaves_at_the_next_opening(now: datetime) -> None:
    opening = next_working_hour(now)

    assert is_working_hour(opening)
    assert (opening == now) is is_working_hour(now)
    assert opening - now < timedelta(hours=15)


@given(instants, st.integers(1, 60))
@example(datetime(2026, 11, 23, 7, tzinfo=UTC), 14)  # when the working day begins
@example(datetime(2026, 11, 23, 16, tzinfo=UTC), 14)  # when the last reminders leave
def test_the_latest_invitation_is_the_last_whose_reminder_is_due(now: datetime, days: int) -> None:
    latest = latest_invitation(days, now)

    assert reminder_schedule(latest, (days,))[0].at <= now
    assert reminder_schedule(latest + timedelta(minutes=1), (days,))[0].at > now

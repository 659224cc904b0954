"""The rules of mails: complete, and safe for the cardholder's address."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.banks import INVITATIONS
from app.domain.history import MailKind
from app.domain.mail_rules import MAILS, Recipient, next_delivery_at
from app.domain.reminder_schedule import REMINDERS
from app.domain.states import OPEN, ActivationState


def test_every_kind_has_its_rule() -> None:
    assert set(MAILS) == set(MailKind)


def test_the_address_goes_after_the_confirmation_alone() -> None:
    assert [kind for kind, rule in MAILS.items() if rule.last] == [MailKind.CONFIRMATION]


@pytest.mark.parametrize(
    "kind", [kind for kind, rule in MAILS.items() if rule.recipient is Recipient.CARDHOLDER]
)
def test_a_lost_mail_to_the_cardholder_is_told_to_the_accountant(kind: MailKind) -> None:
    notice = MAILS[kind].when_lost

    assert notice is not None
    assert MAILS[notice].recipient is Recipient.ACCOUNTANT


@pytest.mark.parametrize(
    "kind", [kind for kind, rule in MAILS.items() if rule.recipient is Recipient.ACCOUNTANT]
)
def test_a_lost_notice_starts_no_other(kind: MailKind) -> None:
    assert MAILS[kind].when_lost is None


@pytest.mark.parametrize("kind", [*INVITATIONS.values(), *REMINDERS])
def test_nobody_is_asked_to_activate_after_the_end(kind: MailKind) -> None:
    assert MAILS[kind].wanted_in == OPEN
    assert not MAILS[kind].outlives_round


@pytest.mark.parametrize("kind", REMINDERS)
def test_reminders_leave_in_working_hours(kind: MailKind) -> None:
    assert MAILS[kind].in_working_hours


def test_a_confirmation_is_for_who_is_active() -> None:
    assert MAILS[MailKind.CONFIRMATION].wanted_in == {ActivationState.ACTIVE}


@pytest.mark.parametrize(
    ("age", "tries", "again_after"),
    [
        (timedelta(0), 0, timedelta(minutes=1)),
        (timedelta(0), 1, timedelta(minutes=5)),
        (timedelta(0), 2, timedelta(minutes=15)),
        (timedelta(0), 3, timedelta(hours=1)),
        (timedelta(0), 4, timedelta(hours=6)),
        (timedelta(0), 9, timedelta(hours=6)),
        (timedelta(hours=66), 9, timedelta(hours=6)),
        (timedelta(hours=67), 9, timedelta(hours=5)),
        (timedelta(hours=72) - timedelta(seconds=1), 9, timedelta(seconds=1)),
        (timedelta(hours=72), 9, None),
    ],
)
def test_a_mail_that_was_not_taken_is_tried_for_three_days_less_and_less_often(
    age: timedelta, tries: int, again_after: timedelta | None
) -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    assert next_delivery_at(now - age, tries, now) == (again_after and now + again_after)

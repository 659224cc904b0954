"""Which mails still fit at the moment of their delivery, and how long a refused one is tried again."""

from datetime import timedelta

import pytest

from app.domain.history import MailKind
from app.domain.mail_rules import next_delivery_at
from app.domain.reminder_schedule import REMINDERS
from tests.support.mail_parts import INVITED, LINK_LIFE, letter_of
from tests.support.office import ADDRESS

ASKING = [MailKind.INVITATION, MailKind.INSTRUCTIONS, *REMINDERS]
ABOUT_THE_OPEN = [*ASKING, MailKind.PROBLEM, MailKind.INVITATION_UNDELIVERED]
PATIENCE = timedelta(hours=72)


@pytest.mark.parametrize("kind", ABOUT_THE_OPEN)
def test_once_the_link_has_ended_no_mail_asks_to_use_it(kind: MailKind) -> None:
    end = INVITED + LINK_LIFE

    assert letter_of(kind).is_still_due(end - timedelta(seconds=1))
    assert not letter_of(kind).is_still_due(end)


@pytest.mark.parametrize("kind", [MailKind.CONFIRMATION, MailKind.CONFIRMATION_UNDELIVERED])
def test_an_active_service_is_told_however_late(kind: MailKind) -> None:
    letter = letter_of(kind, contact="anne@dupont.example")

    assert letter.is_still_due(INVITED + 2 * LINK_LIFE)


@pytest.mark.parametrize("kind", [MailKind.INSTRUCTIONS, *REMINDERS])
def test_whoever_refused_in_the_app_is_not_told_that_the_answer_is_missing(kind: MailKind) -> None:
    letter = letter_of(kind, bank_key="kbc", refused_at=INVITED)

    assert not letter.is_still_due(INVITED)


@pytest.mark.parametrize("kind", [MailKind.PROBLEM, MailKind.INVITATION_UNDELIVERED])
def test_the_accountant_is_told_of_a_refusal_in_the_app(kind: MailKind) -> None:
    assert letter_of(kind, bank_key="kbc", refused_at=INVITED).is_still_due(INVITED)


def test_a_letter_that_is_printed_shows_no_address() -> None:
    assert ADDRESS not in repr(letter_of(MailKind.INVITATION))


def test_a_mail_that_nobody_takes_is_given_up_after_three_days_to_the_minute() -> None:
    now, tries = INVITED, 0
    while (again := next_delivery_at(INVITED, tries, now)) is not None:
        now, tries = again, tries + 1

    assert now - INVITED == PATIENCE

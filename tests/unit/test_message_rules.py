"""The rules of messages to the office: total tables, one of each a day, and what settles them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.advice import MESSAGE_ADVICE
from app.domain.history import NEW_GENERATION, SETTLING, EventType
from app.domain.mail_rules import MAILS, Recipient
from app.domain.message_rules import MAIL_KINDS, ON_LINK_PAGES, OfficeMessage, last_sent_at, unsettled_message
from app.domain.states import LinkCondition
from app.web.message_pages import FOLLOWS
from app.wording import OFFICE_MESSAGES

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MESSAGE = OfficeMessage.NEW_LINK


@dataclass(frozen=True)
class Line:
    """A line of history."""

    event_type: EventType = EventType.OFFICE_MESSAGE
    detail: str | None = MESSAGE
    at: datetime = NOW


def test_every_condition_says_what_it_offers() -> None:
    assert set(ON_LINK_PAGES) == set(LinkCondition)


@pytest.mark.parametrize("message", OfficeMessage)
def test_every_message_has_its_mail_its_words_and_advice_for_each_state(message: OfficeMessage) -> None:
    rule = MAILS[MAIL_KINDS[message]]

    assert rule.recipient is Recipient.ACCOUNTANT
    assert set(MESSAGE_ADVICE[message]) == rule.wanted_in
    assert message in FOLLOWS
    assert message in OFFICE_MESSAGES


@pytest.mark.parametrize(
    ("history", "sent"),
    [
        ((), False),
        ((Line(),), True),
        ((Line(at=NOW - timedelta(hours=24)),), False),
        ((Line(at=NOW - timedelta(hours=24, seconds=-1)),), True),
        ((Line(detail=OfficeMessage.UNEXPECTED),), False),
        ((Line(), Line(detail=OfficeMessage.UNEXPECTED)), True),
        ((Line(), Line(EventType.RESENT, None)), True),
        *(((Line(), Line(event_type, None)), False) for event_type in NEW_GENERATION),
    ],
)
def test_one_message_a_day_and_generation(history: tuple[Line, ...], sent: bool) -> None:
    assert (last_sent_at(history, MESSAGE, NOW) is not None) is sent


@pytest.mark.parametrize("event_type", [one for one in EventType if one is not EventType.OFFICE_MESSAGE])
def test_a_message_waits_until_something_is_done_about_it(event_type: EventType) -> None:
    message, later = Line(), Line(event_type, None)

    assert (unsettled_message((message, later)) is None) is (event_type in SETTLING)
    assert unsettled_message((later, message)) is message


def test_the_newest_message_is_the_one_that_waits() -> None:
    newest = Line(detail=OfficeMessage.UNEXPECTED)

    assert unsettled_message((Line(), newest)) is newest
    assert unsettled_message(()) is None

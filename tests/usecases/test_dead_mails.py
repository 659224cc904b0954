"""Mails that were given up are told from those that nobody wanted any more, and can be tried again."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.domain.history import MailKind
from app.queries.operator_totals import MailProgress, read_operator_totals
from app.web.extensions import Services
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.event_lines import capture_logs
from tests.support.office import ACCOUNTANT, ADDRESS


@pytest.fixture(autouse=True)
def worker(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def given_up(services: Services, sent_mails: RecordingTransport, clock: MovableClock, public_id: str) -> str:
    """A request whose invitation no relay took for days, and an overtaken one that was dropped."""
    sent_mails.refuses = True
    for _ in range(80):
        services.outbox.deliver_due()
        clock.advance(hours=1)
    sent_mails.refuses = False
    return public_id


def test_what_was_given_up_is_listed(services: Services, given_up: str) -> None:
    lost = services.dead_mails.list_dead_mails()
    assert {(mail.kind, mail.activation) for mail in lost} >= {(MailKind.INVITATION, given_up)}
    assert all(mail.tries for mail in lost)


def test_a_mail_that_was_given_up_leaves_once_the_relay_is_mended(
    services: Services, given_up: str, sent_mails: RecordingTransport
) -> None:
    (invitation,) = (m for m in services.dead_mails.list_dead_mails() if m.kind is MailKind.INVITATION)
    assert services.dead_mails.retry_dead_mails([invitation.id]) == 1
    services.outbox.deliver_due()
    assert sent_mails.last["To"] == ADDRESS
    assert invitation.id not in [mail.id for mail in services.dead_mails.list_dead_mails()]
    assert services.dead_mails.retry_dead_mails([invitation.id]) == 0


def test_all_are_tried_again_at_once(services: Services, given_up: str) -> None:
    count = len(services.dead_mails.list_dead_mails())
    with capture_logs() as lines:
        assert services.dead_mails.retry_dead_mails() == count
    assert lines == [{"event": "mails_retried", "count": count, "level": "info"}]
    assert services.dead_mails.list_dead_mails() == []


def test_a_mail_that_nobody_wanted_any_more_was_not_given_up(
    services: Services, public_id: str, clock: MovableClock
) -> None:
    services.invitations.cancel_activation(public_id, "test")
    services.sign_in.request_sign_in_link(ACCOUNTANT)
    clock.advance(hours=1)
    services.outbox.deliver_due()

    totals = read_operator_totals(services.context).mails
    for kind in (MailKind.INVITATION, MailKind.SIGN_IN):
        assert (totals[kind, MailProgress.DROPPED], totals[kind, MailProgress.DEAD]) == (1, 0)
    assert services.dead_mails.list_dead_mails() == []
    assert services.dead_mails.retry_dead_mails() == 0

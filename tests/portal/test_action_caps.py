"""What bounds the accountant's hand in the portal, and what it never shuts."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType
from app.models import Activation
from app.models.event import record_event
from app.portal.dossiers.actions import STILL_WAITING
from app.services.invitations import ActivationAction
from tests.portal.test_actions import NEW_ADDRESS, in_english, mails, post, shown
from tests.support.activation_factory import ActivationFactory, let_mails_leave
from tests.support.doubles import MovableClock


def correct_address(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, public_id: str
) -> TestResponse:
    """Enter another address on the page as it stands now."""
    seen = activation_factory.read_detail(public_id).version_mark
    return post(accountant_client, public_id, ActivationAction.ADDRESS, seen)


def test_resend_pressed_three_times_sends_once_and_shuts_nothing(
    app: Flask, accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    seen, sent = activation_factory.read_detail(public_id).version_mark, mails(database)
    accountant_client.get("/portal/caro?lang=en")

    answers = [post(accountant_client, public_id, ActivationAction.RESEND, seen) for _ in range(3)]

    assert {(answer.status_code, answer.location) for answer in answers} == {
        (303, f"/portal/dossiers/1?request={public_id}#request-{public_id}")
    }
    assert mails(database) == sent + 1
    said = shown(accountant_client.get("/portal/dossiers/1"), "[role=status] span")
    assert [said] == in_english(app, STILL_WAITING)
    assert accountant_client.get(f"/portal/requests/{public_id}/address").status_code == 200


def test_the_fourth_resend_of_a_day_is_refused_with_the_hour_and_nothing_else_is(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    clock: MovableClock,
) -> None:
    public_id = activation_factory.create("invited")
    for _ in range(3):
        activation_factory.services.invitations.resend_invitation(public_id, "anne")
        let_mails_leave(activation_factory.services)
    clock.advance(minutes=20)
    sent = mails(database)
    accountant_client.get("/portal/dossiers/1?lang=en")
    seen = activation_factory.read_detail(public_id).version_mark

    answer = post(accountant_client, public_id, ActivationAction.RESEND, seen)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(23 * 3600 + 40 * 60)
    assert "24 November 2026 at 10:00" in shown(answer, "[role=alert]")
    assert mails(database) == sent
    assert post(accountant_client, public_id, ActivationAction.ADDRESS, seen).status_code == 303


def test_the_sixth_address_of_a_day_is_refused_with_the_hour(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    for _ in range(5):
        activation_factory.services.invitations.replace_link(public_id, "anne", NEW_ADDRESS)
    accountant_client.get("/portal/dossiers/1?lang=en")

    answer = correct_address(accountant_client, activation_factory, public_id)

    assert answer.status_code == 429
    assert "The address was entered five times within 24 hours." in shown(answer, "[role=alert]")


def test_an_office_that_corrects_without_end_is_told_when_it_may_go_on(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    clock: MovableClock,
) -> None:
    other = activation_factory.create("cancelled")
    public_id = activation_factory.create("invited")
    with database.transaction() as session:
        one = session.execute(select(Activation.id).where(Activation.public_id == other)).scalar_one()
        for _ in range(50):
            record_event(session, one, EventType.ADDRESS_CORRECTED, "anne", clock())
    accountant_client.get("/portal/dossiers/1?lang=en")

    answer = correct_address(accountant_client, activation_factory, public_id)

    assert answer.status_code == 429
    assert "Your office has corrected many addresses within an hour. You can try again from 11:00." in shown(
        answer, "[role=alert]"
    )
    assert NEW_ADDRESS in answer.text

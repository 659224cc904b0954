"""One thing for many requests: what will be done is shown, done once, and told row by row."""

import hashlib

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.domain.history import EventType, MailKind
from app.domain.order_rules import ActionRefused
from app.domain.states import ActivationState
from app.models import OutboxMessage
from app.portal.bulk.bulk_wording import CHOICES, OUTCOMES, announced_effects
from app.services.bulk_actions import BULK_ACTIONS
from app.services.invitations import ActionCommand, ActivationAction, perform_action
from app.services.list_export import ExportFormat
from app.web.extensions import Services
from tests.support.activation_factory import ACTIVATION_STATES, ActivationFactory
from tests.support.bulk_actions import (
    BULK,
    LIST,
    bulk_url,
    confirm,
    hidden_fields,
    history,
    office_events,
    report,
    rows_of,
    send,
    texts,
)
from tests.support.doubles import MovableClock
from tests.support.ordering import open_elsewhere
from tests.support.portal import sign_in, token_in


def kinds_queued(database: Database) -> list[MailKind]:
    with database.read_connection() as connection:
        return list(connection.execute(select(OutboxMessage.kind).order_by(OutboxMessage.id)).scalars())


def test_the_tables_are_total() -> None:
    assert all(announced_effects(action, has_link=True) for action in BULK_ACTIONS)
    assert list(CHOICES) == [*BULK_ACTIONS, *ExportFormat]


def test_what_will_happen_is_shown_and_nothing_has_happened(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    before = history(database)

    page = accountant_client.get(bulk_url("resend", rows_of(accountant_client)))

    assert page.status_code == 200
    assert texts(page, "main form .main") == ["Resend the invitations (3)"]
    assert texts(page, "main h2") == ["Resend the invitations (3)"]
    assert "Each cardholder receives the invitation again. A link stays the same." in page.text
    assert history(database) == before
    assert office_events(database) == []


def test_it_is_done_with_all_of_them_and_told_row_by_row(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    answer = confirm(accountant_client, bulk_url("resend", rows_of(accountant_client)))

    page = report(accountant_client, answer)
    assert texts(page, "main [role=status]") == ["Done: 3 of 3."]
    assert texts(page, "main h2") == ["Done (3)"]
    assert history(database).count(EventType.RESENT) == 3
    assert office_events(database) == [("resend", 3)]


def test_pressing_three_times_does_it_once(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    address = bulk_url("resend", rows_of(accountant_client))
    page = accountant_client.get(address)

    answers = [send(accountant_client, address, page) for _ in range(3)]

    assert len({answer.location for answer in answers}) == 1
    assert history(database).count(EventType.RESENT) == 3
    assert office_events(database) == [("resend", 3)]


def test_a_request_that_changes_after_the_page_was_drawn_stops_everything(
    accountant_client: FlaskClient,
    database: Database,
    numbered_factory: ActivationFactory,
    three: list[str],
) -> None:
    address = bulk_url("resend", rows_of(accountant_client))
    page = accountant_client.get(address)
    numbered_factory.services.invitations.cancel_activation(three[0], "accountant 2")
    before = history(database)

    answer = send(accountant_client, address, page)

    assert answer.status_code == 409
    assert "have changed since you opened this page" in texts(answer, "main [role=alert]")[0]
    assert texts(answer, "main form .main") == ["Resend the invitations (2)"]
    assert history(database) == before
    again = send(accountant_client, address, answer)
    assert texts(report(accountant_client, again), "main h2") == ["Done (2)"]


def test_a_form_that_was_made_by_hand_does_nothing(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    sent = {
        "csrf_token": token_in(accountant_client.get(LIST).text),
        "seen": hashlib.sha256().hexdigest()[:16],
    }
    before = history(database)

    nothing = accountant_client.post(bulk_url("resend", ["x.invited.1.1"]), data=sent)
    other = accountant_client.post(bulk_url("resend", rows_of(accountant_client)), data=sent)

    assert (nothing.status_code, other.status_code) == (409, 409)
    assert history(database) == before
    assert office_events(database) == []


def test_cancelling_needs_a_second_page_with_the_number(
    accountant_client: FlaskClient,
    database: Database,
    numbered_factory: ActivationFactory,
    three: list[str],
) -> None:
    first = confirm(accountant_client, bulk_url("cancel", rows_of(accountant_client)))

    page = report(accountant_client, first)

    assert texts(page, "main form .danger") == ["Yes: Cancel the requests (3)"]
    assert EventType.CANCELLED not in history(database)
    second = send(accountant_client, first.location, page)
    assert texts(report(accountant_client, second), "main h2") == ["Done (3)"]
    states = {numbered_factory.read_detail(public_id).state for public_id in three}
    assert states == {ActivationState.CANCELLED}
    assert {numbered_factory.read_detail(public_id).address for public_id in three} == {None}


def test_the_language_of_many_is_changed(
    accountant_client: FlaskClient, numbered_factory: ActivationFactory, three: list[str]
) -> None:
    address = bulk_url("language", rows_of(accountant_client))

    slip = confirm(accountant_client, address, language="")

    assert slip.status_code == 422
    assert "Choose the cardholder's language." in texts(slip, ".problem")[0]
    answer = confirm(accountant_client, address, language="de")
    assert texts(report(accountant_client, answer), "main h2") == ["Done (3)"]
    assert {numbered_factory.read_detail(public_id).language for public_id in three} == {"de"}


def test_a_slip_can_be_read_in_another_language(accountant_client: FlaskClient, three: list[str]) -> None:
    address = bulk_url("language", rows_of(accountant_client))
    page = accountant_client.get(address)

    referer = {"Referer": f"http://localhost{address}"}
    slip = accountant_client.post(address, data=hidden_fields(page), headers=referer)

    (german,) = BeautifulSoup(slip.text, "html.parser").select(".languages [lang=de]")
    again = accountant_client.get(f"{BULK}{german['href']}")
    assert texts(again, "main form .main") == ["Sprache ändern (3)"]


def test_a_reminder_goes_to_those_who_may_have_one(
    accountant_client: FlaskClient,
    database: Database,
    numbered_factory: ActivationFactory,
    clock: MovableClock,
    services: Services,
    three: list[str],
) -> None:
    clock.advance(days=2)
    fresh = numbered_factory.create("invited")
    client = sign_in(accountant_client, services)

    page = client.get(bulk_url("remind", rows_of(client)))

    assert texts(page, "main h2") == ["Left out (1)", "Send reminders (3)"]
    assert "The last email was sent less than a day ago." in texts(page, "main td")[2]
    answer = confirm(client, bulk_url("remind", rows_of(client)))
    assert texts(report(client, answer), "main h2") == ["Done (3)"]
    assert kinds_queued(database).count(MailKind.FIRST_REMINDER) == 3
    assert numbered_factory.read_detail(fresh).reminder is not None


def test_the_language_is_named_in_report_and_history(
    accountant_client: FlaskClient, three: list[str]
) -> None:
    done = confirm(accountant_client, bulk_url("language", rows_of(accountant_client)), language="de")

    assert texts(report(accountant_client, done), "main .panel dd") == ["Deutsch"]
    history_page = accountant_client.get("/portal/history?lang=en")
    assert texts(history_page, "main td[data-name=What]") == ["Change the language Deutsch"]


def test_another_office_has_neither_the_rows_nor_the_report(
    app: Flask, client: FlaskClient, services: Services, database: Database, three: list[str]
) -> None:
    mine = sign_in(client, services)
    rows = rows_of(mine)
    done = confirm(mine, bulk_url("resend", rows))
    prepared = confirm(mine, bulk_url("cancel", rows_of(mine)))
    before = history(database)
    open_elsewhere(database)
    stranger = sign_in(app.test_client(), services, "zoe@ailleurs.example")

    assert stranger.get(done.location).status_code == 404
    sent = {"csrf_token": token_in(stranger.get(LIST).text)}
    assert stranger.post(prepared.location, data=sent).status_code == 404
    page = stranger.get(bulk_url("resend", rows))
    assert texts(page, "main form .main") == []
    assert history(database) == before


def test_what_a_colleague_has_done_meanwhile_is_told(
    accountant_client: FlaskClient,
    database: Database,
    services: Services,
    clock: MovableClock,
    numbered_factory: ActivationFactory,
    three: list[str],
) -> None:
    address = bulk_url("cancel", rows_of(accountant_client))
    prepared = confirm(accountant_client, address)
    # A colleague was quicker with the first one.
    services.invitations.cancel_activation(three[0], "accountant 1")

    page = report(
        accountant_client, send(accountant_client, prepared.location, report(accountant_client, prepared))
    )

    assert texts(page, "main h2") == ["Not done (1)", "Done (2)"]
    assert "It has changed meanwhile, so nothing was done." in texts(page, "main td")
    assert office_events(database) == [("cancel", 2)]


def test_the_history_of_the_office_leads_to_the_report(
    accountant_client: FlaskClient, three: list[str]
) -> None:
    done = confirm(accountant_client, bulk_url("resend", rows_of(accountant_client)))
    accountant_client.get("/portal/caro/export.csv", buffered=True)

    page = accountant_client.get("/portal/history?lang=en")

    assert texts(page, "main td[data-name=What]") == ["Export to CSV", "Resend the invitations"]
    assert texts(page, "main td[data-name=Number]") == ["4", "3"]
    links = BeautifulSoup(page.text, "html.parser").select("main td a")
    assert [link["href"] for link in links] == [done.location]


@pytest.mark.parametrize(("name", "is_told"), [("at_kbc", False), ("invited", True)])
def test_conditions_are_spoken_of_where_a_cardholder_accepts_them_with_us(
    accountant_client: FlaskClient, numbered_factory: ActivationFactory, name: str, is_told: bool
) -> None:
    for each in ("at_kbc", name):
        numbered_factory.create(each)

    page = accountant_client.get(bulk_url("language", rows_of(accountant_client)))

    assert ("accepts the conditions" in page.text) is is_told


@pytest.mark.parametrize("name", ACTIVATION_STATES)
@pytest.mark.parametrize("action", BULK_ACTIONS)
def test_whatever_a_row_answers_has_its_words(
    numbered_factory: ActivationFactory, name: str, action: ActivationAction
) -> None:
    public_id = numbered_factory.create(name)
    try:
        outcome: str = perform_action(
            numbered_factory.services.invitations, action, ActionCommand(public_id, "anne", language="nl")
        )
    except ActionRefused as refused:
        outcome = refused.problem

    assert outcome in OUTCOMES

"""One thing for many requests: what will be done is shown, done once, and told row by row."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType, MailKind
from app.domain.order_rules import ActionRefused
from app.domain.states import ActivationState
from app.models import Event, OfficeEvent, OutboxMessage
from app.portal.bulk.bulk_wording import CHOICES, EFFECTS, OUTCOMES
from app.services.bulk_actions import BULK_ACTIONS, MOST_ROWS
from app.services.invitations import ActionCommand, ActivationAction, perform_action
from app.services.list_export import ExportFormat
from app.web.extensions import Services
from tests.bench.visitor_load import invite
from tests.support.activation_factory import ACTIVATION_STATES, ActivationFactory
from tests.support.doubles import START, MovableClock
from tests.support.office import numbered_orders
from tests.support.ordering import open_elsewhere
from tests.support.portal import sign_in, token_in

LIST, BULK = "/portal/caro", "/portal/caro/bulk"


def rows_of(client: FlaskClient, address: str = LIST) -> list[str]:
    """Return what the boxes of the list send."""
    page = BeautifulSoup(client.get(address).text, "html.parser")
    return [str(box["value"]) for box in page.select("[name=row]")]


def bulk_url(action: str, rows: Sequence[str] = (), **arguments: str) -> str:
    sent = [("action", action), *(("row", row) for row in rows), *arguments.items(), ("lang", "en")]
    return f"{BULK}?{urlencode(sent)}"


def confirm(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Open the page that says what will happen, and press its button."""
    return send(client, address, client.get(address), **fields)


def send(client: FlaskClient, address: str, page: TestResponse, **fields: str) -> TestResponse:
    form = BeautifulSoup(page.text, "html.parser").select_one("main form[method=post]")
    assert form is not None, page.text
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    return client.post(address, data={**hidden, **fields})


def texts(page: TestResponse, selector: str) -> list[str]:
    found = BeautifulSoup(page.text, "html.parser").select(selector)
    return [" ".join(part.get_text(" ", strip=True).split()) for part in found]


def report(client: FlaskClient, answer: TestResponse) -> TestResponse:
    assert answer.status_code == 303, answer.text
    return client.get(answer.location + "?lang=en")


def history(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def kinds_queued(database: Database) -> list[MailKind]:
    with database.read_connection() as connection:
        return list(connection.execute(select(OutboxMessage.kind).order_by(OutboxMessage.id)).scalars())


def office_events(database: Database) -> list[tuple[str | None, int | None]]:
    with database.read_connection() as connection:
        rows = connection.execute(select(OfficeEvent.detail, OfficeEvent.row_count).order_by(OfficeEvent.id))
        return [(row.detail, row.row_count) for row in rows]


@pytest.fixture
def activation_factory(activation_factory: ActivationFactory) -> ActivationFactory:
    """Activations in any state, each with a reference of its own."""
    return replace(activation_factory, orders=numbered_orders())


@pytest.fixture
def three(activation_factory: ActivationFactory) -> list[str]:
    """Three invited requests whose mails have left."""
    return [activation_factory.create("invited") for _ in range(3)]


def test_the_tables_are_total() -> None:
    assert set(EFFECTS) == set(BULK_ACTIONS)
    assert list(CHOICES) == [*BULK_ACTIONS, *ExportFormat]


def test_every_request_has_a_box_and_a_dossier_without_one_has_none(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, three: list[str]
) -> None:
    marks = [activation_factory.read_detail(public_id).version_mark for public_id in three]

    assert sorted(rows_of(accountant_client)) == sorted(
        f"{public_id}.{mark}" for public_id, mark in zip(three, marks, strict=True)
    )


def test_what_will_happen_is_shown_and_nothing_has_happened(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    before = history(database)

    page = accountant_client.get(bulk_url("resend", rows_of(accountant_client)))

    assert page.status_code == 200
    assert texts(page, "main form .main") == ["Resend the invitation (3)"]
    assert texts(page, "main h2") == ["Resend the invitation (3)"]
    assert "Each cardholder receives the invitation again, with the same link." in page.text
    assert history(database) == before
    assert office_events(database) == []


def test_it_is_done_with_all_of_them_and_told_row_by_row(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    answer = confirm(accountant_client, bulk_url("resend", rows_of(accountant_client)))

    page = report(accountant_client, answer)
    assert texts(page, "main [role=status]") == ["Done with 3 of 3 requests."]
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


def test_what_cannot_be_done_is_left_out_with_its_reason(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    three: list[str],
) -> None:
    activation_factory.create("active")
    address = bulk_url("cancel", rows_of(accountant_client))

    page = accountant_client.get(address)

    assert texts(page, "main h2") == ["Left out (1)", "Cancel the request (3)"]
    assert "The service is already active." in texts(page, "main td")


def test_a_request_that_has_changed_since_it_was_ticked_is_left_out(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, three: list[str]
) -> None:
    rows = rows_of(accountant_client)
    activation_factory.services.invitations.replace_link(three[0], "accountant 2")

    page = accountant_client.get(bulk_url("resend", rows))

    assert texts(page, "main h2") == ["Left out (1)", "Resend the invitation (2)"]
    assert "This request has changed since you selected it. Look at it first." in texts(page, "main td")


def test_a_request_that_changes_after_the_page_was_drawn_stops_everything(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    three: list[str],
) -> None:
    address = bulk_url("resend", rows_of(accountant_client))
    page = accountant_client.get(address)
    activation_factory.services.invitations.cancel_activation(three[0], "accountant 2")
    before = history(database)

    answer = send(accountant_client, address, page)

    assert answer.status_code == 409
    assert "have changed since this page was drawn" in texts(answer, "main [role=alert]")[0]
    assert texts(answer, "main form .main") == ["Resend the invitation (2)"]
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
    activation_factory: ActivationFactory,
    three: list[str],
) -> None:
    first = confirm(accountant_client, bulk_url("cancel", rows_of(accountant_client)))

    page = report(accountant_client, first)

    assert texts(page, "main form .danger") == ["Yes: Cancel the request (3)"]
    assert EventType.CANCELLED not in history(database)
    second = send(accountant_client, first.location, page)
    assert texts(report(accountant_client, second), "main h2") == ["Done (3)"]
    states = {activation_factory.read_detail(public_id).state for public_id in three}
    assert states == {ActivationState.CANCELLED}
    assert {activation_factory.read_detail(public_id).address for public_id in three} == {None}


def test_the_language_of_many_is_changed(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, three: list[str]
) -> None:
    address = bulk_url("language", rows_of(accountant_client))

    slip = confirm(accountant_client, address, language="")

    assert slip.status_code == 422
    assert "Choose the cardholder's language." in texts(slip, ".problem")[0]
    answer = confirm(accountant_client, address, language="de")
    assert texts(report(accountant_client, answer), "main h2") == ["Done (3)"]
    assert {activation_factory.read_detail(public_id).language for public_id in three} == {"de"}


def test_a_reminder_goes_to_those_who_may_have_one(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    clock: MovableClock,
    services: Services,
    three: list[str],
) -> None:
    clock.advance(days=2)
    fresh = activation_factory.create("invited")
    client = sign_in(accountant_client, services)

    page = client.get(bulk_url("remind", rows_of(client)))

    assert texts(page, "main h2") == ["Left out (1)", "Send a reminder (3)"]
    assert "The last email left less than a day ago." in texts(page, "main td")[2]
    answer = confirm(client, bulk_url("remind", rows_of(client)))
    assert texts(report(client, answer), "main h2") == ["Done (3)"]
    assert kinds_queued(database).count(MailKind.FIRST_REMINDER) == 3
    assert activation_factory.read_detail(fresh).reminder is not None


def test_all_of_a_filter_is_done_beyond_the_page(accountant_client: FlaskClient, database: Database) -> None:
    invite(database, ActivationState.INVITED, range(60), START, START + timedelta(days=56))
    assert len(rows_of(accountant_client)) == 50

    answer = confirm(accountant_client, bulk_url("resend", all="yes", state="invitation_sent"))

    page = report(accountant_client, answer)
    assert texts(page, "main [role=status]") == ["Done with 60 of 60 requests."]
    assert history(database).count(EventType.RESENT) == 60


def test_more_than_one_action_takes_is_refused_above_the_list(
    accountant_client: FlaskClient, database: Database
) -> None:
    many = range(MOST_ROWS + 1)
    invite(database, ActivationState.INVITED, many, START, START + timedelta(days=56))

    answer = accountant_client.get(bulk_url("resend", all="yes"))

    assert answer.status_code == 303
    assert answer.location == LIST
    assert (
        "One action takes up to 500 requests." in texts(accountant_client.get(LIST + "?lang=en"), ".note")[0]
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (BULK, "Choose what to do with the selected requests."),
        (bulk_url("delete", ["x.y"]), "Choose what to do with the selected requests."),
        (bulk_url("resend"), "Select at least one request first."),
        (bulk_url("csv"), "Select at least one request first."),
    ],
)
def test_whoever_has_chosen_nothing_is_told_on_the_list(
    accountant_client: FlaskClient, address: str, sentence: str
) -> None:
    accountant_client.get(LIST + "?lang=en")

    answer = accountant_client.get(address)

    assert answer.status_code == 303
    assert sentence in texts(accountant_client.get(answer.location), ".note")[0]


def test_what_was_ticked_stays_ticked_where_no_action_was_chosen(
    accountant_client: FlaskClient, three: list[str]
) -> None:
    rows = rows_of(accountant_client)

    answer = accountant_client.get(bulk_url("", rows[:2], state="invitation_sent"))

    page = accountant_client.get(answer.location)
    assert "state=invitation_sent" in answer.location
    assert [str(box["value"]) for box in _boxes(page) if box.has_attr("checked")] == rows[:2]


def _boxes(page: TestResponse) -> list[Tag]:
    return BeautifulSoup(page.text, "html.parser").select("[name=row]")


def test_what_was_ticked_is_handed_out_as_a_file(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    rows = rows_of(accountant_client)

    answer = accountant_client.get(bulk_url("csv", rows[:2]))

    file = accountant_client.get(answer.location, buffered=True)
    assert len(file.data.decode("utf-8-sig").splitlines()) == 3
    assert office_events(database) == [("csv", 2)]


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


def test_an_interrupted_action_goes_on_where_it_stopped(
    accountant_client: FlaskClient,
    database: Database,
    services: Services,
    clock: MovableClock,
    activation_factory: ActivationFactory,
    three: list[str],
) -> None:
    address = bulk_url("cancel", rows_of(accountant_client))
    prepared = confirm(accountant_client, address)
    # Whoever did the first one was killed before it was noted.
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

    assert texts(page, "main td[data-name=What]") == ["Export to CSV", "Resend the invitation"]
    links = BeautifulSoup(page.text, "html.parser").select("main td a")
    assert [link["href"] for link in links] == [done.location]


@pytest.mark.parametrize("name", ACTIVATION_STATES)
@pytest.mark.parametrize("action", BULK_ACTIONS)
def test_whatever_a_row_answers_has_its_words(
    activation_factory: ActivationFactory, name: str, action: ActivationAction
) -> None:
    public_id = activation_factory.create(name)
    try:
        outcome: str = perform_action(
            activation_factory.services.invitations, action, ActionCommand(public_id, "anne", language="nl")
        )
    except ActionRefused as refused:
        outcome = refused.problem

    assert outcome in OUTCOMES

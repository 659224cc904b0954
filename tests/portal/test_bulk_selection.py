"""Which requests of the list an action is for: ticked, all of a filter, and what is left out."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType
from app.domain.states import ActivationState
from app.web.extensions import Services
from tests.bench.visitor_load import invite
from tests.support.activation_factory import ActivationFactory
from tests.support.bulk_actions import (
    BULK,
    LIST,
    bulk_url,
    confirm,
    history,
    office_events,
    report,
    rows_of,
    texts,
)
from tests.support.doubles import START


def test_every_request_has_a_box_and_a_dossier_without_one_has_none(
    accountant_client: FlaskClient, numbered_factory: ActivationFactory, three: list[str]
) -> None:
    marks = [numbered_factory.read_detail(public_id).version_mark for public_id in three]

    assert sorted(rows_of(accountant_client)) == sorted(
        f"{public_id}.{mark}" for public_id, mark in zip(three, marks, strict=True)
    )


def test_what_cannot_be_done_is_left_out_with_its_reason(
    accountant_client: FlaskClient,
    database: Database,
    numbered_factory: ActivationFactory,
    three: list[str],
) -> None:
    numbered_factory.create("active")
    address = bulk_url("cancel", rows_of(accountant_client))

    page = accountant_client.get(address)

    assert texts(page, "main h2") == ["Left out (1)", "Cancel the requests (3)"]
    assert "The service is already active." in texts(page, "main td")


def test_a_request_that_has_changed_since_it_was_ticked_is_left_out(
    accountant_client: FlaskClient, numbered_factory: ActivationFactory, three: list[str]
) -> None:
    rows = rows_of(accountant_client)
    numbered_factory.services.invitations.replace_link(three[0], "accountant 2")

    page = accountant_client.get(bulk_url("resend", rows))

    assert texts(page, "main h2") == ["Left out (1)", "Resend the invitations (2)"]
    assert "This request has changed since you selected it. Look at it first." in texts(page, "main td")


def test_all_of_a_filter_is_done_beyond_the_page(accountant_client: FlaskClient, database: Database) -> None:
    invite(database, ActivationState.INVITED, range(60), START, START + timedelta(days=56))
    assert len(rows_of(accountant_client)) == 50

    answer = confirm(accountant_client, bulk_url("resend", all="yes", state="invitation_sent"))

    page = report(accountant_client, answer)
    assert texts(page, "main [role=status]") == ["Done: 60 of 60."]
    assert history(database).count(EventType.RESENT) == 60


def test_more_than_one_action_takes_is_refused_above_the_list(
    accountant_client: FlaskClient, database: Database
) -> None:
    many = range(501)
    invite(database, ActivationState.INVITED, many, START, START + timedelta(days=56))

    answer = accountant_client.get(bulk_url("resend", all="yes"))

    assert answer.status_code == 303
    assert answer.location == f"{LIST}?all=yes"
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


def test_what_was_ticked_on_a_later_page_stays_ticked(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.INVITED, range(60), START, START + timedelta(days=56))
    first = BeautifulSoup(accountant_client.get(LIST).text, "html.parser")
    later = str(first.select_one("[rel=next]")["href"])  # type: ignore[index]
    page = BeautifulSoup(accountant_client.get(later).text, "html.parser")
    sent = [(str(one["name"]), str(one["value"])) for one in page.select(".listed > [type=hidden]")]
    rows = rows_of(accountant_client, later)

    answer = accountant_client.get(f"{BULK}?{urlencode([*sent, ('row', rows[0])])}")

    boxes = _boxes(accountant_client.get(answer.location))
    assert [str(box["value"]) for box in boxes if box.has_attr("checked")] == rows[:1]


def test_all_of_a_filter_that_does_not_exist_is_nothing(
    accountant_client: FlaskClient, three: list[str]
) -> None:
    for action in ("cancel", "csv"):
        answer = accountant_client.get(bulk_url(action, all="yes", state="problm"))

        assert (answer.status_code, answer.location.partition("?")[0]) == (303, LIST)


def test_a_file_of_what_was_ticked_has_all_of_it_whatever_became_of_it(
    accountant_client: FlaskClient, services: Services, three: list[str]
) -> None:
    rows = rows_of(accountant_client)
    services.invitations.cancel_activation(three[0], "anne")

    answer = accountant_client.get(bulk_url("csv", rows, state="invitation_sent"))

    assert len(accountant_client.get(answer.location, buffered=True).data.splitlines()) == 4


def test_an_invitation_that_still_waits_is_left_out(
    accountant_client: FlaskClient, numbered_factory: ActivationFactory
) -> None:
    numbered_factory.create_invited()

    page = accountant_client.get(bulk_url("resend", rows_of(accountant_client)))

    assert texts(page, "main h2") == ["Left out (1)"]
    assert "already waiting to be sent" in texts(page, "main td")[2]


@pytest.mark.parametrize("address", [f"{BULK}/%00", "/portal/requests/a%00b/copy", "/portal/requests/%00"])
def test_no_address_breaks_the_database(accountant_client: FlaskClient, address: str) -> None:
    assert accountant_client.get(address).status_code == 404
    assert accountant_client.get(f"{BULK}?action=resend&row=%00.x").status_code == 303
    nobody = accountant_client.get("/portal/caro/export.csv?row=%00", buffered=True)
    assert len(nobody.data.splitlines()) == 1


def test_what_was_ticked_is_handed_out_as_a_file(
    accountant_client: FlaskClient, database: Database, three: list[str]
) -> None:
    rows = rows_of(accountant_client)

    answer = accountant_client.get(bulk_url("csv", rows[:2]))

    file = accountant_client.get(answer.location, buffered=True)
    assert len(file.data.decode("utf-8-sig").splitlines()) == 3
    assert office_events(database) == [("csv selected", 2)]

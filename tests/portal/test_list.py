"""Mandats & services > CARO as the accountant meets it: rows, search, filter, pages, and what they cost."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event

from app.db import Database
from app.domain.failures import Failure
from app.domain.states import ActivationState, StatusLabel
from app.models import Accountant, Office
from app.portal.list_wording import CAUSES, SORTS
from app.queries.activation_list import list_activations
from app.queries.list_query import ListCursor, ListQuery, ListSort, ProblemCause
from app.web.extensions import Services
from tests.bench.seed import USUAL, SeededOffices, settle
from tests.bench.statement_tally import counted
from tests.bench.visitor_load import invite
from tests.support.activation_factory import ActivationFactory
from tests.support.databases import sqlite_database
from tests.support.doubles import START, MovableClock, RecordingTransport
from tests.support.office import order_for
from tests.support.portal import sign_in

LIST = "/portal/caro"
#: The session, how broad a search is, the rows, how many there are; of each label where nothing is filtered.
READS = 4


def page(accountant_client: FlaskClient, query: str = "", status: int = 200) -> BeautifulSoup:
    answer = accountant_client.get(f"{LIST}?{query}")
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def cells(soup: BeautifulSoup) -> list[list[str]]:
    return [[_said(cell) for cell in row.find_all(["th", "td"])[1:]] for row in soup.select("tbody tr")]


def said(soup: BeautifulSoup, selector: str) -> str:
    found = soup.select_one(selector)
    assert found
    return _said(found)


def _said(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def followed(soup: BeautifulSoup, rel: str) -> str | None:
    """Return the query of the link to the next or the previous page."""
    link = soup.find("a", rel=rel)
    return urlsplit(str(link["href"])).query if isinstance(link, Tag) else None


def address(soup: BeautifulSoup, selector: str) -> dict[str, list[str]]:
    """Return what the address of a link asks for."""
    found = soup.select_one(selector)
    assert found
    return parse_qs(urlsplit(str(found["href"])).query)


def test_a_row_shows_code_name_bank_reference_state_and_date(
    accountant_client: FlaskClient, services: Services
) -> None:
    services.orders.place_order(order_for())

    ordered, closed = cells(page(accountant_client, "lang=en"))
    assert ordered == [
        *("ACME", "Acme SA", "Belfius 6123 456 789", "Invitation sent", "23 Nov 2026"),
        *("First reminder on 7 Dec", "Manage"),
    ]
    assert closed == ["OLD", "Ancienne SA", "", "No active CODA mandate", "", "", ""]


def test_a_row_tells_the_cause_of_a_problem_and_how_far_the_cardholder_has_come(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("at_bank")
    assert cells(page(accountant_client, "lang=en"))[0][3:6] == [
        *("Invitation sent At the bank", "23 Nov 2026", "Expires on 18 Jan")
    ]


def test_a_row_tells_that_the_invitation_could_not_be_delivered(
    app: Flask,
    client: FlaskClient,
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
) -> None:
    public_id = services.orders.place_order(order_for()).public_id
    sent_mails.refuses = True
    with app.app_context():
        for _ in range(80):
            services.outbox.deliver_due()
            clock.advance(hours=1)
    sent_mails.refuses = False
    accountant_client = sign_in(client, services)

    lost = cells(page(accountant_client, "lang=en"))[0][3]
    services.invitations.resend_invitation(public_id, "accountant 1")
    resent = cells(page(accountant_client, "lang=en"))[0][3]

    assert lost == "Invitation sent The invitation could not be delivered"
    assert resent == "Invitation sent"


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == {*Failure, *ProblemCause}
    assert set(SORTS) == {f"{sign}{sort}" for sort in ListSort for sign in ("", "-")}


def test_a_problem_tells_its_cause(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("problem")
    assert cells(page(accountant_client, "lang=en"))[0][3] == "Problem Wrong card"


def test_manage_leads_to_the_dossier(accountant_client: FlaskClient) -> None:
    link = page(accountant_client, "lang=en").select_one("tbody a")

    assert link
    assert (link["href"], link["aria-label"]) == ("/portal/dossiers/1", "Manage ACME")


def test_the_portal_opens_on_the_list(accountant_client: FlaskClient) -> None:
    assert accountant_client.get("/portal/").headers["Location"] == LIST


def test_an_office_without_dossiers_reads_where_they_come_from(
    client: FlaskClient, services: Services, database: Database
) -> None:
    with database.transaction() as session:
        session.add(Office(id=2, name="Fiduciaire Peeters"))
        session.flush()
        session.add(Accountant(office_id=2, email="piet@peeters.example"))

    soup = page(sign_in(client, services, "piet@peeters.example"), "lang=en")
    assert "Your office has no dossiers here yet." in _said(soup)
    assert [link.text for link in soup.select(".none a")] == ["Import dossiers"]
    assert cells(soup) == []


def test_ordering_for_several_is_offered_beside_the_heading(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "lang=en")
    assert [link.text for link in soup.select("h1 + a.button")] == ["Order for several dossiers"]


def test_a_search_says_how_much_it_found_and_keeps_what_was_typed(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=cm%C3%A9&lang=en")

    field = soup.select_one("#q")
    assert field
    assert field["value"] == "cmé"
    assert said(soup, ".count") == "1 of 1 Show all dossiers"


def test_a_page_tells_which_rows_of_how_many_it_shows(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(119), START, START)

    first = page(accountant_client, "lang=en")
    second = page(accountant_client, followed(first, "next") or "")
    last = page(accountant_client, followed(second, "next") or "")
    assert [said(soup, ".count") for soup in (first, second, last)] == [
        *("1–50 of 120", "51–100 of 120", "101–120 of 120")
    ]


def test_more_than_a_thousand_rows_are_not_counted_out(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(1001), START, START)

    soup = page(accountant_client, "state=active&lang=en")
    assert said(soup, ".count") == "1–50 of more than 1,000 Show all dossiers"


def test_nothing_found_says_what_to_do(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=sa&state=active&lang=en")

    assert "Nothing found." in _said(soup)
    assert [(link.text, link["href"]) for link in soup.select(".none a")] == [
        ("Search in all statuses", f"{LIST}?q=sa"),
        ("Show all dossiers", LIST),
    ]


def test_an_empty_state_leads_back_to_all(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "state=problem&lang=en")

    assert "Nothing has this status." in _said(soup)
    assert address(soup, ".none a") == {}


def test_filters_count_and_mark_where_one_is(accountant_client: FlaskClient, services: Services) -> None:
    services.orders.place_order(order_for())

    soup = page(accountant_client, "state=invitation_sent&lang=en")
    filters = [_said(link) for link in soup.select(".filters a")]
    assert filters == [
        *("All", "Problem 0", "Invitation sent 1", "Invitation expired 0", "Not ordered 1", "Active 0"),
        "Cancelled 0",
    ]
    marked = soup.select(".filters [aria-current]")
    assert [_said(link) for link in marked] == ["Invitation sent 1"]
    assert [row[0] for row in cells(soup)] == ["ACME"]


def test_more_than_a_thousand_of_a_label_are_not_counted_out(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(1001), START, START)

    assert "Active 1,000+" in _said(page(accountant_client, "lang=en"))


def test_no_number_stands_at_a_state_where_it_would_not_be_what_is_listed(
    accountant_client: FlaskClient,
) -> None:
    assert [_said(link) for link in page(accountant_client, "q=a&lang=en").select(".filters a")][:2] == [
        *("All", "Problem")
    ]


def test_a_heading_sorts_and_says_how_the_list_is_sorted(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "sort=-name&q=a&lang=en")

    headings = {_said(heading): heading for heading in soup.select("thead th")}
    assert [name for name, heading in headings.items() if heading.get("aria-sort")] == ["Name"]
    assert headings["Name"]["aria-sort"] == "descending"
    assert [row[0] for row in cells(soup)] == ["OLD", "ACME"]
    links = {name: heading.select_one("a") for name, heading in headings.items()}
    asked = {
        name: parse_qs(urlsplit(str(link["href"])).query).get("sort") for name, link in links.items() if link
    }
    assert asked == {"Code": None, "Name": ["name"], "Status": ["state"], "Since": ["date"]}
    assert address(page(accountant_client), "thead a") == {"sort": ["-code"]}


def test_filters_stand_in_the_form_as_they_were_chosen(accountant_client: FlaskClient) -> None:
    chosen = {"state": "problem", "bank": "kbc", "language": "nl", "problem": "wrong_card", "sort": "date"}
    soup = page(accountant_client, urlencode(chosen))

    assert {
        str(field["name"]): str(field.select("[selected]")[0]["value"]) for field in soup.select("select")
    } == (chosen)
    assert said(soup, "summary small") == "(5)"


@pytest.mark.parametrize("query", ["state=none", "bank=ing", "language=xx", "problem=%00", "sort=size"])
def test_a_filter_that_does_not_exist_is_left_out_and_says_so(
    accountant_client: FlaskClient, query: str
) -> None:
    soup = page(accountant_client, f"{query}&lang=en")

    assert "does not exist. It was left out." in said(soup, ".note")
    assert [row[0] for row in cells(soup)] == ["ACME", "OLD"]
    assert "left out" not in _said(page(accountant_client, "state=&bank=&language=&problem=&sort=&lang=en"))


def test_search_filter_and_place_survive_a_change_of_language(accountant_client: FlaskClient) -> None:
    here = str(ListCursor(position=50, since=START, dossier_id=1, key="a"))
    soup = page(accountant_client, f"q=a&state=not_ordered&sort=-date&after={here}&other=gone")

    kept = {"q": ["a"], "state": ["not_ordered"], "sort": ["-date"], "after": [here], "lang": ["nl"]}
    assert address(soup, ".languages a[lang=nl]") == kept


def test_the_search_survives_a_filter(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=a&state=not_ordered&sort=name")

    assert address(soup, ".filters a:not([aria-current])") == {"q": ["a"], "sort": ["name"]}


def test_pages_follow_each_other_and_keep_the_filter(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(120), START, START)
    first = page(accountant_client, "state=active")
    second = page(accountant_client, followed(first, "next") or "")
    third = page(accountant_client, followed(second, "next") or "")
    numbers = [[row[2] for row in cells(soup)] for soup in (first, second, third)]

    assert [len(set(some)) for some in numbers] == [50, 50, 20]
    assert len(set(chain(*numbers))) == 120
    assert followed(third, "next") is None
    back = page(accountant_client, followed(third, "prev") or "")
    assert [row[2] for row in cells(back)] == numbers[1]
    assert address(back, ".pages a") == {"state": ["active"]}


def test_the_first_page_has_no_way_back_and_the_only_page_no_way_at_all(
    accountant_client: FlaskClient, database: Database
) -> None:
    assert page(accountant_client).select(".pages") == []

    invite(database, ActivationState.ACTIVE, range(60), START, START)
    assert followed(page(accountant_client), "prev") is None
    assert followed(page(accountant_client), "next")


@pytest.mark.parametrize(
    "query",
    [
        *("after=", "after=x", "after=1.2", "after=-1.0.0.1.1.a", "after=99999999999.0.0.1.1.a"),
        *("after=1.0.0.1.1.%00", f"after=1.0.{'9' * 17}.1.1.a", "after=1.9.0.1.1.a&sort=date"),
        *("before=%F0%9F%98%80", "before=1.0.0.1.1.z&after=1.0.0.1.1.a", "q=%00", "q=%20%20", "q=%27"),
    ],
)
def test_a_broken_address_is_the_first_page(accountant_client: FlaskClient, query: str) -> None:
    assert [row[0] for row in cells(page(accountant_client, query))] == ["ACME", "OLD"]


def test_what_is_typed_is_shown_inert(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get(LIST, query_string={"q": "<script>alert(1)</script>\u202e" + "x" * 10_000})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.text) < 15_000


@pytest.mark.parametrize(
    "query", ["", "q=a", "state=not_ordered", "state=active", "q=6&sort=date&bank=belfius", "problem=pin"]
)
def test_the_list_reads_little_and_writes_nothing(
    accountant_client: FlaskClient, services: Services, database: Database, query: str
) -> None:
    invite(database, ActivationState.ACTIVE, range(60), START, START)

    with counted(services.database) as tally:
        page(accountant_client, query)
    assert len(tally.statements) <= READS
    assert tally.transactions == 0


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two offices, of which the first is the larger one."""
    with sqlite_database(tmp_path_factory.mktemp("crowd")) as database:
        settle(database, SeededOffices(3 * USUAL, 2 * USUAL))
        yield database


@pytest.fixture
def crowded(services: Services, crowd: Database) -> Services:
    """The use cases of the larger office."""
    return replace(services, context=replace(services.context, database=crowd)).for_office(1)


_HERE = ListCursor(dossier_id=1, key="gar")
_NOT_ORDERED, _ACTIVE = StatusLabel.NOT_ORDERED, StatusLabel.ACTIVE
#: What is asked for, and the index that must answer it.
PLANS: Mapping[str, tuple[ListQuery, str]] = {
    "list": (ListQuery(), "ix_dossier_listed"),
    "list, on": (ListQuery(after=_HERE), "ix_dossier_listed"),
    "list, back": (ListQuery(before=_HERE), "ix_dossier_listed"),
    "not ordered": (ListQuery(label=_NOT_ORDERED), "ix_dossier_ordered"),
    "not ordered, on": (ListQuery(label=_NOT_ORDERED, after=_HERE), "ix_dossier_ordered"),
    "not ordered, back": (ListQuery(label=_NOT_ORDERED, before=_HERE), "ix_dossier_ordered"),
    "active": (ListQuery(label=_ACTIVE), "ix_activation_listed"),
    "active, on": (ListQuery(label=_ACTIVE, after=_HERE), "ix_activation_listed"),
    "active, back": (ListQuery(label=_ACTIVE, before=_HERE), "ix_activation_listed"),
    "by name": (ListQuery(sort=ListSort.NAME), "ix_dossier_named"),
    "by state": (ListQuery(sort=ListSort.STATE), "ix_activation_listed"),
    "by date": (ListQuery(sort=ListSort.DATE), "ix_activation_waiting"),
    "by date, on": (ListQuery(sort=ListSort.DATE, after=ListCursor(since=START)), "ix_activation_waiting"),
    "by date, down": (ListQuery(sort=ListSort.DATE, descending=True), "ix_activation_waiting"),
    "at a bank of many": (ListQuery(bank="belfius"), "ix_activation_listed"),
    "at a bank of few": (ListQuery(bank="fintro"), "ix_activation_filtered"),
    "at a bank of few, by name": (ListQuery(bank="fintro", sort=ListSort.NAME), "ix_activation_filtered"),
    "a language of many, by date": (ListQuery(language="fr", sort=ListSort.DATE), "ix_activation_waiting"),
    "a language of few, by date": (ListQuery(language="de", sort=ListSort.DATE), "ix_activation_filtered"),
    "words": (ListQuery(text="ara dup"), "ix_dossier_listed"),
    "words, by name": (ListQuery(text="ara", sort=ListSort.NAME), "ix_dossier_named"),
    "a reference": (ListQuery(text="600007"), "ix_activation_reference"),
}


#: What is sorted because it is little: what a reference found, and the attempts of one request.
FEW = ("SEARCH activation USING INTEGER PRIMARY KEY", "SEARCH attempt USING INDEX ix_attempt_history")


def plans(accountant_client: Services, wanted: ListQuery) -> list[list[tuple[int, str]]]:
    """Return how SQLite does each statement of a page: every step with the one that it belongs to."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Connection, _cursor: object, statement: str, values: Any, *_more: object) -> None:
        asked.append((statement, values))

    event.listen(accountant_client.database.reading, "before_cursor_execute", note)
    list_activations(accountant_client.context, wanted)
    event.remove(accountant_client.database.reading, "before_cursor_execute", note)
    with accountant_client.database.read_connection() as connection:
        explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in asked]
        return [[(step.parent, step.detail) for step in plan] for plan in explained]


@pytest.mark.parametrize("name", PLANS)
def test_no_list_scans_a_table_or_sorts_more_than_it_shows(crowded: Services, name: str) -> None:
    wanted, index = PLANS[name]
    found = plans(crowded, wanted)

    steps = [step for plan in found for _, step in plan]
    assert any(f"INDEX {index} (" in step for step in steps)
    # A bounded list stands in a query of its own, which SQLite calls anon; nothing else may be read whole.
    assert [step for step in steps if re.match(r"SCAN (?!anon_|place|CONSTANT ROW)", step)] == []
    for plan in found:
        for parent in [parent for parent, step in plan if "B-TREE FOR ORDER BY" in step]:
            beside = [step for other, step in plan if other == parent and step.startswith(("SCAN", "SEARCH"))]
            assert beside[0].startswith(("SCAN anon_", "SCAN place", *FEW))

"""Mandats & services > CARO as the accountant meets it: rows, search, filter, pages, and what they cost."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import Connection, event

from app.db import Database
from app.domain.states import ActivationState, StatusLabel
from app.models import Accountant, Office
from app.queries.activation_list import ListCursor, ListQuery, list_activations
from app.web.extensions import Services
from tests.bench.seed import USUAL, SeededOffices, settle
from tests.bench.statement_tally import counted
from tests.bench.visitor_load import invite
from tests.support.databases import sqlite_database
from tests.support.doubles import START
from tests.support.office import order_for
from tests.support.portal import sign_in

LIST = "/portal/caro"
#: The session, the rows, the banks of the dossiers without request, the counts.
READS = 4


def page(accountant_client: FlaskClient, query: str = "", status: int = 200) -> BeautifulSoup:
    answer = accountant_client.get(f"{LIST}?{query}")
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def cells(soup: BeautifulSoup) -> list[list[str]]:
    return [[_said(cell) for cell in row.find_all(["th", "td"])] for row in soup.select("tbody tr")]


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
        *("ACME", "Acme SA", "Belfius", "6123 456 789", "Invitation sent 23 November 2026", "Manage")
    ]
    assert closed == ["OLD", "Ancienne SA", "", "", "No active CODA mandate", ""]


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
    assert cells(soup) == []


def test_a_search_says_how_much_it_found_and_keeps_what_was_typed(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=Acm%C3%A9&lang=en")

    field = soup.select_one("#q")
    assert field
    assert field["value"] == "Acmé"
    assert "Results for “Acmé”: 1." in _said(soup)


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


def test_more_than_a_thousand_are_not_counted_out(accountant_client: FlaskClient, database: Database) -> None:
    invite(database, ActivationState.ACTIVE, range(1001), START, START)

    assert "Active 1000+" in _said(page(accountant_client, "lang=en"))


def test_the_list_draws_how_far_the_requests_have_come(
    accountant_client: FlaskClient, database: Database
) -> None:
    for state, numbers in (
        (ActivationState.INVITED, range(2)),
        (ActivationState.TERMS_ACCEPTED, range(10, 11)),
        (ActivationState.ACTIVE, range(20, 1500)),
    ):
        invite(database, state, numbers, START, START)

    soup = page(accountant_client, "lang=en")
    drawn = [_said(activation_factory) for activation_factory in soup.select(".funnel li")]
    invited = "3 Invitation sent Conditions accepted: 1 · At the bank: 0"
    assert drawn == [invited, "1000+ Active", "0 Problem"]
    filters = [str(link["href"]) for link in soup.select(".funnel a")]
    assert filters == [f"/portal/caro?state={state}" for state in ("invitation_sent", "active", "problem")]
    assert soup.select_one(".funnel [data-label=active] .b")
    assert soup.select_one(".funnel [data-label=problem] .b") is None


@pytest.mark.parametrize("query", ["", "q=acme", "state=active"])
def test_nothing_is_drawn_where_nothing_was_ordered_or_not_all_is_listed(
    accountant_client: FlaskClient, services: Services, query: str
) -> None:
    if query:
        services.orders.place_order(order_for())

    assert page(accountant_client, query).select(".funnel") == []


def test_search_filter_and_place_survive_a_change_of_language(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=a&state=not_ordered&after=1.0.a&other=gone")

    kept = {"q": ["a"], "state": ["not_ordered"], "after": ["1.0.a"], "lang": ["nl"]}
    assert address(soup, ".languages a[lang=nl]") == kept


def test_the_search_survives_a_filter_and_the_filter_a_search(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client, "q=a&state=not_ordered")

    assert address(soup, ".filters a:not([aria-current])") == {"q": ["a"]}
    assert [(field["name"], field["value"]) for field in soup.select("form.search input[name]")] == [
        ("q", "a"),
        ("state", "not_ordered"),
    ]


def test_pages_follow_each_other_and_keep_the_filter(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(120), START, START)
    first = page(accountant_client, "state=active")
    second = page(accountant_client, followed(first, "next") or "")
    third = page(accountant_client, followed(second, "next") or "")
    numbers = [[row[3] for row in cells(soup)] for soup in (first, second, third)]

    assert [len(set(some)) for some in numbers] == [50, 50, 20]
    assert len(set(chain(*numbers))) == 120
    assert followed(third, "next") is None
    back = page(accountant_client, followed(third, "prev") or "")
    assert [row[3] for row in cells(back)] == numbers[1]
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
        *("after=", "after=x", "after=1.2", "after=-1.0.a", "after=99999999999.1.a", "after=1.1.%00"),
        *("before=%F0%9F%98%80", "before=1.1.z&after=1.1.a&state=none", "q=%00", "q=%20%20", "state=%00"),
    ],
)
def test_a_broken_address_is_the_first_page(accountant_client: FlaskClient, query: str) -> None:
    assert [row[0] for row in cells(page(accountant_client, query))] == ["ACME", "OLD"]


def test_what_is_typed_is_shown_inert(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get(LIST, query_string={"q": "<script>alert(1)</script>\u202e" + "x" * 10_000})

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "\u202e" not in answer.text
    assert len(answer.text) < 10_000


@pytest.mark.parametrize("query", ["", "q=a", "state=not_ordered", "state=active"])
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


_HERE = ListCursor("gar", 1, 0)
#: What is asked for, and the index that must answer it.
PLANS: Mapping[str, tuple[ListQuery, str]] = {
    "list": (ListQuery(), "ix_dossier_listed"),
    "list, on": (ListQuery(after=_HERE), "ix_dossier_listed"),
    "list, back": (ListQuery(before=_HERE), "ix_dossier_listed"),
    "not ordered": (ListQuery(label=StatusLabel.NOT_ORDERED), "ix_dossier_unordered"),
    "not ordered, on": (ListQuery(label=StatusLabel.NOT_ORDERED, after=_HERE), "ix_dossier_unordered"),
    "not ordered, back": (ListQuery(label=StatusLabel.NOT_ORDERED, before=_HERE), "ix_dossier_unordered"),
    "active": (ListQuery(label=StatusLabel.ACTIVE), "ix_activation_listed"),
    "active, on": (ListQuery(label=StatusLabel.ACTIVE, after=_HERE), "ix_activation_listed"),
    "active, back": (ListQuery(label=StatusLabel.ACTIVE, before=_HERE), "ix_activation_listed"),
    "code": (ListQuery(text="gar"), "ix_dossier_listed"),
    "name": (ListQuery(text="garage"), "ix_dossier_named"),
    "reference": (ListQuery(text="6"), "ix_activation_reference"),
}


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
    assert [step for step in steps if re.match(r"SCAN (?!anon_|CONSTANT ROW)", step)] == []
    for plan in found:
        for parent in [parent for parent, step in plan if "B-TREE FOR" in step and "ORDER BY" in step]:
            beside = [step for other, step in plan if other == parent and step.startswith(("SCAN", "SEARCH"))]
            assert beside[0].startswith("SCAN anon_")

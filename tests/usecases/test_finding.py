"""Finding one's way in the list of an office: search, filters, orders, and all rows at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, delete, insert, select, update

from app.db import Database
from app.domain.failures import Failure
from app.domain.history import MailKind
from app.domain.states import SINCE, ActivationState, StatusLabel, status_label
from app.models import Activation, Dossier
from app.queries.activation_list import ActivationRow, list_activations, stream_activations
from app.queries.list_query import ListQuery, ListSort, ProblemCause
from app.queries.list_shape import ListBreadth, list_parameters, list_shape
from app.queries.list_statements import PAGE_ROWS, select_page
from app.web.extensions import Services
from tests.bench.visitor_load import invite
from tests.support.activation_factory import ACTIVATION_STATES, ActivationFactory
from tests.support.doubles import START, FakeBank, FakeBankApp, MovableClock
from tests.support.office import REFERENCE, order_for

OTHER = "6999999999"
KBC = {"bank": "kbc", "iban": "BE78735000000186"}


@pytest.fixture
def office_services(services: Services) -> Services:
    """The use cases of the office that all tests know."""
    return services.for_office(1)


@pytest.fixture
def activation_factory(
    services: Services, bank: FakeBank, bank_app: FakeBankApp, clock: MovableClock
) -> ActivationFactory:
    """Requests at every point of their life, each for a reference of its own."""
    numbers = iter(range(6_200_000_000, 6_300_000_000))
    return ActivationFactory(
        services,
        bank,
        bank_app,
        clock,
        lambda **changes: order_for(**{"client_reference": str(next(numbers)), **changes}),
    )


def open_dossiers(database: Database, *dossiers: tuple[str, str]) -> None:
    with database.transaction() as session:
        session.add_all(Dossier(office_id=1, code=code, name=name) for code, name in dossiers)


def list_rows(office_services: Services, **asked: object) -> list[ActivationRow]:
    return list(list_activations(office_services.context, ListQuery(**asked)).entries)  # type: ignore[arg-type]


def codes(office_services: Services, **asked: object) -> list[str]:
    return [row.code for row in list_rows(office_services, **asked)]


@pytest.mark.parametrize(
    "text",
    [
        *("tilleul", "TILLEUL", "Tïlleul", "lle", "l", "srl boulangerie", "boul srl", "til bou til", "B-7"),
        *(
            "b\u20117",
            "7",
            "6123456789",
            "6123 456 789",
            "3456",
            "6123.456",
            "6123 tilleul",
            "srl 89",
            "8 b-",
        ),
        *("réf. 6123456789", "  tilleul\t", "tilleul\x00", "\u200btilleul"),
    ],
)
def test_any_part_of_a_code_a_name_or_a_reference_finds(
    office_services: Services, database: Database, text: str
) -> None:
    open_dossiers(database, ("B-7", "Boulangerie Tilleul SRL"))
    with database.transaction() as session:
        ordered = session.scalars(select(Dossier).where(Dossier.code == "B-7")).one()
    invite(database, ActivationState.INVITED, range(123_456_789, 123_456_790), START, START + timedelta(56))
    with database.transaction() as session:
        session.execute(update(Activation).values(dossier_id=ordered.id, dossier_key="b-7"))

    assert ("B-7", REFERENCE) in [
        (row.code, row.client_reference) for row in list_rows(office_services, text=text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tilleuls",
            "acme tilleul",
            "61234567890",
            "%",
            "_",
            "a%e",
            "\\",
            "*",
            "\U0010ffff",
            "--",
        ),
        *("6123 999", "x" * 4096, "acme " + "y" * 4096, "1 2 3 4 5 6 7 8 9 0 z"),
    ],
)
def test_what_is_nowhere_finds_nothing(office_services: Services, text: str) -> None:
    office_services.orders.place_order(order_for())

    assert codes(office_services, text=ListQuery.parse_arguments({"q": text})[0].text) == []


def test_signs_that_mean_something_to_a_database_are_found_as_they_are(
    office_services: Services, database: Database
) -> None:
    open_dossiers(database, ("50%", "Rabais"), ("A_1", "Souligné"), ("A\\1", "Barre"), ("AX1", "Autre"))

    assert codes(office_services, text="%") == ["50%"]
    assert codes(office_services, text="a_1") == ["A_1"]
    assert codes(office_services, text="\\") == ["A\\1"]


def test_a_whole_code_comes_first_whatever_else_contains_it(
    office_services: Services, database: Database
) -> None:
    open_dossiers(database, ("112", "Un"), ("12", "Deux"), ("120", "Trois"))

    assert codes(office_services, text="12") == ["12", "112", "120"]


def test_a_search_goes_on_over_pages_and_repeats_nothing(
    office_services: Services, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(123_000, 123_120), START, START)

    for text in ("6000123", "acme 12", "600 123"):
        found = list(stream_activations(office_services.context, ListQuery(text=text)))
        page = list_activations(office_services.context, ListQuery(text=text))
        assert page.total == len(found) == len({row.public_id for row in found})
        assert page.next
        after = list_activations(office_services.context, ListQuery(text=text, after=page.next))
        assert [row.public_id for row in (*page.entries, *after.entries)] == [
            row.public_id for row in found[: 2 * PAGE_ROWS]
        ]


def test_a_request_is_found_once_by_its_dossier_and_its_reference(
    office_services: Services, database: Database
) -> None:
    open_dossiers(database, ("6123", "Six"))
    office_services.orders.place_order(order_for())

    assert codes(office_services, text="6123") == ["6123", "ACME"]


def test_filters_narrow_each_other(office_services: Services, activation_factory: ActivationFactory) -> None:
    activation_factory.create_active()
    activation_factory.create_problem()
    office_services.orders.place_order(order_for(bank="fintro", language="nl"))
    refused = activation_factory.create_refused_at_kbc()

    assert len(list_rows(office_services)) == 5
    for asked, references in (
        ({"bank": "fintro"}, [REFERENCE]),
        ({"language": "nl"}, [REFERENCE]),
        ({"language": "nl", "bank": "belfius"}, []),
        ({"label": StatusLabel.INVITATION_SENT, "bank": "fintro", "language": "nl"}, [REFERENCE]),
        ({"cause": Failure.WRONG_CARD}, ["6200000001"]),
        ({"cause": Failure.PIN}, []),
        ({"cause": ProblemCause.REFUSED_IN_APP, "bank": "kbc"}, ["6200000002"]),
        ({"cause": Failure.WRONG_CARD, "label": StatusLabel.ACTIVE}, []),
        ({"cause": Failure.WRONG_CARD, "label": StatusLabel.NOT_ORDERED}, []),
        ({"text": "acme 62", "bank": "belfius"}, ["6200000000", "6200000001"]),
    ):
        for sort, descending in product(ListSort, (False, True)):
            found = list_rows(office_services, **asked, sort=sort, descending=descending)
            assert sorted(row.client_reference or "" for row in found) == references, (asked, sort)
    assert refused in [row.public_id for row in list_rows(office_services, bank="kbc")]


def test_a_bank_shows_the_dossiers_that_could_be_ordered_there(office_services: Services) -> None:
    assert (
        codes(office_services, bank="argenta") == codes(office_services, bank="argenta", text="a") == ["ACME"]
    )
    assert codes(office_services, bank="crelan") == codes(office_services, language="fr") == []


def test_a_problem_says_its_cause_and_what_is_next(
    office_services: Services, activation_factory: ActivationFactory
) -> None:
    activation_factory.create_active()
    activation_factory.create_problem()
    activation_factory.create_refused_at_kbc()

    rows = list_rows(office_services, text="acme")
    assert [(row.label, row.cause) for row in rows] == [
        (StatusLabel.ACTIVE, None),
        (StatusLabel.PROBLEM, Failure.WRONG_CARD),
        (StatusLabel.PROBLEM, ProblemCause.REFUSED_IN_APP),
    ]
    assert [row.reminder and row.reminder.kind for row in rows] == [None, MailKind.FIRST_REMINDER, None]
    assert [row.expires_at and (row.expires_at - START).days for row in rows] == [None, 56, 56]


def test_an_order_by_name_by_state_and_by_date_and_each_backwards(
    office_services: Services, database: Database, activation_factory: ActivationFactory, clock: MovableClock
) -> None:
    open_dossiers(database, ("A1", "Zoé"), ("Z9", "abel"))
    active = activation_factory.create_active()
    clock.advance(days=1)
    waiting = activation_factory.create_invited()
    clock.advance(days=1)
    problem = activation_factory.create_problem()

    assert codes(office_services, sort=ListSort.NAME) == ["Z9", "ACME", "ACME", "ACME", "OLD", "A1"]
    assert codes(office_services, sort=ListSort.NAME, descending=True)[0] == "A1"
    by_state = [row.public_id or row.code for row in list_rows(office_services, sort=ListSort.STATE)]
    assert by_state == [problem, waiting, "A1", "OLD", "Z9", active]
    by_date = [row.public_id or row.code for row in list_rows(office_services, sort=ListSort.DATE)]
    assert by_date == [active, waiting, problem, "A1", "OLD", "Z9"]
    found = [row.public_id or row.code for row in list_rows(office_services, text="e", sort=ListSort.DATE)]
    assert found == [active, waiting, problem, "A1", "OLD", "Z9"]
    backwards = list_rows(office_services, sort=ListSort.DATE, descending=True)
    assert [row.public_id or row.code for row in backwards] == [problem, waiting, active, "Z9", "OLD", "A1"]


@pytest.mark.parametrize(("sort", "descending"), product(ListSort, (False, True)))
@pytest.mark.parametrize("text", ["", "acme", "60000"])
def test_pages_of_every_order_follow_each_other_both_ways(
    office_services: Services, database: Database, text: str, sort: ListSort, descending: bool
) -> None:
    for state, day in (
        (ActivationState.ACTIVE, 0),
        (ActivationState.INVITED, 1),
        (ActivationState.EXPIRED, 2),
    ):
        numbers = range(1000 * day, 1000 * day + 40)
        invite(database, state, numbers, START - timedelta(day), START + timedelta(56))
    with database.transaction() as session:
        session.execute(update(Dossier).where(Dossier.code == "ACME").values(ordered=True))
    list_query = ListQuery(text=text, sort=sort, descending=descending)
    first = list_activations(office_services.context, list_query)
    second = list_activations(office_services.context, replace(list_query, after=first.next))
    third = list_activations(office_services.context, replace(list_query, after=second.next))
    back = list_activations(office_services.context, replace(list_query, before=third.previous))

    rows = [row for page in (first, second, third) for row in page.entries]
    assert rows == list(stream_activations(office_services.context, list_query))
    assert [row.cursor.position for row in rows] == list(range(1, first.total + 1))
    assert back.entries == second.entries
    assert third.next is None


def _read_in_breadth(
    office_services: Services, list_query: ListQuery, breadth: ListBreadth
) -> Sequence[Row[*tuple[Any, ...]]]:
    page = select_page(list_shape(list_query, PAGE_ROWS, breadth))
    assert page is not None
    with office_services.database.read_connection() as connection:
        return connection.execute(page, list_parameters(list_query, 1)).all()


@pytest.mark.parametrize("asked", [{"bank": "kbc"}, {"language": "nl"}, {"text": "6", "bank": "belfius"}])
def test_rows_are_the_same_however_many_the_filters_leave(
    office_services: Services,
    database: Database,
    activation_factory: ActivationFactory,
    asked: dict[str, str],
) -> None:
    for name in ("invited", "problem", "active", "expired", "cancelled", "invited"):
        activation_factory.create(name)
    with database.transaction() as session:
        session.execute(update(Activation).where(Activation.id % 2 == 0).values(bank="kbc"))
        session.execute(update(Activation).where(Activation.id % 3 != 0).values(language="nl"))
    for sort, descending in product(ListSort, (False, True)):
        list_query = ListQuery(**asked, sort=sort, descending=descending)  # type: ignore[arg-type]
        few, many, usual = (
            _read_in_breadth(office_services, list_query, breadth)
            for breadth in (ListBreadth(few_requests=True), ListBreadth(many_references=True), ListBreadth())
        )
        assert len(few) >= 3
        assert few == many == usual


@pytest.mark.parametrize("name", ACTIVATION_STATES)
def test_what_is_sorted_by_is_what_is_shown(
    office_services: Services,
    activation_factory: ActivationFactory,
    database: Database,
    clock: MovableClock,
    name: str,
) -> None:
    public_id = activation_factory.create(name)
    clock.advance(days=1)
    detail = activation_factory.read_detail(public_id)

    (row,) = list_rows(office_services, text="acme")
    assert (row.label, row.since) == (detail.label, detail.label_since)
    if name != "over":
        with database.read_connection() as connection:
            assert connection.execute(select(Activation.label_since)).scalar_one() == row.since


def _request(number: int) -> dict[str, object]:
    return {
        "public_id": f"history-{number}",
        "client_reference": str(6_000_000_000 + number),
        **{"office_id": 1, "dossier_id": 1, "accountant_id": 1, "bank": "belfius", "language": "fr"},
    }


_MOMENTS = st.datetimes(START.replace(tzinfo=None), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    histories=st.lists(
        st.tuples(st.sampled_from(ActivationState), st.booleans(), _MOMENTS, _MOMENTS, _MOMENTS), min_size=1
    )
)
def test_the_stored_moment_is_always_the_one_of_the_stored_label(
    database: Database, histories: list[tuple[ActivationState, bool, *tuple[datetime, ...]]]
) -> None:
    names = ("invited_at", "changed_at", "expires_at")
    with database.transaction() as session:
        session.execute(delete(Activation))
        session.execute(
            insert(Activation),
            [
                _request(number)
                | {"state": state, "problem": problem, "ordered_at": START}
                | dict(zip(names, moments, strict=True))
                for number, (state, problem, *moments) in enumerate(histories)
            ],
        )
        for row in session.scalars(select(Activation)):
            label = status_label(row.state, START.replace(year=9999), row.problem, START)
            assert (row.label, row.label_since) == (label, getattr(row, SINCE.get(label, "changed_at")))

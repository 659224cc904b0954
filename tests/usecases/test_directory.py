"""The list of one office: what stands in it, what is found, and in which order."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import insert, select, update

from app.db import Database
from app.domain.identifiers import search_key
from app.domain.states import ActivationState, StatusLabel, status_label
from app.models import Activation, Dossier, Mandate, Office
from app.models.office import MandateState
from app.queries.activation_list import (
    ActivationPage,
    NotOrderableReason,
    list_activations,
    stream_activations,
)
from app.queries.list_query import ListCursor, ListQuery
from app.queries.list_statements import COUNTED, PAGE_ROWS
from app.web.extensions import Services
from tests.bench.visitor_load import invite
from tests.support.doubles import START, MovableClock
from tests.support.office import OFFICE, REFERENCE, order_for

OTHER = "6999999999"
ELSEWHERE = "Fiduciaire Peeters"


@pytest.fixture
def office_services(services: Services, database: Database) -> Services:
    """The use cases of the office that all tests know."""
    return services.for_office(office_id(database, OFFICE))


def office_id(database: Database, name: str) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(Office.id).where(Office.name == name)).scalar_one()


def open_dossiers(database: Database, office: str, *codes: str, bank: str = "belfius") -> None:
    with database.transaction() as session:
        found = session.scalars(select(Office).where(Office.name == office)).one_or_none()
        home = found or Office(name=office)
        session.add(home)
        session.flush()
        for code in codes:
            dossier = Dossier(office_id=home.id, code=code, name=f"Société {code}")
            session.add(dossier)
            session.flush()
            session.add(
                Mandate(dossier_id=dossier.id, bank=bank, iban="BE71096123456769", state=MandateState.ACTIVE)
            )


def rows(
    office_services: Services, text: str = "", label: StatusLabel | None = None
) -> list[tuple[str, str | None, StatusLabel]]:
    found = list_activations(office_services.context, ListQuery(text=text, label=label)).entries
    return [(entry.code, entry.client_reference, entry.label) for entry in found]


def codes(office_services: Services, text: str = "", label: StatusLabel | None = None) -> list[str]:
    return [code for code, _, _ in rows(office_services, text, label)]


def ahead(office_services: Services, label: StatusLabel | None = None) -> list[ActivationPage]:
    """Read on, page after page."""
    pages = [list_activations(office_services.context, ListQuery(label=label))]
    while (following := pages[-1].next) and len(pages) < 20:
        pages.append(list_activations(office_services.context, ListQuery(label=label, after=following)))
    return pages


def test_each_dossier_and_each_reference_is_one_row(office_services: Services) -> None:
    office_services.orders.place_order(order_for())
    office_services.orders.place_order(order_for(client_reference=OTHER, bank="fintro"))

    assert rows(office_services) == [
        ("ACME", REFERENCE, StatusLabel.INVITATION_SENT),
        ("ACME", OTHER, StatusLabel.INVITATION_SENT),
        ("OLD", None, StatusLabel.NOT_ORDERED),
    ]


def test_a_row_tells_name_bank_and_since_when(office_services: Services, clock: MovableClock) -> None:
    office_services.orders.place_order(order_for(bank="fintro"))
    clock.advance(days=1)

    entry = list_activations(office_services.context, ListQuery()).entries[0]
    assert (entry.name, entry.banks, entry.since) == ("Acme SA", ["fintro"], START)


def test_a_dossier_without_request_names_the_banks_where_it_can_be_ordered(office_services: Services) -> None:
    entry = list_activations(office_services.context, ListQuery(text="acme")).entries[0]

    assert (entry.banks, entry.obstacle) == (["argenta", "belfius", "fintro", "kbc"], None)


def test_a_dossier_that_cannot_order_says_why(office_services: Services, database: Database) -> None:
    open_dossiers(database, OFFICE, "FAR", bank="atlantis")

    found = {
        entry.code: entry.obstacle for entry in list_activations(office_services.context, ListQuery()).entries
    }
    assert found == {"ACME": None, "FAR": NotOrderableReason.NO_BANK, "OLD": NotOrderableReason.NO_MANDATE}


def test_a_request_that_ended_makes_room_for_the_next_one_of_its_reference(office_services: Services) -> None:
    first = office_services.orders.place_order(order_for()).public_id
    office_services.invitations.cancel_activation(first, "test")
    assert rows(office_services, "acme") == [("ACME", REFERENCE, StatusLabel.CANCELLED)]

    office_services.orders.place_order(order_for())
    assert (
        rows(office_services, "acme")
        == rows(office_services, "6123")
        == [("ACME", REFERENCE, StatusLabel.INVITATION_SENT)]
    )
    assert rows(office_services, label=StatusLabel.CANCELLED) == [("ACME", REFERENCE, StatusLabel.CANCELLED)]


def test_of_two_ended_requests_the_one_that_was_taken_up_again_stays(office_services: Services) -> None:
    first = office_services.orders.place_order(order_for()).public_id
    office_services.invitations.cancel_activation(first, "test")
    office_services.invitations.cancel_activation(
        office_services.orders.place_order(order_for()).public_id, "test"
    )
    assert rows(office_services, "acme") == [("ACME", REFERENCE, StatusLabel.CANCELLED)]

    office_services.invitations.relaunch_activation(first, "test", "titulaire@client.example")
    assert rows(office_services, "acme") == [("ACME", REFERENCE, StatusLabel.INVITATION_SENT)]


def test_a_link_that_is_over_reads_as_expired_before_the_worker_marks_it(
    office_services: Services, clock: MovableClock
) -> None:
    office_services.orders.place_order(order_for())
    clock.advance(days=57)

    entry = list_activations(office_services.context, ListQuery(text="acme")).entries[0]
    assert (entry.label, entry.since) == (StatusLabel.EXPIRED, START + timedelta(days=56))


def test_the_filters_give_each_request_the_word_that_its_page_gives_it(database: Database) -> None:
    stands = list(product(ActivationState, (False, True)))
    with database.transaction() as session:
        home = session.scalars(select(Dossier)).first()
        assert home is not None
        lines = [
            _request(number)
            | {"office_id": home.office_id, "dossier_id": home.id, "state": state, "problem": problem}
            for number, (state, problem) in enumerate(stands)
        ]
        session.execute(insert(Activation), lines)

    with database.read_connection() as connection:
        kept = connection.execute(select(Activation.state, Activation.problem, Activation.label)).all()
    assert len(kept) == len(stands)
    assert all(row.label is status_label(row.state, START + timedelta(1), row.problem, START) for row in kept)


def test_another_office_is_never_seen(
    services: Services, office_services: Services, database: Database
) -> None:
    open_dossiers(database, ELSEWHERE, "ACME", "OTHER")
    office_services.orders.place_order(order_for())
    stranger = services.for_office(office_id(database, ELSEWHERE))

    assert rows(stranger) == [
        ("ACME", None, StatusLabel.NOT_ORDERED),
        ("OTHER", None, StatusLabel.NOT_ORDERED),
    ]
    assert codes(stranger, label=StatusLabel.INVITATION_SENT) == codes(stranger, "6123") == []
    assert list_activations(stranger.context, ListQuery()).counts[StatusLabel.INVITATION_SENT] == 0
    assert codes(stranger, "ac") == codes(office_services, "ac") == ["ACME"]
    assert codes(stranger, label=StatusLabel.NOT_ORDERED) == ["ACME", "OTHER"]
    assert codes(office_services, "other") == []


def test_counting_ends_at_a_thousand(office_services: Services, database: Database) -> None:
    invite(database, ActivationState.ACTIVE, range(COUNTED + 200), START, START)
    invite(database, ActivationState.INVITED, range(5000, 5003), START, START)

    page = list_activations(office_services.context, ListQuery())
    assert (page.counts[StatusLabel.ACTIVE], page.counts[StatusLabel.INVITATION_SENT]) == (COUNTED + 1, 3)
    assert page.total == COUNTED + 1


def test_a_request_that_made_room_for_another_is_counted_with_its_label_alone(
    office_services: Services, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(60), START, START)
    invite(database, ActivationState.CANCELLED, range(60, 63), START, START)
    with database.transaction() as session:
        ended = update(Activation).where(Activation.state == ActivationState.CANCELLED)
        session.execute(ended.values(client_reference="6000000000"))

    page = list_activations(office_services.context, ListQuery())
    assert page.counts[StatusLabel.CANCELLED] == 3
    assert page.total == len(list(stream_activations(office_services.context, ListQuery()))) == 61


def crowd(database: Database) -> None:
    """Open dossiers with none, one and many requests; two codes differ in their case alone."""
    open_dossiers(database, OFFICE, *(f"BOX{number:02}" for number in range(70)), "box07", "Z")
    with database.transaction() as session:
        home = session.scalars(select(Office)).one()
        crowded = session.scalars(
            select(Dossier).where(Dossier.code.in_(("BOX03", "BOX07", "box07", "Z")))
        ).all()
        numbers = iter(range(10_000))
        lines = [
            {**_request(next(numbers)), "office_id": home.id, "dossier_id": dossier.id}
            | {"dossier_key": search_key(dossier.code), "state": state}
            for dossier in crowded
            for state in (ActivationState.ACTIVE, ActivationState.INVITED) * 35
        ]
        session.execute(insert(Activation), lines)
        for dossier in crowded:
            dossier.ordered = True


def _request(number: int) -> dict[str, object]:
    moments = dict.fromkeys(("ordered_at", "invited_at", "changed_at"), START)
    return {
        "public_id": f"crowd-{number}",
        "client_reference": str(6_000_000_000 + number),
        "accountant_id": 1,
        "bank": "belfius",
        "language": "fr",
        "expires_at": START + timedelta(days=56),
        **moments,
    }


@pytest.mark.parametrize(
    ("label", "rows_in_all"),
    [
        (None, 70 + 2 - 4 + 4 * 70 + 2),
        (StatusLabel.NOT_ORDERED, 70 + 2 - 4 + 2),
        (StatusLabel.ACTIVE, 4 * 35),
    ],
)
def test_a_long_list_comes_in_pages_and_none_is_lost_or_repeated(
    office_services: Services, database: Database, label: StatusLabel | None, rows_in_all: int
) -> None:
    crowd(database)

    pages = ahead(office_services, label)
    cursors = [entry.cursor for page in pages for entry in page.entries]
    assert {len(page.entries) for page in pages[:-1]} == {PAGE_ROWS}
    assert len(cursors) == len(set(cursors)) == rows_in_all
    assert [cursor.key for cursor in cursors] == sorted(cursor.key for cursor in cursors)


@pytest.mark.parametrize("label", [None, StatusLabel.NOT_ORDERED, StatusLabel.ACTIVE])
def test_the_way_back_shows_the_same_pages(
    office_services: Services, database: Database, label: StatusLabel | None
) -> None:
    crowd(database)
    pages = ahead(office_services, label)

    back = [pages[-1]]
    while (before := back[0].previous) and len(back) < 20:
        back.insert(0, list_activations(office_services.context, ListQuery(label=label, before=before)))
    assert [page.entries for page in back] == [page.entries for page in pages]


def test_a_place_beyond_the_last_row_is_the_first_page(office_services: Services) -> None:
    for beyond in (ListQuery(after=ListCursor(key="z")), ListQuery(before=ListCursor(key=""))):
        assert list_activations(office_services.context, beyond) == list_activations(
            office_services.context, ListQuery()
        )

"""Rows by column: neither the order of columns nor two equal names mix values up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, create_engine, func, insert, select

from app.db import TypedColumns, ViewColumns
from app.domain.history import EventType
from app.models import Base, Dossier, Event, Office

NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def connection() -> Iterator[Connection]:
    """One office with one dossier and one event."""
    engine = create_engine("sqlite://")
    with engine.begin() as opened:
        Base.metadata.create_all(opened)
        opened.execute(insert(Office), {"name": "Fiduciaire Dubois"})
        opened.execute(insert(Dossier), {"office_id": 1, "code": "ACME", "name": "Acme SA"})
        event = {"activation_id": 1, "at": NOW, "actor": "cli", "event_type": EventType.ORDERED}
        opened.execute(insert(Event), event)
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "columns", [TypedColumns(Office.name, Dossier.name), TypedColumns(Dossier.name, Office.name)]
)
def test_columns_of_one_name_are_told_apart_in_any_order(
    connection: Connection, columns: TypedColumns
) -> None:
    joined = select(*columns.columns).join_from(Office, Dossier, Dossier.office_id == Office.id)

    (row,) = columns.rows(connection.execute(joined))
    assert (row[Office.name], row[Dossier.name]) == ("Fiduciaire Dubois", "Acme SA")


def test_a_column_that_was_not_selected_is_an_error(connection: Connection) -> None:
    columns = TypedColumns(Dossier.name)

    (row,) = columns.rows(connection.execute(select(*columns.columns)))
    with pytest.raises(KeyError):
        row[Office.name]


def test_other_columns_than_those_of_the_statement_are_an_error(connection: Connection) -> None:
    with pytest.raises(ValueError, match="shorter"):
        TypedColumns(Dossier.name, Dossier.code).rows(connection.execute(select(Dossier.name)))


def test_an_attribute_of_another_name_than_its_column_is_found(connection: Connection) -> None:
    columns = TypedColumns(Event.at, Event.event_type)

    (row,) = columns.rows(connection.execute(select(*columns.columns)))
    assert (row[Event.event_type], row[Event.at]) == (EventType.ORDERED, NOW)


def test_a_computed_column_is_read_by_its_expression(connection: Connection) -> None:
    length = func.length(Dossier.code).label("length")
    columns = TypedColumns(Dossier.code, length)

    (row,) = columns.rows(connection.execute(select(*columns.columns)))
    assert row[length] == 4


def test_the_first_row_is_none_where_there_is_none(connection: Connection) -> None:
    columns = TypedColumns(Dossier.code)
    ordered = select(*columns.columns).order_by(Dossier.code)

    first = columns.first(connection.execute(ordered))
    assert first is not None
    assert first[Dossier.code] == "ACME"
    assert columns.first(connection.execute(ordered.where(Dossier.code == "NONE"))) is None


@dataclass(frozen=True)
class DossierView:
    """What is read of a dossier."""

    office: str
    name: str


def test_a_view_has_the_columns_of_its_fields(connection: Connection) -> None:
    columns = ViewColumns(DossierView, name=Dossier.name, office=Office.name)
    joined = select(*columns.columns).join_from(Office, Dossier, Dossier.office_id == Office.id)

    assert columns.first(connection.execute(joined)) == DossierView("Fiduciaire Dubois", "Acme SA")
    assert columns.first(connection.execute(joined.where(Dossier.code == "NONE"))) is None

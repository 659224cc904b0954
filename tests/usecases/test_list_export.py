"""Whoever takes the list as a file leaves a line: written before the first row, counted with the last."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.db import Database
from app.domain.banks import BANKS
from app.domain.states import StatusLabel
from app.models import OfficeEvent
from app.queries.list_query import ListQuery, ListSort
from app.services.list_export import ExportFormat
from app.web.extensions import Services
from tests.support.office import ANNE, REFERENCE, order_for


def office_events(database: Database) -> Sequence[tuple[Any, ...]]:
    table = OfficeEvent.__table__.c
    query = select(table.office_id, table.actor, table.event_type, table.row_count, table.detail)
    with database.read_connection() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(table.id))]


def test_a_line_tells_who_took_how_many_rows_and_by_which_filter(
    services: Services, database: Database
) -> None:
    services.orders.place_order(order_for())
    narrow = ListQuery(label=StatusLabel.INVITATION_SENT, bank=next(iter(BANKS)), sort=ListSort.DATE)
    exports = services.for_office(1).list_exports

    everything = list(exports.export_list(ListQuery(), ExportFormat.CSV, ANNE))
    assert [row.code for row in everything] == ["ACME", "OLD"]
    assert list(exports.export_list(narrow, ExportFormat.XLSX, ANNE)) == []
    assert office_events(database) == [
        (1, "accountant 1", "list_exported", 2, "csv"),
        (1, "accountant 1", "list_exported", 0, f"xlsx state=invitation_sent&bank={narrow.bank}&sort=date"),
    ]


def test_a_line_never_repeats_what_was_searched(services: Services, database: Database) -> None:
    exports = services.for_office(1).list_exports

    list(exports.export_list(ListQuery(text=f"Janssens {REFERENCE}"), ExportFormat.CSV, ANNE))
    assert [detail for *_, detail in office_events(database)] == ["csv q=*"]


def test_a_file_that_was_broken_off_has_no_number_of_rows(services: Services, database: Database) -> None:
    rows = services.for_office(1).list_exports.export_list(ListQuery(), ExportFormat.CSV, ANNE)

    assert next(rows).code == "ACME"
    assert [row_count for *_, row_count, _ in office_events(database)] == [None]

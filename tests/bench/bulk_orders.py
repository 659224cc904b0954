"""How many rows of an order for many are checked and ordered a second, beside a bare loop of inserts."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, func, insert, select

from app import create_app
from app.db import Database
from app.models import Activation, BulkOrderRow, Event, OutboxMessage
from app.web.extensions import EXTENSION, Services
from tests.bench.served import settings_for
from tests.support.databases import postgres_database, sqlite_database
from tests.support.office import ADDRESS, ANNE, open_office
from tests.support.office_files import csv_file

_ROWS = 300
_HEADINGS = ("Code", "Bank", "Client reference", "Email", "Language")


def measure_orders(engine: str) -> Iterator[str]:
    """Check and order so many rows in a fresh database, then insert as many requests without any rule."""
    with ExitStack() as stack:
        if engine == "sqlite":
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="caro-bench-")))
            database = stack.enter_context(sqlite_database(folder))
        else:
            database = stack.enter_context(postgres_database())
        open_office(database)
        url = database.url.render_as_string(hide_password=False)
        services: Services = create_app(settings_for(url)).extensions[EXTENSION]
        stack.callback(services.database.close_connections)
        checked, ordered = _order(services)
        bare = _insert(database)
    yield (
        f"{engine:<11} an order for many: {checked:.0f} rows a second checked, {ordered:.0f} ordered; "
        f"a bare loop of the inserts {bare:.0f}"
    )


def _order(services: Services) -> tuple[float, float]:
    """Return rows a second, checked and then ordered."""
    orders = services.for_office(ANNE.office_id).bulk_orders
    rows = [("ACME", "Belfius", str(6_200_000_000 + n), ADDRESS, "fr") for n in range(_ROWS)]
    began = perf_counter()
    public_id = orders.keep_file(csv_file(*rows, headings=_HEADINGS), ANNE, "fr")
    order = orders.read_order(public_id)
    assert order
    read = perf_counter()
    orders.confirm_order(public_id, ANNE, order.mark)
    while services.bulk_actions.continue_actions():
        pass
    ended = perf_counter()
    with services.database.read_connection() as connection:
        done = select(func.count()).where(BulkOrderRow.outcome == "done")
        assert connection.execute(done).scalar_one() == _ROWS
    return _ROWS / (read - began), _ROWS / (ended - read)


def _insert(database: Database) -> float:
    """Return rows a second of a loop that inserts a request, its line of history and its mail."""
    tables: tuple[Any, ...] = tuple(model.__table__ for model in (Activation, Event, OutboxMessage))
    with database.read_connection() as connection:
        first = [_read_row(connection, table) for table in tables]
    began = perf_counter()
    for number in range(_ROWS):
        new = {
            tables[0].c.public_id: f"bare-{number}",
            tables[0].c.client_reference: str(7_000_000_000 + number),
        }
        with database.write_connection() as connection:
            added = insert(tables[0]).values({**first[0], **new}).returning(tables[0].c.id)
            activation = connection.execute(added).scalar_one()
            for table, values in zip(tables[1:], first[1:], strict=True):
                connection.execute(insert(table).values({**values, table.c.activation_id: activation}))
    return _ROWS / (perf_counter() - began)


def _read_row(connection: Connection, table: Any) -> dict[Any, Any]:
    columns = [column for column in table.c if column.name != "id" and column.computed is None]
    return dict(zip(columns, connection.execute(select(*columns).limit(1)).one(), strict=True))

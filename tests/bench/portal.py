"""Whether the portal's list is as quick in an office of 50,000 requests as in one of 1,000, and in a crowd.

A million requests in all, on both engines, take some minutes to write; `--activations 100000` is quicker.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any, Self

from sqlalchemy import Connection, bindparam, event, select, update

from app import create_app
from app.context import Context
from app.db import Database
from app.domain.failures import Failure
from app.domain.states import ActivationState, StatusLabel
from app.models import Activation
from app.models.schema import upgrade_schema
from app.queries.activation_list import list_activations
from app.queries.list_query import ListCursor, ListQuery, ListSort
from app.queries.operator_totals import read_operator_totals
from app.web.extensions import EXTENSION, Services
from tests.bench.bulk_orders import measure_orders
from tests.bench.seed import ACTIVATIONS, LARGEST, SeededOffices, settle
from tests.bench.served import settings_for
from tests.support.databases import (
    POSTGRES_URL,
    engines_under_test,
    fresh_postgres,
    sqlite_database,
)

_ROUNDS, _TOTALS_ROUNDS, _WRITES = 15, 3, 200
_HEADINGS = ("", "page", "1,000", "50,000", "alone", "ratio", "CPU +")
_ROW = "{:<11} {:<32} {:>8} {:>8} {:>8} {:>6} {:>7}"
#: Pages by what an accountant wants: of the list, of a search, of a filter.
_PAGES: Mapping[str, ListQuery] = {
    "first page": ListQuery(),
    "a page in the middle": ListQuery(after=ListCursor(dossier_id=1, key="gar")),
    "by name": ListQuery(sort=ListSort.NAME),
    "by state": ListQuery(sort=ListSort.STATE),
    "waiting longest first": ListQuery(sort=ListSort.DATE),
    "most recent first": ListQuery(sort=ListSort.DATE, descending=True),
    "active, waiting longest first": ListQuery(label=StatusLabel.ACTIVE, sort=ListSort.DATE),
    "search: a piece of many names": ListQuery(text="arag"),
    "search: two words": ListQuery(text="upon arage"),
    "search: one code": ListQuery(text="ar00001"),
    "search: a piece of a reference": ListQuery(text="61234"),
    "search: one digit": ListQuery(text="6"),
    "search: nothing": ListQuery(text="zzz"),
    "search, waiting longest first": ListQuery(text="a", sort=ListSort.DATE),
    "filter: active": ListQuery(label=StatusLabel.ACTIVE),
    "filter: not ordered": ListQuery(label=StatusLabel.NOT_ORDERED),
    "filter: a rare bank": ListQuery(bank="fintro"),
    "filter: a rare bank, by name": ListQuery(bank="fintro", sort=ListSort.NAME),
    "filter: language and date": ListQuery(language="nl", sort=ListSort.DATE),
    "filter: a cause": ListQuery(cause=Failure.WRONG_CARD),
    "filter: a cause of none": ListQuery(cause=Failure.PIN),
}
#: Offices: the first one is large.
_LARGE, _USUAL = 1, 2
_LIST_INDEXES = ("ix_activation_listed", "ix_activation_waiting", "ix_activation_of_dossier")


def report(crowd: SeededOffices) -> Iterator[str]:
    """Yield the lines of the table, each engine's once it is measured."""
    yield (
        f"{crowd.activations} requests in {len(crowd.offices())} offices; ms of database time; "
        "ratio of the large office to the same alone; CPU ms more than in a usual one"
    )
    yield ""
    yield _ROW.format(*_HEADINGS)
    engines = engines_under_test()
    for engine in engines:
        yield from measure(engine, crowd)
        yield from measure_orders(engine)
    if "postgresql" not in engines:
        yield f"PostgreSQL is left out: nothing answers at {POSTGRES_URL}."


def measure(engine: str, crowd: SeededOffices) -> Iterator[str]:
    """Fill two databases, the second with the large office alone, and read each page in turn."""
    with ExitStack() as stack:
        among = stack.enter_context(_filled(engine, "among", crowd))
        alone = stack.enter_context(_filled(engine, "alone", SeededOffices(crowd.largest, crowd.largest)))
        offices = [_of_office(among, _USUAL), _of_office(among, _LARGE), _of_office(alone, _LARGE)]
        for name, list_query in _PAGES.items():
            pages = [PageStatements.record(context, list_query) for context in offices]
            usual, large, by_itself = _interleaved([page.database_time for page in pages])
            usual_cpu, large_cpu, _ = _interleaved([page.processor_time for page in pages])
            numbers = (usual, large, by_itself, large / by_itself, large_cpu - usual_cpu)
            yield _ROW.format(engine, name, *(f"{number:.2f}" for number in numbers))
        yield f"{engine:<11} what /metrics reads, once in 30 s: {_totals(offices[1]):.2f} s (target 0.50)"
        yield from _writes(engine, alone)


@contextmanager
def _filled(engine: str, name: str, crowd: SeededOffices) -> Iterator[Database]:
    with ExitStack() as stack:
        if engine == "sqlite":
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="caro-bench-")))
            database = stack.enter_context(sqlite_database(folder))
        else:
            database = Database(stack.enter_context(fresh_postgres(name)))
            stack.callback(database.close_connections)
            upgrade_schema(database)
        settle(database, crowd)
        yield database


def _of_office(database: Database, office: int) -> Context:
    url = database.url.render_as_string(hide_password=False)
    services: Services = create_app(settings_for(url)).extensions[EXTENSION]
    return replace(services.for_office(office).context, database=database)


@dataclass(frozen=True)
class PageStatements:
    """A page of the list, and the statements that it sends."""

    context: Context
    list_query: ListQuery
    statements: list[tuple[str, Any]]

    @classmethod
    def record(cls, context: Context, list_query: ListQuery) -> Self:
        """Read the page once and keep what it sends."""
        page = cls(context, list_query, [])
        event.listen(context.database.reading, "before_cursor_execute", page._keep)
        page.processor_time()
        event.remove(context.database.reading, "before_cursor_execute", page._keep)
        return page

    def _keep(self, _connection: Connection, _cursor: object, sql: str, values: Any, *_more: Any) -> None:
        self.statements.append((sql, values))

    def database_time(self) -> float:
        """Return the milliseconds of all statements."""
        clock = _clock(self.context.database)
        with self.context.database.read_connection() as connection:
            began = clock()
            for sql, values in self.statements:
                connection.exec_driver_sql(sql, values).all()
            return (clock() - began) * 1000

    def processor_time(self) -> float:
        """Return the milliseconds of this processor for the whole page but its drawing."""
        began = process_time()
        list_activations(self.context, self.list_query)
        return (process_time() - began) * 1000


def _interleaved(readings: list[Callable[[], float]]) -> list[float]:
    """Return the quickest of some rounds in which all take turns."""
    rounds = [[read() for read in readings] for _ in range(_ROUNDS)]
    return [min(times) for times in zip(*rounds, strict=True)]


def _totals(context: Context) -> float:
    """Return the seconds in which an operator's totals are counted, the quickest of some rounds."""
    clock = _clock(context.database)

    def read() -> float:
        began = clock()
        read_operator_totals(context)
        return clock() - began

    return min(read() for _ in range(_TOTALS_ROUNDS))


#: The sign of a problem changes the label, and with it the moment that the label speaks of.
_CHANGE_LABEL = (
    update(Activation)
    .where(Activation.id == bindparam("changed"))
    .values(problem=~Activation.problem, state=ActivationState.INVITED)
)


def _writes(engine: str, database: Database) -> Iterator[str]:
    """Tell what a change of label costs, with the indexes of the list and without them."""
    with_indexes = _write(database)
    with database.write_connection() as connection:
        for index in _LIST_INDEXES:
            connection.exec_driver_sql(f"DROP INDEX {index}")
    without = _write(database)
    yield f"{engine:<11} a change of label: {with_indexes:.0f} µs; without the indexes {without:.0f} µs"


def _write(database: Database) -> float:
    """Return the microseconds of a change, as the quickest of some batches has it."""
    with database.write_connection() as connection:
        ids = connection.execute(select(Activation.id).limit(_WRITES)).scalars().all()
        return min(_write_batch(database, connection, ids) for _ in range(_ROUNDS))


def _write_batch(database: Database, connection: Connection, ids: Sequence[int]) -> float:
    clock = _clock(database)
    began = clock()
    for id_ in ids:
        connection.execute(_CHANGE_LABEL, {"changed": id_})
    return (clock() - began) / len(ids) * 1_000_000


def _clock(database: Database) -> Callable[[], float]:
    """SQLite works on our own processor, whose time no other work disturbs."""
    return process_time if database.url.get_backend_name() == "sqlite" else perf_counter


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.portal", description=__doc__)
    parser.add_argument("--activations", type=int, default=ACTIVATIONS, help="requests (%(default)s)")
    parser.add_argument("--largest", type=int, default=LARGEST, help="those of one office (%(default)s)")
    options = parser.parse_args()
    for line in report(SeededOffices(options.activations, options.largest)):
        print(line, flush=True)


if __name__ == "__main__":
    main()

"""Whether the portal's list is as quick in an office of 50,000 requests as in one of 1,000.

A million requests in all, on both engines, take some minutes to write; `--activations 100000` is quicker.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import quote

from app import create_app
from app.db import Database
from app.portal.sign_in_guard import session_cookie_name
from app.web.extensions import EXTENSION, Services
from tests.bench.load import UnexpectedAnswer
from tests.bench.seed import ACTIVATIONS, LARGEST, SeededOffices, accountant, settle
from tests.bench.served import DATABASE, settings_for
from tests.bench.server import serve
from tests.support.databases import POSTGRES_URL, engines_under_test, postgres_database, sqlite_database
from tests.support.portal import sign_in

_ROUNDS = 40
_HEADINGS = ("", "page", "1 000", f"{LARGEST:,}".replace(",", " "), "ratio")
_ROW = "{:<11} {:<34} {:>8} {:>8} {:>6}"
#: Pages by what an accountant wants: of the list, of a search, of a filter.
_PAGES: Mapping[str, str] = {
    "first page": "",
    "a page in the middle": "after=" + quote("1.0.gar"),
    "search: many names": "q=gar",
    "search: one code": "q=gar00001",
    "search: many references": "q=6",
    "search: nothing": "q=zzz",
    "filter: active": "state=active",
    "filter: active, in the middle": "state=active&after=" + quote("1.0.gar"),
    "filter: problem": "state=problem",
    "filter: not ordered": "state=not_ordered",
}
#: Offices: the first one is large.
_LARGE, _USUAL = 1, 2


@dataclass(frozen=True)
class PortalLoad:
    """An accountant's browser on a line that stays open."""

    line: HTTPConnection
    cookie: str

    def first_byte(self, query: str) -> float:
        """Return the milliseconds from asking for a page of the list to the first byte of the answer."""
        began = perf_counter()
        self.line.request("GET", f"/portal/caro?{query}", headers={"Host": _HOST, "Cookie": self.cookie})
        answer = self.line.getresponse()
        took = (perf_counter() - began) * 1000
        answer.read()
        if answer.status != 200:
            raise UnexpectedAnswer(answer.status)
        return took


_HOST = "localhost:8000"


def report(crowd: SeededOffices) -> Iterator[str]:
    """Yield the lines of the table, each engine's once it is measured."""
    yield f"{crowd.activations} requests in {len(crowd.offices())} offices; ms to the first byte, median"
    yield ""
    yield _ROW.format(*_HEADINGS)
    engines = engines_under_test()
    for engine in engines:
        yield from measure(engine, crowd)
    if "postgresql" not in engines:
        yield f"PostgreSQL is left out: nothing answers at {POSTGRES_URL}."


def measure(engine: str, crowd: SeededOffices) -> Iterator[str]:
    """Fill a database, and ask for each page in turn from the usual office and from the large one."""
    with TemporaryDirectory(prefix="caro-bench-") as folder, _database(engine, Path(folder)) as database:
        settle(database, crowd)
        url = database.url.render_as_string(hide_password=False)
        database.close_connections()
        with serve("served:product", {DATABASE: url}) as server:
            desks = [_desk(url, server.port, office) for office in (_USUAL, _LARGE)]
            for name, query in _PAGES.items():
                usual, large = _interleaved(desks, query)
                yield _ROW.format(engine, name, f"{usual:.1f}", f"{large:.1f}", f"{large / usual:.2f}")


def _interleaved(desks: list[PortalLoad], query: str) -> tuple[float, ...]:
    for desk in desks:
        desk.first_byte(query)
    rounds = [[desk.first_byte(query) for desk in desks] for _ in range(_ROUNDS)]
    return tuple(median(times) for times in zip(*rounds, strict=True))


def _desk(url: str, port: int, office: int) -> PortalLoad:
    app = create_app(settings_for(url))
    services: Services = app.extensions[EXTENSION]
    client = sign_in(app.test_client(), services, accountant(office))
    name = session_cookie_name(services.settings)
    found = client.get_cookie(name)
    services.database.close_connections()
    assert found
    return PortalLoad(HTTPConnection("127.0.0.1", port, timeout=30), f"{name}={found.value}")


@contextmanager
def _database(engine: str, folder: Path) -> Iterator[Database]:
    with sqlite_database(folder) if engine == "sqlite" else postgres_database() as database:
        yield database


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.portal", description=__doc__)
    parser.add_argument("--activations", type=int, default=ACTIVATIONS, help="requests (%(default)s)")
    for line in report(SeededOffices(parser.parse_args().activations)):
        print(line, flush=True)


if __name__ == "__main__":
    main()

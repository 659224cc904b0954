"""One visitor asks for page after page while something outside hangs: what the visitor waits."""

import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread
from time import perf_counter
from typing import Any

from sqlalchemy.exc import OperationalError

from app import create_app
from app.cli.listening_ports import free_port
from app.db import Database
from app.domain.states import ActivationState
from app.domain.terms import NEWEST_VERSION
from app.models.schema import upgrade_schema
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.bench.visitor_load import VisitorLoad, invite
from tests.conftest import SECRET
from tests.kills.served import serve
from tests.support.office import ORDER, open_office
from tests.support.postgres_cluster import has_cluster_tools, postgres_cluster
from tests.support.waiting import PATIENCE, wait_until

VISITS, CROWD = 200, 64
PAGES = {
    "home": "/",
    "conditions": f"/terms/{NEWEST_VERSION}/fr",
    "file": "/static/css/site.css",
    "health": "/healthz",
}
_HOST = "localhost:8000"
_HEAD = f"HTTP/1.1\r\nHost: {_HOST}\r\n"
_FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
#: What each of the crowd has sent at once; afterwards a letter a second.
_SLOW = {
    "64 slow bodies": f"POST /portal/sign-in {_HEAD}{_FORM}",
    "64 slow headers": f"GET / {_HEAD}X-Slow: ",
    "64 idle connections": "",
}


@dataclass
class Waits:
    """The seconds that the visitor waited, page by page, and what was told."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: set[int] = field(default_factory=set)

    def p95(self, page: str) -> str:
        """Return what all but one of twenty visits stayed below, in milliseconds."""
        taken = self.seconds.get(page)
        return f"{quantiles(taken, n=20)[-1] * 1000:.0f}" if taken else ""

    @property
    def longest(self) -> float:
        """The longest of all visits."""
        return max(map(max, self.seconds.values()))


def _visit(port: int, pages: Mapping[str, str]) -> Waits:
    """Ask for one page after another."""
    waits = Waits({page: [] for page in pages})
    for _, page in zip(range(VISITS), cycle(pages), strict=False):
        began = perf_counter()
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", pages[page], headers={"Host": _HOST})
        waits.statuses.add(connection.getresponse().status)
        connection.close()
        waits.seconds[page].append(perf_counter() - began)
    return waits


@contextmanager
def _crowd_that_drips(port: int, first: str) -> Iterator[None]:
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(CROWD)]
        for line in lines:
            line.sendall(first.encode())
        is_over = Event()
        stack.callback(is_over.set)

        def drip() -> None:
            while first and not is_over.wait(1):
                for line in lines:
                    with suppress(OSError):
                        line.sendall(b"a")

        Thread(target=drip, daemon=True).start()
        yield


def _send(port: int, request: bytes) -> tuple[str, float]:
    """Send a request, and return the status of its answer and the seconds until it came."""
    began = perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        line.sendall(request)
        return line.recv(4096)[9:12].decode(), perf_counter() - began


@contextmanager
def _crowd_that_repeats(port: int, requests: list[bytes], answers: list[tuple[str, float]]) -> Iterator[None]:
    """Send each request again and again, a second after its answer."""
    is_over = Event()

    def repeat(request: bytes) -> None:
        answers.append(_send(port, request))
        while not is_over.wait(1):
            answers.append(_send(port, request))

    with ThreadPoolExecutor(CROWD) as threads:
        for request in requests:
            threads.submit(repeat, request)
        try:
            yield
        finally:
            is_over.set()


def _cards(visitors: VisitorLoad) -> list[bytes]:
    """Return the requests of cardholders who have accepted the terms, and send a card each."""
    services, numbers = visitors.services, range(CROWD)
    now = services.clock()
    invite(services.database, ActivationState.TERMS_ACCEPTED, numbers, now, now + services.settings.link_life)
    form = visitors.form(0, "card")
    return list(visitors.posts("card", numbers, form.session, form.card(now)))


def _row(name: str, waits: Waits, answers: str = "") -> str:
    shown = " | ".join(waits.p95(page) for page in (*PAGES, "portal", "link"))
    return f"| {name} | {shown} | {waits.longest * 1000:.0f} | {answers} |"


def _settings(bank: str, database: str) -> dict[str, str]:
    rates = {f"CARO_{name}_RATE": "1000000 per minute" for name in ("LINK", "CARD", "SIGN_IN")}
    return {
        "CARO_BANK_URL": bank,
        "CARO_DATABASE_URL": database,
        "CARO_PUBLIC_URL": f"http://{_HOST}",
        **rates,
    }


def _same_settings(environment: Mapping[str, str]) -> Settings:
    """Return what the server was given, so that links and cookies are its own."""
    given: dict[str, Any] = {name.removeprefix("CARO_").lower(): text for name, text in environment.items()}
    return Settings(_env_file=None, secret_keys=SECRET, bank_api_key=SECRET, log_level="ERROR", **given)


def _summarize(answers: list[tuple[str, float]]) -> str:
    """Sum up what the crowd was told, and when at the latest."""
    longest = {status: max(took for answer, took in answers if answer == status) for status, _ in answers}
    return ", ".join(f"{status} within {seconds:.1f} s" for status, seconds in sorted(longest.items()))


def _answers(url: str) -> bool:
    database = Database(url)
    try:
        upgrade_schema(database)
    except OperationalError:
        return False
    finally:
        database.close_connections()
    return True


def _on_sqlite(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as silent, ExitStack() as stack:
        settings = _settings(f"http://127.0.0.1:{silent.getsockname()[1]}", f"sqlite:///{folder}/caro.db")
        served = stack.enter_context(serve(folder, workers=1, settings=settings))
        served.comes_to(served.is_complete)
        yield _row("nothing hangs", _visit(served.port, PAGES))
        for name, first in _SLOW.items():
            with _crowd_that_drips(served.port, first):
                yield _row(name, _visit(served.port, PAGES))
        app = create_app(_same_settings(settings))
        services: Services = app.extensions[EXTENSION]
        stack.callback(services.database.close_connections)
        open_office(services.database)
        link = services.invitations.copy_link(services.orders.place_order(ORDER).public_id, "test")
        pages = {**PAGES, "portal": "/portal/sign-in", "link": f"/a/{link.rpartition('/')[2]}"}
        answers: list[tuple[str, float]] = []
        with _crowd_that_repeats(served.port, _cards(VisitorLoad(app)), answers):
            waits = _visit(served.port, pages)
        yield _row("a silent bank, 64 cardholders", waits, _summarize(answers))


def _on_postgres(folder: Path) -> Iterator[str]:
    with postgres_cluster(free_port()) as cluster:
        wait_until(lambda: _answers(cluster.url))
        settings = _settings("http://127.0.0.1:1", cluster.url)
        with serve(folder, workers=1, settings=settings) as served:
            served.comes_to(served.is_complete)
            pages = {name: path for name, path in PAGES.items() if name != "conditions"}
            requests = [f"GET {PAGES['conditions']} {_HEAD}\r\n".encode()] * CROWD
            answers: list[tuple[str, float]] = []
            with _crowd_that_repeats(served.port, requests, []):
                pass  # so that connections are there that then stand still
            with cluster.frozen(), _crowd_that_repeats(served.port, requests, answers):
                waits = _visit(served.port, pages)
                wait_until(lambda: len(answers) > 2 * CROWD)
            yield _row("a frozen PostgreSQL, 64 who read", waits, _summarize(answers))


def measure_neighbours(folder: Path) -> Iterator[str]:
    """Yield the lines of a table, each when it is measured: p95 in milliseconds."""
    columns = " | ".join((*PAGES, "portal", "link", "longest", "others are told"))
    yield f"| p95 of {VISITS} visits in turn, ms | {columns} |"
    yield "|---|" + "---:|" * (len(PAGES) + 3) + "---|"
    engines: list[Callable[[Path], Iterator[str]]] = [_on_sqlite]
    for run in engines + [_on_postgres] * has_cluster_tools():
        place = folder / run.__name__
        place.mkdir()
        yield from run(place)

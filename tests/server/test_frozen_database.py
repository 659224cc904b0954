"""PostgreSQL stands still: pages say so within ten seconds, and are back two seconds after it is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from time import monotonic
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import build_services
from app.cli.listening_ports import free_port
from app.db import Database
from app.models import Activation
from app.models.schema import upgrade_schema
from app.settings import Settings
from app.web.extensions import Services
from tests.conftest import SECRET
from tests.kills.served import Served, serve
from tests.support.office import numbered_orders, open_office
from tests.support.postgres_cluster import Cluster, postgres_cluster
from tests.support.waiting import wait_until

#: What is promised, in seconds.
TOLD, RECOVERED = 10, 2
#: What a visitor waits at least whose request tries whether the database is back.
PROBE = 2
VISITORS = 16


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with postgres_cluster(free_port()) as running:
        wait_until(lambda: _is_migrated(running.url))
        yield running


def _is_migrated(url: str) -> bool:
    database = Database(url)
    try:
        upgrade_schema(database)
        open_office(database)
    except OperationalError:
        return False
    finally:
        database.close_connections()
    return True


@pytest.fixture(scope="module")
def served(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {"CARO_DATABASE_URL": cluster.url, "CARO_LINK_RATE": "1000 per minute"}
    with serve(tmp_path_factory.mktemp("served"), workers=1, settings=settings) as running:
        running.comes_to(running.is_complete)
        yield running


def visit(served: Served, path: str) -> tuple[int, float]:
    """Return the status, and the seconds that it took."""
    began = monotonic()
    return served.visit(path), monotonic() - began


@pytest.fixture
def services(cluster: Cluster) -> Iterator[Services]:
    secret = SecretStr(SECRET)
    settings = Settings(_env_file=None, secret_keys=(secret,), bank_api_key=secret, database_url=cluster.url)
    made = build_services(settings)
    yield made
    made.database.close_connections()


def test_a_frozen_database_holds_nobody_and_nothing_acknowledged_is_lost(
    cluster: Cluster, served: Served, services: Services
) -> None:
    order, is_over = numbered_orders(), Event()
    acknowledged = [services.orders.place_order(order()).public_id]
    link = urlsplit(services.invitations.copy_link(acknowledged[0], "test")).path

    def place_orders() -> None:
        while not is_over.is_set():
            try:
                acknowledged.append(services.orders.place_order(order()).public_id)
            except OperationalError:
                is_over.wait(0.01)

    with ThreadPoolExecutor(VISITORS + 1) as people, ExitStack() as stack:
        stack.callback(is_over.set)
        assert visit(served, link)[0] == 303
        accountant = people.submit(place_orders)
        wait_until(lambda: len(acknowledged) > 1)
        with cluster.frozen():
            visits = [people.submit(visit, served, link) for _ in range(VISITORS)]
            assert visit(served, "/healthz")[0] == 200
            assert not all(each.done() for each in visits), "life is told while pages wait"
            assert visit(served, "/")[0] == 200
            assert not all(each.done() for each in visits), "so is a page that needs no database"
            told = [each.result() for each in visits]
            again = [each.result() for each in [people.submit(visit, served, link) for _ in range(VISITORS)]]
            before = len(acknowledged)
        Event().wait(RECOVERED)
        recovered = visit(served, link)[0]
        wait_until(lambda: len(acknowledged) > before)
    accountant.result()

    assert {status for status, _ in (*told, *again)} == {503}
    assert max(seconds for _, seconds in (*told, *again)) < TOLD
    assert sum(seconds < PROBE for _, seconds in again) >= VISITORS - 1, "all but one are told at once"
    assert recovered == 303
    with services.database.read_connection() as connection:
        kept = set(connection.execute(select(Activation.public_id)).scalars())
    assert set(acknowledged) <= kept

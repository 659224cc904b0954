"""What all tests share: settings, a clock, a stopwatch, a bank, a mailbox, a database and the use cases."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from app import build_services
from app.cli import caro
from app.db import Database
from app.logs import configure_logging
from app.settings import Settings
from app.web.extensions import Services
from tests.support.commands import Caro
from tests.support.databases import (
    disposed_engines,
    engines_under_test,
    postgres_database,
    reused_sqlite_database,
)
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.mail_parts import create_mail_app
from tests.support.office import open_office
from tests.support.page_lint import LintingClient, LintRules
from tests.support.postgres_cluster import has_cluster_tools
from tests.support.proxy_programs import PROXIES, missing_proxy, proxies_under_test
from tests.support.rate_stores import shared_stores_under_test
from tests.support.reused_app import reuse_app

SECRET = "only-for-tests-0123456789-abcdefghijklmnop"
BANK_ORIGIN = "http://127.0.0.1:8001"
#: So high that no test meets it: applications are used again, and go on counting.
NO_RATE = "100000 per minute"
#: Read by the driver: no test stops the database server, so that none needs what it would find again then.
#: What is measured waits for the disk.
os.environ.setdefault("PGOPTIONS", "-c synchronous_commit=off")


class ProductClient(LintingClient):
    """A client that lints every page it fetches."""

    rules = LintRules(origins=(BANK_ORIGIN,))


def pytest_report_header() -> list[str]:
    """Say plainly when a whole engine or proxy is left out."""
    there = {*engines_under_test(), *proxies_under_test(), *(["initdb"] if has_cluster_tools() else [])}
    there |= {"redis"} if shared_stores_under_test() else set()
    reasons = {
        "postgresql": "PostgreSQL tests are LEFT OUT: nothing answers at TEST_POSTGRES_URL.",
        "redis": "Tests of rates on Redis are LEFT OUT: nothing answers at TEST_REDIS_URL.",
        "initdb": "The test that freezes PostgreSQL is LEFT OUT: there is no initdb.",
        **{name: f"{name} tests are LEFT OUT: {missing_proxy(name)}" for name in PROXIES},
    }
    return [reason for name, reason in reasons.items() if name not in there]


@pytest.fixture(autouse=True)
def closed_databases() -> Iterator[None]:
    """Leave no connection behind, whichever application a test has made."""
    with disposed_engines():
        yield


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def stopwatch() -> MovableStopwatch:
    """The seconds that a job of the worker takes: none, so that no test depends on how fast a machine is."""
    return MovableStopwatch()


@pytest.fixture
def bank() -> FakeBank:
    return FakeBank()


@pytest.fixture
def bank_app() -> FakeBankApp:
    return FakeBankApp()


@pytest.fixture
def sent_mails() -> RecordingTransport:
    return RecordingTransport()


@pytest.fixture
def engine() -> str:
    """The engine under test; folders that run on both parametrise it."""
    return "sqlite"


@pytest.fixture
def database(engine: str) -> Iterator[Database]:
    with ExitStack() as stack:
        opened = stack.enter_context(reused_sqlite_database() if engine == "sqlite" else postgres_database())
        open_office(opened)
        yield opened


def make_settings(database: Database, folder: Path, **changes: Any) -> Settings:
    """Return settings for a database and a folder of mails, whatever the environment says."""
    counted = ("link_rate", "card_rate", "sign_in_rate", "export_rate", "upload_rate")
    usual = {
        "secret_keys": (SecretStr(SECRET),),
        "bank_api_key": SecretStr(SECRET),
        "database_url": database.url.render_as_string(hide_password=False),
        "mail_folder": folder / "mail",
    }
    return Settings(_env_file=None, **{**dict.fromkeys(counted, NO_RATE), **usual, **changes})


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return make_settings(database, tmp_path)


@pytest.fixture(scope="session")
def mail_app() -> Flask:
    """An application for whatever needs sentences and mails but no page; a whole one takes much longer."""
    return create_mail_app()


@pytest.fixture
def app(services: Services) -> Flask:
    """The application; one of the same settings was built before, so that only what it uses is new."""
    return reuse_app(services, ProductClient)


@pytest.fixture
def services(
    settings: Settings,
    database: Database,
    clock: MovableClock,
    stopwatch: MovableStopwatch,
    bank: FakeBank,
    bank_app: FakeBankApp,
    sent_mails: RecordingTransport,
) -> Services:
    configure_logging(settings.log_level)
    return build_services(
        settings,
        clock=clock,
        stopwatch=stopwatch,
        bank=bank,
        bank_app=bank_app,
        transport=sent_mails,
        database=database,
    )


@pytest.fixture
def run(app: Flask, services: Services) -> Iterator[Caro]:
    """The command line: call it with words."""
    runner = CliRunner()
    with app.app_context():
        yield lambda *words, **options: runner.invoke(caro, words, obj=lambda: services, **options)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

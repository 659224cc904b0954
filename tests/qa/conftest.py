"""The testers' door is tested with a bank that answers, and with a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from app import build_services
from app.db import Database
from app.logs import configure_logging
from app.settings import Settings
from app.web.extensions import Services
from tests.conftest import SECRET, ProductClient
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.page_lint import LintRules
from tests.support.reused_app import reuse_app
from tests.support.sandbox_client import SandboxClient, simulated_bank


class QaClient(ProductClient):
    """A client that lints pages, on which test cards may stand."""

    rules = LintRules(origins=("http://127.0.0.1:8001", "http://localhost:8000"), card_numbers=("/qa",))


@pytest.fixture
def bank_url(tmp_path: Path, clock: MovableClock) -> Iterator[str]:
    with simulated_bank(tmp_path, clock, SecretStr(SECRET)) as address:
        yield address


@pytest.fixture
def settings(database: Database, tmp_path: Path, bank_url: str) -> Settings:
    return Settings(
        _env_file=None,
        simulation=True,
        secret_keys=(SecretStr(SECRET),),
        bank_api_key=SecretStr(SECRET),
        bank_url=bank_url,
        challenge_origins=("http://127.0.0.1:8001",),
        database_url=database.url.render_as_string(hide_password=False),
        mail_folder=tmp_path / "mail",
    )


@pytest.fixture
def services(
    settings: Settings, database: Database, clock: MovableClock, stopwatch: MovableStopwatch
) -> Services:
    configure_logging(settings.log_level)
    return build_services(settings, clock=clock, stopwatch=stopwatch, database=database)


@pytest.fixture
def app(services: Services) -> Flask:
    return reuse_app(services, QaClient)


@pytest.fixture
def tester(app: Flask) -> SandboxClient:
    return SandboxClient(app)

"""The testers' door is tested with a bank that answers, and with a clock that stands still."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import SecretStr

from app import create_app
from app.db import Database
from app.settings import Settings
from app.web.extensions import EXTENSION
from tests.conftest import SECRET, ProductClient
from tests.support.doubles import MovableClock, MovableStopwatch
from tests.support.page_lint import LintRules
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
def app(settings: Settings, clock: MovableClock, stopwatch: MovableStopwatch) -> Iterator[Flask]:
    made = create_app(settings, clock=clock, stopwatch=stopwatch)
    made.testing = True
    made.test_client_class = QaClient
    yield made
    made.extensions[EXTENSION].database.close_connections()


@pytest.fixture
def tester(app: Flask) -> SandboxClient:
    return SandboxClient(app)

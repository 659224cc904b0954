"""Stories of killed processes are told on every engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database
from tests.kills.scenario_steps import ScenarioSteps
from tests.support.databases import engines_under_test, postgres_database, sqlite_database
from tests.support.office import open_office


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(engine: str, tmp_path: Path) -> Iterator[Database]:
    """A database whose files lie beside all else that the processes write, where they are searched."""
    with sqlite_database(tmp_path) if engine == "sqlite" else postgres_database() as opened:
        open_office(opened)
        yield opened


@pytest.fixture
def story(database: Database, tmp_path: Path) -> Iterator[ScenarioSteps]:
    database.close_connections()
    story = ScenarioSteps(database.url.render_as_string(hide_password=False), tmp_path)
    yield story
    story.stop()

"""Mails are tested on every engine; what is rendered is rendered within an application, as by the worker."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.settings import Settings
from tests.support.databases import engines_under_test


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rendering(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The usual settings; a thousand mails log a lot."""
    return settings.model_copy(update={"log_level": "CRITICAL"})

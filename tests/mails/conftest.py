"""Mails are tested on every engine, within an application, as the worker delivers them."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.databases import engines_under_test


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def rendering(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield

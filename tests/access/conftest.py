"""Every route is asked for by every kind of visitor, with the testers' pages mounted too."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.settings import Settings
from app.web.extensions import Services
from tests.conftest import NO_RATE, make_settings
from tests.support.reused_app import reuse_app


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return make_settings(database, tmp_path, simulation=True, qa_office_rate=NO_RATE)


@pytest.fixture
def app(services: Services) -> Flask:
    """Pages are linted where they are read: here only who gets which answer counts."""
    return reuse_app(services, FlaskClient)

"""Every route is asked for by every kind of visitor, with the testers' pages mounted too."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from app.db import Database
from app.settings import Settings
from app.web.extensions import Services
from tests.conftest import NO_RATE, SECRET
from tests.support.reused_app import reuse_app


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        simulation=True,
        secret_keys=(SecretStr(SECRET),),
        bank_api_key=SecretStr(SECRET),
        link_rate=NO_RATE,
        card_rate=NO_RATE,
        sign_in_rate=NO_RATE,
        export_rate=NO_RATE,
        qa_office_rate=NO_RATE,
        database_url=database.url.render_as_string(hide_password=False),
        mail_folder=tmp_path / "mail",
    )


@pytest.fixture
def app(services: Services) -> Flask:
    """Pages are linted where they are read: here only who gets which answer counts."""
    return reuse_app(services, FlaskClient)

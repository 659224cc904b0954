"""The doors are tested through HTTP: a cardholder with a link that was mailed a moment ago."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Base
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.office import ORDER


@pytest.fixture
def public_id(services: Services) -> str:
    return services.orders.place_order(ORDER).public_id


@pytest.fixture
def link(services: Services, public_id: str) -> str:
    return services.invitations.copy_link(public_id, "test")


@pytest.fixture
def cardholder_client(client: FlaskClient, link: str) -> CardholderClient:
    return CardholderClient(client, link)


def everything(database: Database) -> list[object]:
    """Return all rows of all tables, to see whether anything has changed."""
    with database.read_connection() as connection:
        return [
            tuple(row)
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table)).all()
        ]

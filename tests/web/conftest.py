"""The doors are tested through HTTP: a cardholder with a link that was mailed a moment ago."""

import pytest
from flask.testing import FlaskClient

from app.activations import Activations
from tests.support.cardholder import Cardholder
from tests.support.office import ORDER


@pytest.fixture
def public_id(activations: Activations) -> str:
    return activations.order(ORDER).public_id


@pytest.fixture
def link(activations: Activations, public_id: str) -> str:
    return activations.link(public_id, "test")


@pytest.fixture
def cardholder(client: FlaskClient, link: str) -> Cardholder:
    return Cardholder(client, link)

"""The portal is tested as a signed-in accountant meets it."""

import pytest
from flask.testing import FlaskClient

from app.web.wiring import Services
from tests.support.portal import sign_in


@pytest.fixture
def desk(client: FlaskClient, services: Services) -> FlaskClient:
    """A browser in which the accountant is signed in."""
    return sign_in(client, services)

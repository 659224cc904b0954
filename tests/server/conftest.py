"""The ops listener, as the operator's machines ask it."""

import pytest
from werkzeug.test import Client

from app.server.ops_listener import ops_application
from app.web.extensions import Services


@pytest.fixture
def ops(services: Services) -> Client:
    return Client(ops_application(services.context, "2026.11", None))

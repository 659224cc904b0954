"""The ops listener, as the operator's machines ask it; a PostgreSQL that is frozen is a test's own."""

import pytest
from werkzeug.test import Client

from app.server.ops_listener import ops_application
from app.web.extensions import Services
from tests.support.postgres_cluster import has_cluster_tools

# Where none can be made, that test is left out.
collect_ignore = [] if has_cluster_tools() else ["test_frozen_database.py"]


@pytest.fixture
def ops(services: Services) -> Client:
    return Client(ops_application(services.context, "2026.11", None))

"""Where a PostgreSQL of a test's own cannot be made, the test that freezes one is left out."""

from tests.support.postgres_cluster import has_cluster_tools

collect_ignore = [] if has_cluster_tools() else ["test_frozen_database.py"]

"""The Redis that processes of several machines count in: where it is, and whether it is there."""

import os
import socket
from functools import cache
from urllib.parse import urlsplit

REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/15")


@cache
def redis_answers() -> bool:
    """Tell whether something listens where the Redis for tests should."""
    parts = urlsplit(REDIS_URL)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 6379), timeout=1).close()
    except OSError:
        return False
    return True


def shared_stores_under_test() -> list[str]:
    """Name the addresses to test with, one for each client library; in CI both must answer."""
    there = os.environ.get("CI") == "true" or redis_answers()
    return [REDIS_URL, REDIS_URL.replace("redis:", "valkey:", 1)] if there else []

"""The modules that only some installations need, and the extra of the package that brings each."""

from collections.abc import Mapping
from importlib.util import find_spec

EXTRAS: Mapping[str, str] = {"psycopg": "postgres", "redis": "redis", "valkey": "redis"}


def require_module(name: str) -> None:
    """Raise ValueError where a module is not installed; the sentence names the extra."""
    if find_spec(name) is None:
        raise ValueError(f"needs what is not installed here; install caro-activation[{EXTRAS[name]}]")

"""How often one network asks for one thing: counted for all processes in one place, which may be away."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol, cast

from limits import RateLimitItem
from limits.storage import MemoryStorage, storage_from_string

from app.circuit_breaker import CircuitBreaker
from app.clock import Clock, Stopwatch, system_clock

_SECONDS = 1.0
_TABLE = "CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, number INTEGER, ends_at REAL)"
_FORGET = "DELETE FROM tries WHERE ends_at <= ?"
_COUNT = "INSERT INTO tries VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number"


class RateStore(Protocol):
    """Where tries are counted."""

    def incr(self, key: str, expiry: int) -> int:
        """Count one more, and return how many there were since the first that has not expired."""

    def check(self) -> bool:
        """Tell whether it could count."""


class RateFile:
    """A small SQLite file for all processes of a machine, which may forget it when it fails."""

    def __init__(self, url: str, clock: Clock = system_clock) -> None:
        self._path, self._clock = Path(url.removeprefix("sqlite:///")), clock

    def incr(self, key: str, expiry: int) -> int:
        """Count one more."""
        now = self._clock().timestamp()
        with (
            closing(sqlite3.connect(self._path, timeout=_SECONDS, isolation_level="IMMEDIATE")) as connection,
            connection,
        ):
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_TABLE)
            connection.execute(_FORGET, (now,))
            ((number,),) = connection.execute(_COUNT, (key, now + expiry))
        return int(number)

    def check(self) -> bool:
        """Tell whether there is a folder for it."""
        return self._path.parent.is_dir()


def open_rate_store(url: str, seconds: float = _SECONDS) -> RateStore:
    """Return the store at an address of CARO_RATE_STORAGE; it is not asked yet."""
    if url.startswith("sqlite:"):
        return RateFile(url)
    if url.startswith("memory:"):
        return MemoryStorage()
    bounds: Mapping[str, float] = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), seconds)
    return cast("RateStore", storage_from_string(url, **bounds))


class RateCounter:
    """Counts in the store of all processes and, while that is away, in this one's memory alone."""

    def __init__(self, store: RateStore, stopwatch: Stopwatch) -> None:
        self._store, self._memory = store, MemoryStorage()
        self._breaker = CircuitBreaker("rates", stopwatch, lambda _error: True, failures=2)

    def is_too_often(self, rate: RateLimitItem, *of: str) -> bool:
        """Count one more try of this kind, and tell whether that is beyond the rate."""
        key, seconds = rate.key_for(*of), rate.get_expiry()
        try:
            with self._breaker.call():
                number = self._store.incr(key, seconds)
        except Exception:  # each store has faults of its own, and none locks anybody out
            number = self._memory.incr(key, seconds)
        return number > rate.amount

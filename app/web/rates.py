"""How often one network asks for one thing: counted for all processes in one place, which may be away."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, cast

from limits import RateLimitItem
from limits.storage import storage_from_string

from app.circuit_breaker import CircuitBreaker
from app.clock import Clock, Stopwatch, system_clock

_SECONDS = 1.0
#: Keys that a process keeps before it looks for those that have expired.
_FEW = 1024
_TABLE = "CREATE TABLE IF NOT EXISTS tries (key TEXT PRIMARY KEY, number INTEGER, ends_at REAL)"
_FORGET = "DELETE FROM tries WHERE ends_at <= ?"
_COUNT = "INSERT INTO tries VALUES (?, 1, ?) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number"
_READ = "SELECT total(number) FROM tries WHERE key = ?"


class RateStore(Protocol):
    """Where tries are counted."""

    def incr(self, key: str, expiry: int) -> int:
        """Count one more, and return how many there were since the first that has not expired."""

    def get(self, key: str) -> int:
        """Return how many there were, and count none."""

    def check(self) -> bool:
        """Tell whether it could count."""


class RateMemory:
    """Counts in this process alone; that of `limits` starts a thread at nearly every try."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock, self._lock, self._most = clock, Lock(), _FEW
        self._tries: dict[str, tuple[int, float]] = {}

    def incr(self, key: str, expiry: int) -> int:
        """Count one more."""
        now = self._clock().timestamp()
        with self._lock:
            if len(self._tries) >= self._most:
                self._forget_expired(now)
            number, ends_at = self._living_tries(key, now)
            self._tries[key] = number + 1, ends_at or now + expiry
        return number + 1

    def get(self, key: str) -> int:
        """Return how many there were."""
        return self._living_tries(key, self._clock().timestamp())[0]

    def check(self) -> bool:
        """Tell that it could count."""
        return True

    def _living_tries(self, key: str, now: float) -> tuple[int, float]:
        tries = self._tries.get(key)
        return tries if tries and tries[1] > now else (0, 0.0)

    def _forget_expired(self, now: float) -> None:
        self._tries = {key: tries for key, tries in self._tries.items() if tries[1] > now}
        self._most = max(_FEW, 2 * len(self._tries))


class RateFile:
    """A small SQLite file for all processes of a machine, which may forget it when it fails."""

    def __init__(self, url: str, clock: Clock = system_clock) -> None:
        self._path, self._clock = Path(url.removeprefix("sqlite:///")), clock

    def incr(self, key: str, expiry: int) -> int:
        """Count one more."""
        return self._execute(_COUNT, key, self._clock().timestamp() + expiry)

    def get(self, key: str) -> int:
        """Return how many there were."""
        return self._execute(_READ, key)

    def _execute(self, statement: str, *parameters: Any) -> int:
        with (
            closing(sqlite3.connect(self._path, timeout=_SECONDS, isolation_level="IMMEDIATE")) as connection,
            connection,
        ):
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(_TABLE)
            connection.execute(_FORGET, (self._clock().timestamp(),))
            ((number,),) = connection.execute(statement, parameters)
        return int(number)

    def check(self) -> bool:
        """Tell whether there is a folder for it."""
        return self._path.parent.is_dir()


def open_rate_store(url: str, seconds: float = _SECONDS) -> RateStore:
    """Return the store at an address of CARO_RATE_STORAGE; it is not asked yet."""
    if url.startswith("sqlite:"):
        return RateFile(url)
    if url.startswith("memory:"):
        return RateMemory()
    bounds: Mapping[str, float] = dict.fromkeys(("socket_timeout", "socket_connect_timeout"), seconds)
    return cast("RateStore", storage_from_string(url, **bounds))


class RateCounter:
    """Counts in the store of all processes and, while that is away, in this one's memory alone."""

    def __init__(self, store: RateStore, stopwatch: Stopwatch) -> None:
        self._store, self._memory = store, RateMemory()
        self._breaker = CircuitBreaker("rates", stopwatch, lambda _error: True, failures=2)

    def is_too_often(self, rate: RateLimitItem, *of: str) -> bool:
        """Count one more try of this kind, and tell whether that is beyond the rate."""
        return self.count_try(rate, *of) > rate.amount

    def count_try(self, rate: RateLimitItem, *of: str) -> int:
        """Count one more try of this kind, and return how many there were in the time of the rate."""
        key, seconds = rate.key_for(*of), rate.get_expiry()
        return self._ask(lambda store: store.incr(key, seconds))

    def has_too_many(self, rate: RateLimitItem, *of: str) -> bool:
        """Tell whether there were more tries of this kind than the rate allows; count none."""
        key = rate.key_for(*of)
        return self._ask(lambda store: store.get(key)) > rate.amount

    def _ask(self, ask: Callable[[RateStore], int]) -> int:
        try:
            with self._breaker.call():
                return ask(self._store)
        except Exception:  # each store has faults of its own, and none locks anybody out
            return ask(self._memory)

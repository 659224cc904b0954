"""What keeps a neighbour that does not answer from holding every thread: few calls at a time, then none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from threading import Condition

from app.clock import Stopwatch
from app.logs import log
from app.metrics import BREAKER_OPEN


class CircuitOpen(Exception):
    """A call was not made: the other side does not answer, or enough calls wait for it already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not asked: it does not answer")


class CircuitBreaker:
    """Lets few calls through at a time; after several in a row without an answer, one now and then alone.

    It opens at so many failures, and probes after so many seconds. Where all calls are taken, the next ones
    wait as long as the patience is; once that was in vain, no other waits before a call has come to its end.
    """

    def __init__(
        self,
        name: str,
        stopwatch: Stopwatch,
        is_silence: Callable[[Exception], bool],
        *,
        calls: float = inf,
        failures: int = 5,
        probe_seconds: float = 10,
        patience: float = 0,
    ) -> None:
        self.name, self._stopwatch, self._is_silence = name, stopwatch, is_silence
        self._most_calls, self._most_failures = calls, failures
        self._probe_seconds, self._patience = probe_seconds, patience
        self._changed = Condition()
        self._calls = self._failures = 0
        self._is_crowded, self._probe_at = False, inf
        self._gauge = BREAKER_OPEN.labels(name)
        self._gauge.set(0)

    @property
    def is_open(self) -> bool:
        """Whether calls are refused because the last ones had no answer."""
        return self._failures >= self._most_failures

    @contextmanager
    def call(self) -> Iterator[None]:
        """Make one call; raise CircuitOpen where it must not be made."""
        self._admit_call()
        is_answered = True
        try:
            yield
        except Exception as error:
            is_answered = not self._is_silence(error)
            raise
        finally:
            self._end_call(is_answered)

    def _admit_call(self) -> None:
        with self._changed:
            if self.is_open:
                admitted = self._stopwatch() >= self._probe_at and self._has_room()
                # No other probe before this one has ended.
                self._probe_at = inf if admitted else self._probe_at
            else:
                admitted = self._has_room() or (not self._is_crowded and self._wait_for_room())
                self._is_crowded = not admitted
            if not admitted:
                raise CircuitOpen(self.name)
            self._calls += 1

    def _has_room(self) -> bool:
        return self._calls < self._most_calls

    def _wait_for_room(self) -> bool:
        return self._changed.wait_for(self._has_room, self._patience)

    def _end_call(self, is_answered: bool) -> None:
        with self._changed:
            was_open = self.is_open
            self._calls -= 1
            self._failures = 0 if is_answered else self._failures + 1
            self._is_crowded = self._is_crowded and not is_answered
            self._probe_at = self._stopwatch() + self._probe_seconds
            self._changed.notify()
            is_open = self.is_open
            if is_open != was_open:
                self._gauge.set(is_open)
        if is_open != was_open:
            log.warning(f"{self.name}_breaker_{'opened' if is_open else 'closed'}")

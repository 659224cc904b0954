"""A check of something that may stand still: shared by all callers, and never waited for too long."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

from app.clock import Stopwatch
from app.logs import log

_Found = TypeVar("_Found")


class BoundedCheck(Generic[_Found]):
    """Runs a check at most once in `every` seconds, and waits `patience` seconds for its result."""

    def __init__(
        self, check: Callable[[], _Found], every: float, patience: float, stopwatch: Stopwatch
    ) -> None:
        self._check, self._every, self._patience, self._stopwatch = check, every, patience, stopwatch
        self._lock = Lock()
        self._began = 0.0
        self._found: Future[_Found] | None = None

    def read(self) -> _Found | None:
        """Return what the last check found; None where it failed, or did not end in time."""
        with self._lock:
            now = self._stopwatch()
            if self._found is None or (self._found.done() and now - self._began >= self._every):
                self._found, self._began = Future(), now
                # Not waited for when the process ends, as a pool's threads would be.
                Thread(target=self._run, args=(self._found,), daemon=True).start()
            found = self._found
        try:
            return found.result(self._patience)
        except Exception as error:  # whatever it was, there is nothing to tell
            log.warning("check_failed", error=type(error).__name__)
            return None

    def _run(self, found: "Future[_Found]") -> None:
        try:
            found.set_result(self._check())
        except Exception as error:  # whoever reads it is told
            found.set_exception(error)

"""A look at something that may stand still: shared by all who ask, and never waited for too long."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

import structlog

from app.clock import Stopwatch

_Found = TypeVar("_Found")
_log = structlog.get_logger()


class BoundedLook(Generic[_Found]):
    """Look at most once in so many seconds, and wait so many for what is found."""

    def __init__(
        self, look: Callable[[], _Found], every: float, patience: float, stopwatch: Stopwatch
    ) -> None:
        self._look, self._every, self._patience, self._stopwatch = look, every, patience, stopwatch
        self._lock = Lock()
        self._began = 0.0
        self._found: Future[_Found] | None = None

    def read(self) -> _Found | None:
        """Return what the last look has found; None where it fails, or comes to no end in time."""
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
            _log.warning("look_failed", error=type(error).__name__)
            return None

    def _run(self, found: "Future[_Found]") -> None:
        try:
            found.set_result(self._look())
        except Exception as error:  # whoever reads it is told
            found.set_exception(error)

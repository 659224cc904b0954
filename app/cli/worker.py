"""The worker: the jobs in turn, over and over, until a signal says stop."""

import signal
from contextlib import suppress
from queue import Empty, SimpleQueue

from app.jobs import JOBS, GoesOn, Stop, WorkerJob, run_jobs
from app.web.wiring import Services

__all__ = ["JOBS", "GoesOn", "Stop", "WorkerJob", "run_jobs", "stop_on_signal", "work_until_stopped"]

#: Seconds between two rounds; a cardholder who signed and closed the tab waits little longer.
PAUSE = 1.0


def work_until_stopped(
    services: Services, stop: Stop, jobs: tuple[WorkerJob, ...] = JOBS, pause: float = PAUSE
) -> None:
    """Do the jobs until told to stop; the mail in hand is finished first."""
    while not stop.is_set():
        busy = any(run_jobs(services, stop, jobs).values())
        stop.wait(0 if busy else pause)


class SignalStop:
    """A stop that signal handlers ask for.

    A handler may interrupt the code that waits, and another handler, at any point: it must not take a lock,
    as an Event does. To put something into a simple queue is safe then.
    """

    def __init__(self) -> None:
        self._asked = False
        self._wake_ups: SimpleQueue[None] = SimpleQueue()

    def ask(self, *_signal: object) -> None:
        """Ask for the stop."""
        self._asked = True
        self._wake_ups.put(None)

    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked

    def wait(self, timeout: float) -> bool:
        """Wait for a stop, at most so many seconds, and return whether one was asked for."""
        if not self._asked:
            with suppress(Empty):
                self._wake_ups.get(timeout=timeout)
        return self._asked


def stop_on_signal() -> Stop:
    """Return a stop that SIGINT, SIGTERM and SIGHUP ask for."""
    stop = SignalStop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.ask)
    return stop

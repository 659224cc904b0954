"""The worker: the jobs in turn, over and over, until a signal says stop."""

import signal
from threading import Event

from app.jobs import JOBS, GoesOn, Job, work_once
from app.web.wiring import Services

__all__ = ["JOBS", "GoesOn", "Job", "stop_on_signal", "work", "work_once"]

#: Seconds between two rounds; a cardholder who signed and closed the tab waits little longer.
PAUSE = 1.0


def work(services: Services, stop: Event, jobs: tuple[Job, ...] = JOBS, pause: float = PAUSE) -> None:
    """Do the jobs until told to stop; the mail in hand is finished first."""
    while not stop.is_set():
        busy = any(work_once(services, stop, jobs).values())
        stop.wait(0 if busy else pause)


def stop_on_signal() -> Event:
    """Return an event that SIGINT, SIGTERM and SIGHUP set."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop

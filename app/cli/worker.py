"""The worker: the jobs in turn, over and over, until a signal says stop."""

import signal
from threading import Event

from app.jobs import JOBS, GoesOn, WorkerJob, run_jobs
from app.web.wiring import Services

__all__ = ["JOBS", "GoesOn", "WorkerJob", "run_jobs", "stop_on_signal", "work_until_stopped"]

#: Seconds between two rounds; a cardholder who signed and closed the tab waits little longer.
PAUSE = 1.0


def work_until_stopped(
    services: Services, stop: Event, jobs: tuple[WorkerJob, ...] = JOBS, pause: float = PAUSE
) -> None:
    """Do the jobs until told to stop; the mail in hand is finished first."""
    while not stop.is_set():
        busy = any(run_jobs(services, stop, jobs).values())
        stop.wait(0 if busy else pause)


def stop_on_signal() -> Event:
    """Return an event that SIGINT, SIGTERM and SIGHUP set."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop

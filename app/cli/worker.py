"""The worker: a table of jobs, done in turn, over and over."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import structlog

from app.web.wiring import Services

#: Seconds between two rounds; a cardholder who signed and closed the tab waits little longer.
PAUSE = 1.0

GoesOn = Callable[[], bool]

_log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One kind of work; it is told whether to go on, and returns how many things it took up."""

    name: str
    run: Callable[[Services, GoesOn], int]


JOBS = (
    Job("conclude", lambda services, goes_on: services.activations.sweep()),
    Job("ask_bank_apps", lambda services, goes_on: services.activations.ask_bank_apps()),
    Job("remind", lambda services, goes_on: services.activations.remind(goes_on)),
    Job("deliver", lambda services, goes_on: services.outbox.deliver_due(goes_on)),
    Job("expire", lambda services, goes_on: services.activations.expire()),
    # Erased bytes live on in the write-ahead log until a moment without readers.
    Job("erase", lambda services, goes_on: _empty_log(services)),
)


def work(services: Services, stop: Event, jobs: tuple[Job, ...] = JOBS, pause: float = PAUSE) -> None:
    """Do the jobs until told to stop; the mail in hand is finished first."""
    while not stop.is_set():
        busy = any(work_once(services, stop, jobs).values())
        stop.wait(0 if busy else pause)


def work_once(services: Services, stop: Event, jobs: tuple[Job, ...] = JOBS) -> dict[str, int]:
    """Do each job once and return what each took up; one that fails does not keep the others waiting."""
    done: dict[str, int] = {}
    for job in jobs:
        if stop.is_set():
            break
        try:
            done[job.name] = job.run(services, lambda: not stop.is_set())
        except Exception as error:  # a worker outlives what one job meets
            _log.error("job_failed", job=job.name, error=type(error).__name__)
    return done


def stop_on_signal() -> Event:
    """Return an event that SIGINT, SIGTERM and SIGHUP set."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _empty_log(services: Services) -> int:
    if not services.database.checkpoint():
        _log.info("erasure_waits_for_readers")
    return 0

"""The worker's jobs, as a table: what there is to do again and again, for all offices or for one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from socket import gethostname
from typing import Protocol

from app.clock import Stopwatch
from app.db import read_cause
from app.logs import log
from app.web.extensions import Services

GoesOn = Callable[[], bool]


class Stop(Protocol):
    """What says that it is time to stop, and wakes whoever waits for it."""

    def is_set(self) -> bool:
        """Whether a stop was asked for."""

    def wait(self, timeout: float) -> bool:
        """Wait for a stop, at most so many seconds, and return whether one was asked for."""


@dataclass(frozen=True)
class WorkerJob:
    """One kind of work; it is told whether to go on, and returns how many things it took up."""

    name: str
    run: Callable[[Services, GoesOn], int]
    #: Seconds from one turn to the next; without, it has its turn in each round.
    every: float = 0


JOBS = (
    WorkerJob("conclude", lambda services, goes_on: services.attempt_results.check_due_attempts()),
    WorkerJob("ask_bank_apps", lambda services, goes_on: services.bank_apps.exchange_with_bank_apps()),
    WorkerJob("bulk", lambda services, goes_on: services.bulk_actions.continue_actions()),
    WorkerJob("remind", lambda services, goes_on: services.reminders.queue_due_reminders(goes_on)),
    WorkerJob("digest", lambda services, goes_on: services.news.queue_due_digests(goes_on)),
    WorkerJob("deliver", lambda services, goes_on: services.outbox.deliver_due(goes_on)),
    WorkerJob("expire", lambda services, goes_on: services.invitations.expire_due_activations()),
    WorkerJob("forget", lambda services, goes_on: services.bulk_orders.forget_old_rows()),
    # Erased bytes live on in the write-ahead log until a moment without readers.
    WorkerJob("erase", lambda services, goes_on: _empty_log(services)),
)


#: The name by which this machine, or this container, is told from the others.
HOST = gethostname()
#: What is done for the installation as a whole, and for no office.
UPKEEP = (
    WorkerJob("beat", lambda services, goes_on: _record_heartbeat(services), every=10),
    WorkerJob("prune", lambda services, goes_on: services.retention.delete_old_rows(), every=3600),
    WorkerJob("vacuum", lambda services, goes_on: services.retention.vacuum_at_night(), every=600),
)


class JobSchedule:
    """Which jobs have their turn."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch
        self._rests_until: dict[str, float] = {}

    def take_due(self, jobs: Iterable[WorkerJob]) -> tuple[WorkerJob, ...]:
        """Return the jobs of this round; those that rest begin to rest anew."""
        now = self._stopwatch()
        due = tuple(job for job in jobs if now >= self._rests_until.get(job.name, now))
        self._rests_until.update({job.name: now + job.every for job in due})
        return due


class JobFailures:
    """Why each job failed last: a cause that lasts is told once, and then its end."""

    def __init__(self) -> None:
        self._causes: dict[str, str] = {}

    def note_failure(self, job: str, error: Exception) -> None:
        """Tell the cause, unless it is the one of before."""
        cause = read_cause(error)
        if self._causes.get(job) != cause:
            log.error("job_failed", job=job, error=type(error).__name__, cause=cause)
        self._causes[job] = cause

    def note_success(self, job: str) -> None:
        """Tell that a job that failed does its work again."""
        if self._causes.pop(job, None) is not None:
            log.info("job_recovered", job=job)


def run_jobs(
    services: Services,
    stop: Stop,
    jobs: tuple[WorkerJob, ...] = JOBS,
    failures: JobFailures | None = None,
) -> dict[str, int]:
    """Do each job once and return what each took up; one that fails does not keep the others waiting."""
    failures = failures or JobFailures()
    done: dict[str, int] = {}
    for job in jobs:
        if stop.is_set():
            break
        try:
            done[job.name] = job.run(services, lambda: not stop.is_set())
        except Exception as error:  # a worker outlives what one job meets
            failures.note_failure(job.name, error)
        else:
            failures.note_success(job.name)
    return done


def _record_heartbeat(services: Services) -> int:
    services.worker_health.record_heartbeat(HOST)
    return 0


def _empty_log(services: Services) -> int:
    if not services.database.truncate_wal():
        log.info("erasure_waits_for_readers")
    return 0

"""A fault that lasts is told once with its cause, and a worker that can do nothing tries ever less often."""

from collections.abc import Callable
from typing import cast

from sqlalchemy import create_engine

from app.cli.process_commands import work_until_stopped
from app.jobs import GoesOn, JobFailures, WorkerJob, run_jobs
from app.web.extensions import Services
from tests.support.event_lines import capture_logs

NOBODY = cast("Services", None)


class CountedStop:
    """Ask for a stop after so many rounds, and note how long the worker would have waited."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.waits: list[float] = []

    def is_set(self) -> bool:
        return len(self.waits) >= self.rounds

    def wait(self, timeout: float) -> bool:
        self.waits.append(timeout)
        return self.is_set()


def job(name: str, run: Callable[[], int]) -> WorkerJob:
    def do(_services: Services, _goes_on: GoesOn) -> int:
        return run()

    return WorkerJob(name, do)


def without_database() -> int:
    with create_engine("postgresql+psycopg://caro:very-secret@127.0.0.1:1/caro").connect():
        return 0


def test_a_cause_that_lasts_is_told_once_without_secrets() -> None:
    failures, stop = JobFailures(), CountedStop(1)
    with capture_logs() as lines:
        for _ in range(3):
            run_jobs(NOBODY, stop, (job("deliver", without_database),), failures)
        run_jobs(NOBODY, stop, (job("deliver", lambda: 1),), failures)

    assert [(line["event"], line["job"]) for line in lines] == [
        ("job_failed", "deliver"),
        ("job_recovered", "deliver"),
    ]
    assert "port 1 failed: Connection refused" in lines[0]["cause"]
    assert "very-secret" not in str(lines)


def test_a_worker_that_can_do_nothing_tries_ever_less_often() -> None:
    stop = CountedStop(7)
    with capture_logs():
        work_until_stopped(NOBODY, stop, (job("deliver", without_database),), pause=1)
    assert stop.waits == [2, 4, 8, 16, 32, 32, 32]


def test_one_job_that_fails_slows_no_other() -> None:
    stop = CountedStop(3)
    with capture_logs():
        work_until_stopped(
            NOBODY, stop, (job("deliver", without_database), job("expire", lambda: 0)), pause=1
        )
    assert stop.waits == [1, 1, 1]

"""Whatever is called outside fails in every way, and nothing is left half done; `make trust` fails it all.

SQLite is tested so: its n-th allocation fails, then the next one, until nothing is left to fail.
"""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.jobs import JOBS, UPKEEP
from app.models import Office
from tests.seams.seam_case import Act, CaseKind, SeamCase
from tests.seams.seam_runner import ALL_PAGES, ALL_USE_CASES, CASES, SeamRunner, run_sample
from tests.seams.seam_watch import Failure, Seam
from tests.seams.seam_world import SeamWorld, opened_world
from tests.seams.use_cases import READING, service_methods
from tests.seams.worker_jobs import WORKER_JOBS
from tests.support.databases import engines_under_test

#: An address goes, and SQLite's log is emptied afterwards.
EMPTYING_THE_LOG = (
    "invitations.replace_link",
    "invitations.cancel_activation",
    "invitations.expire_due_activations",
    "erasure.repeat_erasures",
    "outbox.deliver_due",
)
#: Cases, and faults of each; PostgreSQL connects anew after most of them.
SAMPLES = {"sqlite": (14, 12), "postgresql": (7, 8)}
SEED = 2026


def test_each_method_of_a_service_writes_and_is_failed_or_only_reads() -> None:
    methods = list(service_methods())
    assert sorted({*ALL_USE_CASES, *READING}) == sorted({*methods, "import_dossiers"})
    assert not READING & ALL_USE_CASES.keys()


def test_each_form_of_a_page_is_failed(app: Flask) -> None:
    forms = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert forms == ALL_PAGES.keys()


def test_each_job_of_the_worker_is_failed() -> None:
    assert {job.name for job in (*JOBS, *UPKEEP)} == WORKER_JOBS.keys()
    assert len(CASES) == len(ALL_USE_CASES) + len(ALL_PAGES) + len(WORKER_JOBS)


@pytest.mark.parametrize("engine", engines_under_test())
def test_a_sample_of_all_that_can_fail_leaves_nothing_half_done(engine: str, tmp_path: Path) -> None:
    cases, faults = SAMPLES[engine]
    with opened_world(engine, tmp_path) as world:
        reports = list(run_sample(world, f"{SEED} {engine}", cases, faults))

    assert [broken for report in reports for broken in report.broken] == []
    assert sum(report.failed.total() for report in reports) > cases * faults / 2


def test_each_seam_that_is_found_is_failed_in_each_way(tmp_path: Path) -> None:
    with opened_world("sqlite", tmp_path) as world:
        runner = SeamRunner(
            world, SeamCase(CaseKind.USE_CASE, "an order", ALL_USE_CASES["orders.place_order"])
        )
        report = runner.fail_each(runner.all_faults(), to_rest=True)

    assert report.failed == report.found
    assert report.failed.total() == len(report.seams) * len(Failure) > 0
    assert report.broken == []


def test_what_is_done_is_said_to_be_done_though_the_log_cannot_be_emptied(tmp_path: Path) -> None:
    with opened_world("sqlite", tmp_path) as world:
        for name in EMPTYING_THE_LOG:
            runner = SeamRunner(world, SeamCase(CaseKind.USE_CASE, name, ALL_USE_CASES[name]))
            last = [fault for fault in runner.all_faults() if fault.number == len(runner.report.seams)]
            report = runner.fail_each(last, to_rest=False)

            assert report.seams[-2:] == [Seam.COMMIT, Seam.STATEMENT], name
            assert report.broken == []


def _do_it_in_two_halves(world: SeamWorld) -> Act:
    """Add two offices, but each in a transaction of its own, and none where there is one already."""

    def add() -> None:
        with world.database.read_connection() as connection:
            if connection.execute(select(func.count()).select_from(Office)).scalar_one() > 1:
                return
        for name in ("Half", "Other half"):
            with world.database.transaction() as session:
                session.add(Office(name=name))

    return add


def test_what_is_done_by_halves_is_found_out(tmp_path: Path) -> None:
    with opened_world("sqlite", tmp_path) as world:
        runner = SeamRunner(world, SeamCase(CaseKind.USE_CASE, "by halves", _do_it_in_two_halves))
        report = runner.fail_each(runner.all_faults(), to_rest=False)

    assert [broken for broken in report.broken if "'Other half'" in broken]

"""One fault in a process of its own: the tests of its line run until one notices."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from operator import itemgetter
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

import pytest

from tests.mutants.line_map import ENVIRONMENT, PLUGINS
from tests.mutants.mutations import Mutant

Choice = Sequence[tuple[Mutant | None, Sequence[str]]]
#: Seconds; a test that takes longer hangs.
HANGS = 120


class _FaultyLoader(SourceFileLoader):
    """Loads a module with its fault."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.mutant.tree(), self.path, "exec")


class _FaultyFinder(MetaPathFinder):
    """Finds the module with the fault before anybody else does."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname == self._name else None
        if spec is not None and spec.origin:
            spec.loader = loader = _FaultyLoader(fullname, spec.origin)
            loader.mutant = self._mutant
        return spec


class Jury:
    """Runs these tests and files alone, in their order, and writes down which test failed."""

    def __init__(self, tests: Sequence[str], report: Path) -> None:
        self._turns = {test: turn for turn, test in enumerate(tests)}
        self._report = report

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = [(turn, item) for item in items if (turn := self._turn(item.nodeid)) is not None]
        items[:] = [item for _, item in sorted(wanted, key=itemgetter(0))]

    def _turn(self, test: str) -> int | None:
        return self._turns.get(test, self._turns.get(test.partition("::")[0]))

    def pytest_runtest_logstart(self) -> None:
        signal.alarm(HANGS)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._report.write_text(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._report.write_text(f"{report.nodeid} cannot be read: {report.longreprtext[-300:]}")


def try_fresh(chosen: Choice, jobs: int, folder: Path) -> Iterator[tuple[Mutant | None, str]]:
    """Try each fault with its tests; yield it with what noticed it, nothing where it survived.

    None in place of a fault is a trial in which nothing is wrong.
    """
    waiting, running = list(enumerate(chosen)), dict[int, tuple[Mutant | None, Path]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            turn, (mutant, tests) = waiting.pop(0)
            report = folder / f"fresh-{turn}"
            running[fork_trial(mutant, tests, report)] = mutant, report
        child, status = os.wait()
        mutant, report = running.pop(child)
        yield mutant, what_noticed(status, report)


def what_noticed(status: int, report: Path) -> str:
    """Return which test failed in a process that has ended so, nothing where none did or none was there."""
    if os.waitstatus_to_exitcode(status) in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return ""
    return report.read_text() if report.exists() else f"status {status}"


def fork_trial(mutant: Mutant | None, tests: Sequence[str], report: Path) -> int:
    """Start a process that runs the tests, with a fault or without; it ends with 0 where none notices.

    Nothing of the product may be loaded before: what stands in a table is made when it is.
    """
    return os.fork() or _try(mutant, tests, report)


def _try(mutant: Mutant | None, tests: Sequence[str], report: Path) -> NoReturn:
    signal.alarm(HANGS)
    if mutant:
        sys.meta_path.insert(0, _FaultyFinder(mutant))
    paths = [*dict.fromkeys(test.partition("::")[0] for test in tests)]
    if not paths:
        os._exit(0)
    run_tests(paths, Jury(tests, report))


def run_tests(paths: Sequence[str], plugin: object) -> NoReturn:
    """Run tests in silence until one fails, and end this process with what came of them."""
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(silent, stream)
    os.environ.update(ENVIRONMENT)
    os._exit(int(pytest.main(["-q", "-x", *PLUGINS, "-p", "no:xdist", *paths], plugins=[plugin])))

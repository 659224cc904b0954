"""Faults within functions, tried where all tests are loaded already: the function gets other code."""

import gc
import os
import signal
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.mutants.line_map import TESTS
from tests.mutants.mutations import ROOT, Mutant
from tests.mutants.trial import HANGS, Choice, Jury, run_tests, what_noticed

Functions = Mapping[CodeType, Sequence[FunctionType]]


def try_loaded(chosen: Choice, jobs: int, folder: Path) -> Iterator[tuple[Mutant | None, str]]:
    """Try each fault with its tests; yield those that are noticed, with what noticed them.

    None in place of a fault is a trial in which nothing is wrong.
    """
    reader, writer = os.pipe()
    if not os.fork():
        os.close(reader)
        run_tests(TESTS, _LoadedTrials(chosen, jobs, folder, writer))
    os.close(writer)
    with os.fdopen(reader) as noticed:
        for line in noticed:
            turn, _, test = line.rstrip("\n").partition(" ")
            yield chosen[int(turn)][0], test
    os.wait()


class _LoadedTrials:
    """Tries one fault after another once the tests are collected, each in a process forked for it."""

    def __init__(self, chosen: Choice, jobs: int, folder: Path, writer: int) -> None:
        self._chosen, self._jobs, self._folder, self._writer = chosen, jobs, folder, writer
        self._running: dict[int, int] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Run no test here; in a process with a fault, its own tests alone."""
        items = {item.nodeid: item for item in session.items}
        functions = functions_by_code()
        # Lest each process copies all that is loaded, to look for what it no longer needs.
        gc.freeze()
        for turn, (mutant, tests) in enumerate(self._chosen):
            if len(self._running) == self._jobs:
                self._await_one()
            if child := os.fork():
                self._running[child] = turn
                continue
            signal.alarm(HANGS)
            session.items[:] = [items[test] for test in tests if test in items]
            session.config.pluginmanager.register(Jury(tests, self._report(turn)))
            if mutant and not exchange_code(mutant, functions):
                os._exit(0)
            return None
        while self._running:
            self._await_one()
        return True

    def _await_one(self) -> None:
        child, status = os.wait()
        turn = self._running.pop(child)
        if noticed := what_noticed(status, self._report(turn)):
            os.write(self._writer, f"{turn} {noticed}\n".encode())

    def _report(self, turn: int) -> Path:
        return self._folder / f"loaded-{turn}"


def functions_by_code() -> Functions:
    """Return all functions of the product that are loaded, by what they do."""
    found = defaultdict[CodeType, list[FunctionType]](list)
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(f"{ROOT}/app/"):
            found[one.__code__].append(one)
    return found


def exchange_code(mutant: Mutant, functions: Functions) -> bool:
    """Give functions the code that they have with the fault; tell whether there are any."""
    path = ROOT / mutant.path
    sound, faulty = (compile(source, path, "exec") for source in (path.read_text(), mutant.tree()))
    exchanged = False
    try:
        for before, after in _changed_codes(sound, faulty):
            for function in functions.get(before, ()):
                function.__code__ = after
                exchanged = True
    except ValueError:
        # A closure that closes over something else: it takes a process in which nothing is loaded.
        return False
    return exchanged


def _changed_codes(sound: CodeType, faulty: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    if sound != faulty:
        yield sound, faulty
    inner = [[part for part in code.co_consts if isinstance(part, CodeType)] for code in (sound, faulty)]
    # Where the fault leaves a part out, it is in what is around that part.
    if len(inner[0]) == len(inner[1]):
        for before, after in zip(*inner, strict=True):
            yield from _changed_codes(before, after)

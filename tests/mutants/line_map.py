"""Which tests run which line: a plugin that notes it while they run, and the map that comes of it."""

import importlib
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.mutations import ROOT, product_files
from tests.mutants.name_readers import NameReaders, Place, called_lines, importing

#: Those that reach into the product within their own process; what starts others cannot carry a fault there.
SUITES = (
    *("unit", "usecases", "web", "portal", "mails", "qa", "access", "server/test_readiness.py"),
    *("test_budgets.py", "test_messages.py", "test_typed_fields.py", "test_cli.py", "test_cli_check.py"),
    *("test_cli_accountants.py", "test_cli_mails.py", "test_cli_offices.py"),
)
#: The last one looks at functions that a trial has put out of its sight.
LEFT_OUT = ("unit/test_browser_options.py", "unit/test_simulator_parts.py", "unit/test_mutants.py")
TESTS = (*(f"--ignore=tests/{name}" for name in LEFT_OUT), *(f"tests/{name}" for name in SUITES))
#: One engine is enough to notice a fault, and the quicker one.
ENVIRONMENT = {"TEST_POSTGRES_URL": "postgresql+psycopg://127.0.0.1:9/none", "CI": ""}
PLUGINS = ("-p", "no:cacheprovider", "-p", "no:playwright")
_FILE = "TESTS_LINE_MAP"


class LineNotes:
    """Tells Coverage which test is running."""

    def __init__(self, file: str) -> None:
        ours = [f"{ROOT}/app/*"]
        self._coverage = Coverage(data_file=file, data_suffix=True, config_file=False, include=ours)
        self._coverage.start()
        # What runs while a module is loaded belongs to no test, whichever comes first.
        for path in product_files():
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            importlib.import_module(name.removesuffix(".__init__"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Run a test under its own name."""
        self._coverage.switch_context(item.nodeid)
        result = yield
        self._coverage.switch_context("")
        return result

    def pytest_sessionfinish(self) -> None:
        """Keep what was noted."""
        self._coverage.stop()
        self._coverage.save()


#: Begun before anything of the product is loaded.
_NOTES = LineNotes(os.environ[_FILE]) if _FILE in os.environ else None


def pytest_configure(config: pytest.Config) -> None:
    """Note lines where a map is being made, in the processes that run tests."""
    if _NOTES and hasattr(config, "workerinput"):
        config.pluginmanager.register(_NOTES)


def write_map(file: Path, jobs: int) -> None:
    """Run all tests once, and write down which lines each one runs."""
    noting = (f"-n{jobs}", "--dist=loadfile", *PLUGINS, "-p", "tests.mutants.line_map")
    environment = os.environ | ENVIRONMENT | {_FILE: str(file)}
    subprocess.run(
        (sys.executable, "-m", "pytest", "-q", *noting, *TESTS), cwd=ROOT, env=environment, check=True
    )
    combined = Coverage(data_file=str(file), config_file=False)
    combined.combine()
    combined.save()


#: Of a line that all tests run, so many have their say, and so many more of those that take no time.
_IN_TURNS, _SMALLEST = 400, 200
#: With so many more a fault is tried that those let pass.
_FURTHER = 1500
#: Of the files that only look at what a line makes, so many that are not small.
_OTHERS = 8


@cache
def _test_files() -> list[str]:
    folder = ROOT / "tests"
    names = (str(path.relative_to(folder)) for path in sorted(folder.rglob("test_*.py")))
    return [f"tests/{name}" for name in names if name.startswith(SUITES) and name not in LEFT_OUT]


def _files_about(path: str, names: Collection[str]) -> list[str]:
    """Return the test files that look at what a file of the product makes; they may run no line of it.

    The small ones first, then the nearest of the others: those that have one of these names.
    """
    near = [file for file in _test_files() if _nearness(file, path)]
    texts = {file: (ROOT / file).read_text() for file in near if not file.startswith("tests/unit/")}
    missing = {file: set(names).isdisjoint(re.findall(r"\w+", text)) for file, text in texts.items()}
    others = sorted(texts, key=lambda file: (missing[file], len(texts[file])))
    return [*(file for file in near if file not in texts), *others[:_OTHERS]]


@cache
def _nearness(test_file: str, path: str) -> int:
    """Tell how much the tests of a file are about one of the product: by its name, and by what it imports."""
    is_named, imports = Path(path).stem in test_file, importing(path)
    return 2 * is_named + bool(imports.search((ROOT / test_file).read_text()))


class LineMap:
    """The tests of each line, those first that run the fewest lines besides."""

    def __init__(self, file: Path) -> None:
        self._data = CoverageData(str(file))
        self._data.read()
        self._readers = NameReaders((ROOT / "app").rglob("*.py"), self._is_run_while_loading)

    def is_called(self, path: str, lines: range) -> bool:
        """Tell whether one of these lines is part of a function that a test calls."""
        return any(self._of_line(ROOT / path, line) for line in called_lines(ROOT / path).intersection(lines))

    def tests_of(self, path: str, lines: range) -> list[str]:
        """Return the tests that run one of these lines, then tests and files that read what it makes."""
        called = called_lines(ROOT / path).intersection(lines)
        found = {test for line in called for test in self._of_line(ROOT / path, line)}
        running_it = self._in_turns({test: _nearness(test.partition("::")[0], path) for test in found})
        if found and not any(self._is_run_while_loading(ROOT / path, line) for line in lines):
            return running_it
        readers = self._readers.of_names(ROOT / path, lines)
        reading = self._of_readers(readers.values())
        # A test that only looks at a table runs no line of the product, so that the map does not know it.
        about = _files_about(path, readers)
        reading_it, using_it = self._in_turns(reading), self._in_turns(self._of_users(path))
        return [*dict.fromkeys((*running_it, *reading_it[:_SMALLEST], *about, *using_it[: _SMALLEST // 2]))]

    def further_tests_of(self, path: str, but: Collection[str]) -> list[str]:
        """Return other tests that run most of a file and of what imports it."""
        weights = self._of_users(path)
        others = sorted(weights.keys() - {*but}, key=lambda test: (-weights[test], self._sizes[test], test))
        return others[:_FURTHER]

    def _in_turns(self, weights: Mapping[str, float]) -> list[str]:
        """Order tests by weight, then by size, in turns between files: two of each are asked early."""
        turns: Counter[str] = Counter()
        placed = []
        for test in sorted(weights, key=lambda test: (-weights[test], self._sizes[test], test)):
            turns[file := test.partition("::")[0]] += 1
            is_further = turns[file] > 2
            placed.append((is_further, -weights[test], turns[file], self._sizes[test], test))
        in_turns = [test for *_, test in sorted(placed)]
        first, rest = in_turns[:_IN_TURNS], in_turns[_IN_TURNS:]
        return [*first, *sorted(rest, key=lambda test: self._sizes[test])[:_SMALLEST]]

    def _of_readers(self, readers: Iterable[Collection[Place]]) -> Mapping[str, float]:
        """Return the tests that run these places; one weighs more where few of them run."""
        weights = defaultdict[str, float](float)
        for places in readers:
            running = [self._of_line(*place) for place in places]
            for test in {test for tests in running for test in tests}:
                weights[test] += max(1 / len(tests) for tests in running if test in tests)
        return weights

    def _of_users(self, path: str) -> Counter[str]:
        """Return the tests that run the file and what imports it, with how many lines of it."""
        users = self._readers.users_of(ROOT / path)
        runs = (tests for user in users for tests in self._of_file(str(user)).values())
        return Counter(test for tests in runs for test in tests if test)

    def _is_run_while_loading(self, path: Path, line: int) -> bool:
        return "" in self._of_file(str(path)).get(line, ())

    def _of_line(self, path: Path, line: int) -> set[str]:
        return {*self._of_file(str(path)).get(line, ())} - {""}

    @cache  # noqa: B019, there is one map
    def _of_file(self, path: str) -> Mapping[int, list[str]]:
        return self._data.contexts_by_lineno(path)

    @cached_property
    def _sizes(self) -> Counter[str]:
        files = (self._of_file(path).values() for path in self._data.measured_files())
        return Counter(test for of_file in files for tests in of_file for test in tests)

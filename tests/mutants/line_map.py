"""Which tests run which line: a plugin that notes it while they run, and the map that comes of it."""

import ast
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.mutations import ROOT

#: Those that reach into the product within their own process; what starts others cannot carry a fault there.
SUITES = ("unit", "usecases", "web", "portal", "mails", "qa")
LEFT_OUT = ("unit/test_browser_options.py", "unit/test_simulator_parts.py")
#: One engine is enough to notice a fault, and the quicker one.
ENVIRONMENT = {"TEST_POSTGRES_URL": "postgresql+psycopg://127.0.0.1:9/none", "CI": ""}
PLUGINS = ("-p", "no:cacheprovider", "-p", "no:playwright")
_FILE = "CARO_LINE_MAP"
_FUNCTIONS = (ast.FunctionDef, ast.Lambda)


class LineNotes:
    """Tells Coverage which test is running."""

    def __init__(self, file: str) -> None:
        ours = [f"{ROOT}/app/*"]
        self._coverage = Coverage(data_file=file, data_suffix=True, config_file=False, include=ours)
        self._coverage.start()

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


def pytest_configure(config: pytest.Config) -> None:
    """Note lines where a map is being made, in the processes that run tests."""
    if (file := os.environ.get(_FILE)) and hasattr(config, "workerinput"):
        config.pluginmanager.register(LineNotes(file))


def write_map(file: Path, jobs: int) -> None:
    """Run all tests once, and write down which lines each one runs."""
    tests = [*(f"--ignore=tests/{name}" for name in LEFT_OUT), *(f"tests/{name}" for name in SUITES)]
    noting = (f"-n{jobs}", "--dist=loadfile", *PLUGINS, "-p", "tests.mutants.line_map")
    environment = os.environ | ENVIRONMENT | {_FILE: str(file)}
    subprocess.run(
        (sys.executable, "-m", "pytest", "-q", *noting, *tests), cwd=ROOT, env=environment, check=True
    )
    combined = Coverage(data_file=str(file), config_file=False)
    combined.combine()
    combined.save()


class LineMap:
    """The tests of each line, those first that run the fewest lines besides."""

    def __init__(self, file: Path) -> None:
        self._data = CoverageData(str(file))
        self._data.read()

    def tests_of(self, path: str, lines: range) -> list[str]:
        """Return the tests that run one of these lines, in turns between files: each is asked early."""
        by_line = self._of_file(str(ROOT / path))
        called = _called_lines(ROOT / path)
        found = {test for line in lines if line in called for test in by_line.get(line, ())} - {""}
        ranks = {test: self._sizes[test] for test in found} or self._of_users(path)
        turns: Counter[str] = Counter()
        placed = []
        for test in sorted(ranks, key=lambda test: (ranks[test], test)):
            turns[file := test.partition("::")[0]] += 1
            placed.append((turns[file], ranks[test], test))
        return [test for *_, test in sorted(placed)]

    def _of_users(self, path: str) -> dict[str, int]:
        """Return who needs a line that runs at import: the tests that run most of what imports its file."""
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        imports = re.compile(rf"{re.escape(name)}\b|import .*\b{name.rpartition('.')[2]}\b")
        files = self._data.measured_files()
        users = [file for file in files if file.endswith(path) or imports.search(Path(file).read_text())]
        runs = Counter(test for one in users for tests in self._of_file(one).values() for test in tests)
        return {test: -count for test, count in runs.items() if test}

    @cache  # noqa: B019, there is one map
    def _of_file(self, path: str) -> Mapping[int, list[str]]:
        return self._data.contexts_by_lineno(path)

    @cached_property
    def _sizes(self) -> Counter[str]:
        files = (self._of_file(path).values() for path in self._data.measured_files())
        return Counter(test for of_file in files for tests in of_file for test in tests)


def _called_lines(path: Path) -> set[int]:
    """Return the lines within functions; whichever test comes first runs the others."""
    functions = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, _FUNCTIONS))
    parts = (part for one in functions for part in (one.body if isinstance(one.body, list) else [one.body]))
    return {line for part in parts for line in range(part.lineno, (part.end_lineno or 0) + 1)}

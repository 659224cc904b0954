"""The house rules: which way imports go, how big things may be, and what is written nowhere."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2 import nodes as parts

from app.domain.banks import BANKS
from app.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
THIS = Path(__file__).resolve()

#: Each named many things, and none of them: the noun of what it holds says more.
RETIRED = frozenset(("asked", "deed", "desk", "ground", "said", "scene", "stage", "standing", "told", "wish"))
RETIRED_IN_TESTS = frozenset(("deed", "deeds", "ground", "stage", "told", "wish"))
#: The folders of tests that are rid of these.
PLAIN_TESTS = ("e2e", *(f"tests/{name}" for name in ("bench", "kills", "qa", "seams", "trust")))
APP_LINES, FUNCTION_LINES, TEMPLATE_LINES, TEST_LINES = 350, 25, 100, 450

VAGUE_NAMES = frozenset({"common", "helpers", "manager", "managers", "misc", "util", "utils"})

#: Flask's own module names, which each blueprint has.
SHARED_NAMES = frozenset({"__init__", "routes", "forms"})

#: A reading of the clock, as attribute names from the right.
CLOCK_READS = frozenset(
    {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("func", "now"),
        ("func", "current_timestamp"),
        ("time", "time"),
        ("time", "time_ns"),
        ("time", "localtime"),
        ("time", "gmtime"),
    }
)

#: A reading of how long something takes.
STOPWATCHES = frozenset(
    f"{name}{unit}" for name in ("monotonic", "perf_counter", "process_time") for unit in ("", "_ns")
)

#: What a test does without: it passes fakes and a clock in, waits for conditions, and always runs.
PATCHING = frozenset(
    {"monkeypatch", "mock", "Mock", "MagicMock", "patch", "mocker", "sleep", "skip", "skipif", "xfail"}
)

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
HOME = re.compile(r"(?<![\w.])/(home|root|Users|work)/\w")
REGISTRY = re.compile(
    r"\b(pypi\.org|pythonhosted\.org|registry\.npmjs\.org)\b|--(extra-)?index-url|--find-links"
)
BINARY = frozenset({".ico", ".jpg", ".png", ".woff2", ".mo", ".pdf", ".gz"})


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def templates() -> list[Path]:
    folders = sorted((ROOT / "app").rglob("templates"))
    return [path for folder in folders for path in sorted(folder.rglob("*.*")) if path.is_file()]


def project_files() -> list[Path]:
    """Every file that is, or could be, committed."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    paths = (ROOT / name for name in listed if name)
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function but for its docstring."""
    described = ast.get_docstring(function, clean=False)
    return (function.end_lineno or 0) - function.lineno + 1 - (described.count("\n") + 1 if described else 0)


def too_long(paths: Iterable[Path], limit: int) -> list[str]:
    sizes = ((path, line_count(path)) for path in paths)
    return [f"{path.relative_to(ROOT)} has {size} lines, not {limit}" for path, size in sizes if size > limit]


@cache
def nodes(path: Path) -> Sequence[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text(), filename=str(path)))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def attribute_names(node: ast.AST) -> tuple[str, ...]:
    """Return the last two names of an attribute, as in ("datetime", "now")."""
    match node:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
            return owner, name
        case _:
            return ()


def clock_reads(path: Path) -> list[str]:
    # A clock that is imported by name ("from time import time") is a reading as well.
    imported = {
        (node.module or "", alias.name)
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    used = {attribute_names(node) for node in nodes(path)}
    return [f"{path.relative_to(ROOT)}: {'.'.join(read)}" for read in sorted((imported | used) & CLOCK_READS)]


@cache
def written_names(path: Path) -> set[str]:
    """Return every name that the code of a file uses, its texts apart."""
    found: set[str] = set()
    for node in nodes(path):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                found.update(part for alias in aliases for part in alias.name.split("."))
            case _:
                pass
    return found


def lines_with(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        if path != THIS
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]


def test_imports_keep_their_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run((linter, "--no-logo", "--no-cache"), cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_modules_are_short() -> None:
    assert too_long(python_files("app"), APP_LINES) == []


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name} has {size} lines, not {FUNCTION_LINES}"
        for path in python_files("app")
        for function in functions(path)
        if (size := lines_of(function)) > FUNCTION_LINES
    ]
    assert long == []


def test_templates_are_short() -> None:
    assert too_long(templates(), TEMPLATE_LINES) == []


def test_test_files_are_short() -> None:
    assert too_long(python_files("tests", "e2e"), TEST_LINES) == []


def test_a_class_name_means_one_thing() -> None:
    classes = (node for path in python_files("app") for node in nodes(path) if isinstance(node, ast.ClassDef))
    counts = Counter(node.name for node in classes)
    assert [name for name, count in counts.items() if count > 1] == []


def test_a_module_name_means_one_thing() -> None:
    counts = Counter(path.stem for path in python_files("app"))
    assert {name for name, count in counts.items() if count > 1} <= SHARED_NAMES


@pytest.mark.parametrize(("folders", "retired"), [(("app",), RETIRED), (PLAIN_TESTS, RETIRED_IN_TESTS)])
def test_a_word_that_says_nothing_does_not_come_back(folders: Sequence[str], retired: frozenset[str]) -> None:
    names = (
        (path, name)
        for path in python_files(*folders)
        for node in nodes(path)
        for name in (getattr(node, field, None) for field in ("id", "arg", "attr", "name"))
        if isinstance(name, str)
    )
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name in names if name.strip("_") in retired] == []


def test_a_bank_is_one_row() -> None:
    home = ROOT / "app" / "domain" / "banks.py"
    facts = {text for bank in BANKS.values() for text in (bank.key, bank.name, bank.sample_iban, *bank.bics)}
    named = re.compile(rf"\b(?:{'|'.join(map(re.escape, facts))})\b")
    catalogues = (ROOT / "translations").rglob("*.po")
    elsewhere = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in (*python_files("app"), *templates(), *catalogues)
        if path != home
        for found in named.findall(path.read_text())
    ]
    assert elsewhere == []


def test_a_language_is_one_entry() -> None:
    homes = {ROOT / "app" / "i18n.py", ROOT / "app" / "catalogues.py"}
    elsewhere = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.value!r}"
        for path in python_files("app")
        if path not in homes
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value in LANGUAGES
    ]
    assert elsewhere == []


def test_templates_compile() -> None:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for path in templates():
        # Which filters there are is the application's business, and the tests of its pages show it.
        for node in environment.parse(path.read_text()).find_all((parts.Filter, parts.Test)):
            known = environment.filters if isinstance(node, parts.Filter) else environment.tests
            known.setdefault(node.name, lambda value: value)
        environment.compile(path.read_text(), filename=str(path))


def test_module_names_say_something() -> None:
    assert [path for path in python_files("app") if path.stem in VAGUE_NAMES] == []


def test_only_the_clock_reads_time() -> None:
    readers = [path for path in python_files("app") if path != ROOT / "app" / "clock.py"]
    assert [read for path in readers for read in clock_reads(path)] == []


def test_only_the_clock_measures_time() -> None:
    # The demonstration waits for processes that really start and stop.
    allowed = {ROOT / "app" / "clock.py", ROOT / "app" / "cli" / "demo" / "supervisor.py"}
    files = [path for path in python_files("app") if path not in allowed]
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in sorted(written_names(path) & STOPWATCHES)
    ] == []


def test_only_the_clock_lets_time_go_by() -> None:
    # These wait for processes, or go round until one is told to stop.
    allowed = {ROOT / "app" / "clock.py", *(ROOT / "app" / "cli").rglob("*.py")}
    files = [path for path in python_files("app") if path not in allowed]
    used = {path.relative_to(ROOT): written_names(path) for path in files}
    assert [path for path, names in used.items() if "sleep" in names or {"threading", "wait"} <= names] == []


def test_tests_measure_no_time_of_the_machine() -> None:
    # What these promise is a number of real seconds.
    allowed = {
        *python_files("tests/bench", "tests/load", "tests/trust"),
        ROOT / "tests" / "server" / "test_frozen_database.py",
    }
    files = [path for path in python_files("tests", "e2e") if path not in {*allowed, THIS}]
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in sorted(written_names(path) & {*STOPWATCHES, "system_stopwatch", "system_pause"})
    ] == []


def test_tests_patch_wait_skip_nothing() -> None:
    allowed = {ROOT / "e2e" / "conftest.py"}  # It leaves the suite out where there is no browser.
    files = [path for path in python_files("tests", "e2e") if path not in allowed]
    assert [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in sorted(written_names(path) & PATCHING)
    ] == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, project_files()) == []


def test_no_machine_or_registry_is_named() -> None:
    assert lines_with(HOME, project_files()) + lines_with(REGISTRY, project_files()) == []


def test_dependencies_are_locked_by_hash() -> None:
    for name in ("run", "dev"):
        locked = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "").splitlines()
        assert [line for line in locked if "==" not in line or "--hash=sha256:" not in line] == []

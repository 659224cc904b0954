"""The browser tests' own tools: what may be chosen, what is left out, how it is reported."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from app.paths import ROOT
from e2e.devices import DESK, PHONE, context_args, own_device
from e2e.html_report import HtmlReport
from e2e.report import NOT_COVERED, ScenarioReport
from e2e.words import LanguageHabits, say, spoken


def make_report(test: str, outcome: str = "passed", when: str = "call", **notes: str) -> pytest.TestReport:
    return pytest.TestReport(
        f"e2e/test_it.py::{test}",
        ("e2e/test_it.py", 1, test),
        {},
        outcome,  # type: ignore[arg-type]
        None,
        when,  # type: ignore[arg-type]
        user_properties=list(notes.items()),
    )


@pytest.fixture
def report(pytestconfig: pytest.Config) -> ScenarioReport:
    return ScenarioReport(pytestconfig)


@pytest.fixture
def dutch() -> Iterator[None]:
    before, LanguageHabits.language = LanguageHabits.language, "nl"
    yield
    LanguageHabits.language = before


def row_of(report: ScenarioReport, key: str) -> list[str]:
    (line,) = (line for line in report.lines() if line.startswith(f"| {key} "))
    return [cell.strip() for cell in line.strip("| ").split("|")][1:]


def test_passed_and_failed_are_counted_by_language(report: ScenarioReport) -> None:
    report.pytest_runtest_logreport(make_report("a", scenario="wrong_pin", language="fr"))
    report.pytest_runtest_logreport(make_report("b", "failed", scenario="wrong_pin", language="fr"))
    report.pytest_runtest_logreport(make_report("c", scenario="wrong_pin", language="nl"))
    report.pytest_runtest_logreport(make_report("d", scenario="amex", language="nl"))
    assert row_of(report, "wrong_pin") == ["1 of 2 failed", "1 passed"]
    assert row_of(report, "amex") == [NOT_COVERED, "1 passed"]


@pytest.mark.parametrize("broken", ["setup", "call", "teardown"])
def test_one_broken_part_fails_the_test(report: ScenarioReport, broken: str) -> None:
    for when in ("setup", "call", "teardown"):
        outcome = "failed" if when == broken else "passed"
        report.pytest_runtest_logreport(make_report("a", outcome, when, scenario="amex", language="fr"))
    assert row_of(report, "amex") == ["1 of 1 failed"]


def test_what_no_test_covers_is_named(report: ScenarioReport) -> None:
    report.pytest_runtest_logreport(make_report("a", scenario="amex", language="fr"))
    (uncovered,) = (line for line in report.lines() if line.startswith("Not covered"))
    assert "wrong_pin" in uncovered
    assert "amex" not in uncovered
    assert "Not covered" not in "".join(report.lines(everything=False))


def test_tests_of_other_suites_are_no_stories(report: ScenarioReport) -> None:
    report.pytest_runtest_logreport(make_report("a"))
    assert not [line for line in report.lines() if "passed" in line]


def test_story_that_tells_no_language_has_the_chosen_one(dutch: None) -> None:
    assert spoken() == "nl"
    assert say("Welcome") == say("Welcome", "nl") != say("Welcome", "fr")


def test_device_is_chosen_by_name_or_size() -> None:
    assert own_device("desktop") == DESK
    assert own_device("320x640") == PHONE | {"viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize("name", ["tablet", "320", "0x640", "320x", "-1x5", "320x640x2"])
def test_what_is_no_device_of_ours_is_left_to_playwright(name: str) -> None:
    assert own_device(name) is None


def test_firefox_is_not_asked_for_a_touch_screen() -> None:
    assert {"has_touch", "is_mobile"} <= context_args(PHONE, "chromium", "fr").keys()
    assert not {"has_touch", "is_mobile"} & context_args(PHONE, "firefox", "fr").keys()
    assert context_args(PHONE, "firefox", "de")["locale"] == "de-BE"


CALL_LOG = """
Call log:
  - Expect "to_be_visible" with timeout 30000ms
  - waiting for get_by_text("Done").first
"""


def failed_report(folder: Path) -> pytest.TestReport:
    """A test that failed here, with a picture and a trace."""
    report = make_report("test_a_page<>", "failed")
    with pytest.raises(AssertionError) as raised:
        raise AssertionError("it stands <here>" + CALL_LOG)
    report.longrepr = raised.getrepr(style="long")
    (folder / "shown.png").write_bytes(b"a picture")
    artifacts = {"playwright_screenshot": folder / "shown.png", "playwright_trace": folder / "one/trace.zip"}
    report.user_properties = [(kind, str(path)) for kind, path in artifacts.items()]
    return report


def test_failure_is_shown_with_its_line_its_picture_and_its_trace(tmp_path: Path) -> None:
    page = HtmlReport(tmp_path / "report.html", "firefox, nl")
    page.pytest_runtest_logreport(failed_report(tmp_path))
    page.pytest_runtest_logreport(make_report("test_another"))
    page.write()
    drawn = BeautifulSoup((tmp_path / "report.html").read_text(), "html.parser")
    [failure] = drawn("article")
    shown = failure.get_text()
    assert "test_a_page<>" in shown
    assert 'raise AssertionError("it stands <here>" + CALL_LOG)' in shown
    assert 'AssertionError: it stands <here>\nwaiting for get_by_text("Done").first' in shown
    assert f"show-trace {os.path.relpath(tmp_path)}/one/trace.zip" in shown
    assert [image["src"] for image in failure("img")] == ["data:image/png;base64,YSBwaWN0dXJl"]
    assert [link["href"] for link in failure("a")] == ["one/trace.zip"]
    assert [heading.get_text() for heading in drawn("h1")] == ["1 of 2 failed"]


def collect(*options: str, of: str = "e2e", **environment: str) -> "subprocess.CompletedProcess[str]":
    """List what the suite would run, without running it."""
    command = (sys.executable, "-m", "pytest", "-n", "0", "--collect-only", "-q", of, *options)
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_running_server_is_spared_what_changes_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("report") / "scenarios.md"
    listed = collect(
        "--base-url", "http://127.0.0.1:9", "--scenario-report", str(file), "--languages", "nl de"
    )
    assert listed.returncode == 0, listed.stdout
    assert "test_canary" not in listed.stdout
    assert (
        "tests are left out on a server that runs already, since they look into the server" in listed.stdout
    )
    assert "test_right_card_succeeds_afterwards[nl-chromium-" in listed.stdout
    assert "needs a server of its own: looks for the card in every file of the server." in file.read_text()


def test_engine_that_is_not_here_is_left_out_and_named_but_for_ci(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    listed = collect(of="e2e/test_engines.py", CI="", **nothing)
    assert "webkit-fr-390" not in listed.stdout
    assert "No webkit for the tests: set WEBKIT_PATH, or install one, say webkit2gtk-driver" in listed.stdout
    listed = collect(of="e2e/test_engines.py", CI="true", **nothing)
    assert "test_walk_ends_active[webkit-fr-390]" in listed.stdout


def test_every_browser_that_is_named_tells_every_story() -> None:
    listed = collect(
        "--browser=chromium", "--browser=firefox", "--device=Pixel 7", of="e2e/test_dead_ends.py"
    )
    assert {"chromium", "firefox"} == set(re.findall(r"\[(\w+)-desk\]", listed.stdout)), listed.stderr


@pytest.mark.parametrize(
    "option", ["--languages=xx", "--device=tablet", "--browser=opera", "--browser-channel=opera"]
)
def test_strange_option_is_told(option: str) -> None:
    refused = collect(option)
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert option.partition("=")[0] in refused.stderr


def test_browser_that_was_asked_for_and_is_not_here_is_told_once(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path), "FIREFOX_PATH": ""}
    refused = collect("--browser=firefox", **nothing)
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "No firefox for the tests: set FIREFOX_PATH, or install one, say firefox-esr." in refused.stderr

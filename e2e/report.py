"""How each scenario went in each language: a table in the terminal, and the same as a file."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.i18n import LANGUAGES
from app.simulation.scenarios import SCENARIOS
from e2e.options import OWN_SERVER, RUN
from e2e.words import spoken

NOT_SELECTED = "not selected"
NOT_COVERED = "–"
#: Tests that cover no row of the table, together.
OTHER = "other tests"


class ScenarioReport:
    """Notes the row and the language of every test, and adds up how they went."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._covered: dict[str, tuple[str, str]] = {}
        self._failed: set[str] = set()
        self._left_out: set[tuple[str, str]] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note the rows, and take out what has no place in this run."""
        run = self._config.stash[RUN]
        for item in items:
            item.user_properties += _notes(item)
        leaving = [item for item in items if run.against(item)]
        if leaving:
            items[:] = [item for item in items if item not in leaving]
            self._config.hook.pytest_deselected(items=leaving)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember what was left out, and why."""
        run = self._config.stash[RUN]
        self._left_out |= {(item.nodeid, run.against(item) or NOT_SELECTED) for item in items}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember how a test went; it fails where any part of it does."""
        noted = dict(report.user_properties)
        if "language" in noted:
            self._covered[report.nodeid] = (str(noted.get("scenario", OTHER)), str(noted["language"]))
            if report.failed:
                self._failed.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """List the tests of a running server here too, where others run them: some have no place there."""
        if self._config.stash[RUN].base_url and getattr(self._config.option, "numprocesses", None):
            session.perform_collect()

    def pytest_report_collectionfinish(self, items: Sequence[pytest.Item]) -> str | None:
        """Say at once how many tests a running server is spared, and why."""
        spared = sum(reason.startswith(OWN_SERVER) for _, reason in self._left_out)
        if not spared:
            return None
        why = "they look into the server or change it for everybody; each reason stands at the end"
        return f"e2e: {spared} tests are left out on a server that runs already, since {why}."

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand to the process that reports what this one has left out."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["left_out"] = sorted(self._left_out)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a worker has left out."""
        self._left_out |= {tuple(one) for one in getattr(node, "workeroutput", {}).get("left_out", ())}

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, and write it beside the traces."""
        file = self._config.getoption("--scenario-report")
        if not file:
            for line in self._left_out_lines():
                terminalreporter.line(line)
            return
        lines = list(self.lines(everything=not self._picked()))
        terminalreporter.section("scenarios")
        for line in lines:
            terminalreporter.line(line)
        target = Path(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("# Scenarios\n\n" + "\n".join(lines) + "\n")
        terminalreporter.line(f"This table: {target}")

    def lines(self, *, everything: bool = True) -> Iterator[str]:
        """Write the table, what no test covered in a run of all, and what was left out, by reason."""
        counted = self._counted()
        languages = [one for one in LANGUAGES if any(language == one for _, language in counted)]
        rows = [[key, *(_cell(counted.get((key, one))) for one in languages)] for key in (*SCENARIOS, OTHER)]
        covered = [row for row in rows if set(row[1:]) - {NOT_COVERED}]
        yield from _table(["scenario", *languages], covered)
        yield ""
        count = sum(row[0] != OTHER for row in covered)
        yield f"{count} of {len(SCENARIOS)} scenarios covered."
        uncovered = [row[0] for row in rows if row not in covered and row[0] != OTHER]
        if uncovered and everything:
            yield f"Not covered in this run: {', '.join(uncovered)}."
        yield from self._left_out_lines()

    def _picked(self) -> bool:
        """Tell whether some tests alone were asked for, so that nobody misses the others."""
        files = any("::" in one or one.endswith(".py") for one in self._config.args)
        return files or bool(self._config.option.keyword)

    def _left_out_lines(self) -> Iterator[str]:
        for reason, count in sorted(Counter(reason for _, reason in self._left_out).items()):
            yield f"Left out, {count}: {reason.removesuffix('.')}."

    def _counted(self) -> Mapping[tuple[str, str], Counter[bool]]:
        counted: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
        for test, row_and_language in self._covered.items():
            counted[row_and_language][test in self._failed] += 1
        return counted


def _notes(item: pytest.Item) -> list[tuple[str, object]]:
    """Return which row a test covers and in which language, as far as its parameters say it."""
    given: Mapping[str, Any] = (
        item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    )
    row = given.get("row")
    language = given.get("language") or given.get("speech") or spoken()
    if "e2e" not in item.path.parts:
        return []
    return [*([("scenario", row.key)] if row else []), ("language", language)]


def _cell(counted: Counter[bool] | None) -> str:
    if not counted:
        return NOT_COVERED
    return f"{counted[True]} of {counted.total()} failed" if counted[True] else f"{counted[False]} passed"


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table that reads well as it is and as Markdown."""
    widths = [max(len(row[column]) for row in (heading, *rows)) for column in range(len(heading))]
    for row in (heading, ["-" * width for width in widths], *rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

"""The run as one page: what failed, with the line that matters, its pictures and its trace."""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from jinja2 import Environment

_KINDS = ("playwright_screenshot", "playwright_trace", "playwright_video")
_TEMPLATE = Path(__file__).with_name("report.html")


@dataclass
class TestRun:
    """How one test went, and what is kept of it."""

    __test__ = False

    name: str
    outcome: str = "passed"
    seconds: float = 0
    line: str = ""
    why: str = ""
    text: str = ""
    pictures: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class HtmlReport:
    """Collects how every test went, and writes the page at the end."""

    def __init__(self, file: Path, chosen: str) -> None:
        self._file, self._chosen = file, chosen
        self._runs: dict[str, TestRun] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a part of a test went; pictures and traces come with its last part."""
        run = self._runs.setdefault(report.nodeid, TestRun(report.nodeid))
        run.seconds += report.duration
        if report.failed:
            run.line, run.why = _line_that_matters(report)
            run.outcome, run.text = "failed", run.text + report.longreprtext
        elif report.skipped:
            run.outcome = "skipped"
        for kind, path in report.user_properties:
            if kind in _KINDS:
                self._keep(run, kind, Path(str(path)))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the page, and say where it is."""
        self.write()
        terminalreporter.line(f"Pictures and traces: {self._file}")

    def write(self) -> None:
        """Write the page."""
        runs = sorted(self._runs.values(), key=lambda run: run.name)
        failed = [run for run in runs if run.outcome == "failed"]
        page = Environment(autoescape=True, trim_blocks=True).from_string(_TEMPLATE.read_text())
        self._file.parent.mkdir(parents=True, exist_ok=True)
        folder = os.path.relpath(self._file.parent)
        self._file.write_text(page.render(runs=runs, failed=failed, chosen=self._chosen, folder=folder))

    def _keep(self, run: TestRun, kind: str, path: Path) -> None:
        """Put a picture into the page, and link to what is too large for it."""
        if kind == "playwright_screenshot":
            run.pictures.append(f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}")
        else:
            run.links.append(Path(os.path.relpath(path, self._file.parent)).as_posix())


def _line_that_matters(report: pytest.TestReport) -> tuple[str, str]:
    """Return the statement of the test at which it stopped, what was found there, and what was waited for."""
    crash, trace = (getattr(report.longrepr, name, None) for name in ("reprcrash", "reprtraceback"))
    if crash is None or trace is None:
        return report.nodeid, report.longreprtext.strip().rpartition("\n")[2]
    entries = [entry for entry in trace.reprentries if getattr(entry, "reprfileloc", None)]
    own = [entry for entry in entries if Path(entry.reprfileloc.path).name.startswith("test_")] or entries
    statement = next(
        (line[1:].strip() for entry in own[-1:] for line in entry.lines if line.startswith(">")), ""
    )
    place = f"{own[-1].reprfileloc.path}:{own[-1].reprfileloc.lineno}" if own else crash.path
    found, _, call_log = crash.message.partition("\nCall log")
    sought = [line.strip(" -") for line in call_log.splitlines() if "waiting for" in line]
    return f"{place}: {statement}", "\n".join([*found.splitlines()[:4], *sought[:1]])

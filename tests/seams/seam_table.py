"""All seams of all cases, made to fail on each engine, as a table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.seams.seam_runner import CaseReport, run_all
from tests.seams.seam_watch import Failure, Seam
from tests.seams.seam_world import opened_world
from tests.support.databases import engines_under_test
from tests.support.event_lines import capture_logs

_COLUMNS = (*Seam, "failed", "states", "broken")
_ROW = "{:<42}" + "{:>10}" * len(_COLUMNS)


class SeamTable:
    """The lines, and what they tell of broken promises."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def lines(self) -> Iterator[str]:
        """Yield each line when its case has come to its end."""
        for engine in engines_under_test():
            yield f"\nEach call that goes outside fails in {len(Failure)} ways, on {engine}:\n"
            yield _ROW.format("", *_COLUMNS)
            with (
                TemporaryDirectory(prefix="caro-trust-") as folder,
                opened_world(engine, Path(folder)) as world,
                # What is logged of so many failures is no part of the table.
                capture_logs(),
            ):
                yield from self._lines_of(run_all(world))

    def _lines_of(self, reports: Iterable[CaseReport]) -> Iterator[str]:
        total: Counter[str] = Counter()
        for report in reports:
            counts: dict[str, int] = {
                **Counter(report.seams),
                "failed": report.failed.total(),
                "states": report.states,
                "broken": len(report.broken),
            }
            if report.failed != report.found:
                report.broken.append(f"{report.case.name}: a call was found that did not fail")
            self.broken += report.broken
            total.update(counts)
            yield _ROW.format(report.case.name, *(counts.get(column, 0) for column in _COLUMNS))
        yield _ROW.format("in all", *(total[column] for column in _COLUMNS))

"""What Prometheus reads: the totals of the database and what the processes of this machine have measured."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.queries.operator_totals import OperatorTotals

#: The families that are counted in the database, with their labels and what they say.
_GAUGES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "caro_requests": (("label",), "Requests by where they stand."),
    "caro_attempts": (("outcome", "failure"), "Cards tried at the bank, by how it ended."),
    "caro_mails": (("kind", "posting"), "Mails, by kind and by what has become of them."),
    "caro_worker_idle_seconds": ((), "Since a worker, whichever, last went through its jobs."),
    "caro_late_seconds": (("job",), "How long the oldest work of each of the worker's jobs is due."),
}


class _InstallationCollector(Collector):
    """Counted in the database: whatever the number of processes, they all tell the same."""

    def __init__(self, build: str, totals: OperatorTotals | None) -> None:
        self._build, self._totals = build, totals

    def collect(self) -> Iterator[Metric]:
        """Yield what there is to tell; where the database does not answer, that alone."""
        yield _gauge("caro_build_info", ("build",), "The build that runs.", [((self._build,), 1)])
        answers = self._totals is not None
        yield _gauge("caro_database_up", (), "Whether the database answers.", [((), answers)])
        if self._totals:
            for name, values in _read_values(self._totals).items():
                yield _gauge(name, *_GAUGES[name], values)


def _read_values(totals: OperatorTotals) -> Mapping[str, Iterable[tuple[tuple[str, ...], float]]]:
    attempts, idle = totals.attempts.items(), totals.idle
    return {
        "caro_requests": (((label,), count) for label, count in totals.requests.items()),
        "caro_attempts": (
            ((outcome or "open", failure or ""), count) for (outcome, failure), count in attempts
        ),
        "caro_mails": totals.mails.items(),
        "caro_worker_idle_seconds": () if idle is None else [((), idle.total_seconds())],
        "caro_late_seconds": (((job,), late.total_seconds()) for job, late in totals.late.items()),
    }


def _gauge(
    name: str, labels: tuple[str, ...], text: str, values: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for named, value in values:
        family.add_metric(named, value)
    return family


def forget_dead_processes(folder: Path, kind: str) -> None:
    """Take away what processes that are gone have left in the files of one kind of metric."""
    for file in folder.glob(f"{kind}_*.db"):
        process = file.stem.rpartition("_")[2]
        if process.isdecimal() and not _lives(int(process)):
            file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return True


def metrics_writer(
    build: str, read_totals: Callable[[], OperatorTotals | None], folder: str | None
) -> Callable[[], bytes]:
    """Return what writes all metrics in Prometheus' text format; web processes leave theirs in the folder."""

    def write() -> bytes:
        registry = CollectorRegistry()
        registry.register(_InstallationCollector(build, read_totals()))
        if folder:
            # What a process has counted stays counted; how it stood is over with it.
            forget_dead_processes(Path(folder), "gauge")
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    return write

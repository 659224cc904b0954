"""The totals as Prometheus reads them; each label has a closed set of values, and none names anybody."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.queries.operator_totals import OperatorTotals

CONTENT_TYPE = CONTENT_TYPE_LATEST


class _TotalsCollector(Collector):
    """Counted in the database at each look: whatever the number of processes, they all tell the same."""

    def __init__(self, totals: OperatorTotals) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        """Yield what there is to tell."""
        requests = GaugeMetricFamily("caro_requests", "Requests by where they stand.", labels=["label"])
        for label, count in self._totals.requests.items():
            requests.add_metric([label], count)
        attempts = GaugeMetricFamily(
            "caro_attempts", "Cards tried at the bank, by how it ended.", labels=["outcome", "failure"]
        )
        for (outcome, failure), count in self._totals.attempts.items():
            attempts.add_metric([outcome or "open", failure or ""], count)
        mails = GaugeMetricFamily(
            "caro_mails", "Mails, by kind and by what has become of them.", labels=["kind", "posting"]
        )
        for (kind, posting), count in self._totals.mails.items():
            mails.add_metric([kind, posting], count)
        late = GaugeMetricFamily(
            "caro_late_seconds",
            "How long the oldest work of each of the worker's jobs is due.",
            labels=["job"],
        )
        for job, how_long in self._totals.late.items():
            late.add_metric([job], how_long.total_seconds())
        yield from (requests, attempts, mails, late)


def metrics_text(totals: OperatorTotals) -> bytes:
    """Write the totals in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_TotalsCollector(totals))
    return generate_latest(registry)

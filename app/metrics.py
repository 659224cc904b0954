"""What each process measures of its own work; the ops listener adds up the processes of a machine."""

from prometheus_client import Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

#: In no registry: a process tells nobody by itself.
REQUEST_SECONDS = Histogram(
    "caro_request_seconds",
    "How long requests took, by the page, the method and the class of the status.",
    ["endpoint", "method", "status"],
    registry=None,
    buckets=_SECONDS,
)
BANK_SECONDS = Histogram(
    "caro_bank_seconds",
    "How long calls to the bank took, by the class of the status or by what went wrong.",
    ["outcome"],
    registry=None,
    buckets=_SECONDS,
)
#: One process that does not reach a neighbour is enough.
BREAKER_OPEN = Gauge(
    "caro_breaker_open",
    "Whether a web process asks a neighbour that did not answer only now and then.",
    ["neighbour"],
    registry=None,
    multiprocess_mode="livemax",
)

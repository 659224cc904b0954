"""Have many cardholders walk from their link to the end, on a server that has the testers' pages."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from statistics import quantiles
from urllib.parse import urlsplit

import psutil

from e2e.api import ApiRefused
from tests.load.walks import LoadOutcome, WalkLoad

_MIB = 1024 * 1024


def main() -> int:
    """Walk and print; return the exit code."""
    options = _options()
    try:
        load = WalkLoad(options.url.rstrip("/"), options.visitors)
    except ApiRefused as refused:
        why = str(refused).splitlines()[0]
        print(f"A load needs a server with /qa, since it orders and activates. {why}", file=sys.stderr)
        return 2
    before = _footprint(options.url)
    outcome = load.run(options.seconds)
    print("\n".join(_report(outcome, options.visitors, before, _footprint(options.url))))
    return 1 if outcome.faults or outcome.unsent or outcome.walked < outcome.states.total() else 0


def _report(outcome: LoadOutcome, visitors: int, before: str, after: str) -> Iterator[str]:
    pace = f"{outcome.walked / outcome.seconds:.1f} a second in {outcome.seconds:.0f} s"
    yield f"{outcome.walked} of {outcome.states.total()} activations are active: {pace}, {visitors} at once"
    yield f"{'':24}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
    for page, waits in sorted(outcome.waits.items(), key=lambda one: -len(one[1])):
        yield f"{page:24}{len(waits):9}" + "".join(f"{1000 * each:9.0f}" for each in _percentiles(waits))
    yield f"mails that did not leave: {outcome.unsent}"
    yield f"server before: {before}"
    yield f"server after:  {after}"
    yield from (f"{number} × {fault}" for fault, number in outcome.faults.most_common())


def _percentiles(waits: Sequence[float]) -> tuple[float, ...]:
    hundredths = quantiles([*waits, *waits], n=100)
    return hundredths[49], hundredths[94], hundredths[98]


def _footprint(url: str) -> str:
    """Tell memory and descriptors of the processes behind an address of this machine."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    listeners = {
        line.pid
        for line in psutil.net_connections("tcp")
        if line.status == psutil.CONN_LISTEN and line.laddr and line.laddr.port == port and line.pid
    }
    if parts.hostname not in ("localhost", "127.0.0.1", "::1") or not listeners:
        return "not seen from here"
    processes = [psutil.Process(pid) for pid in listeners]
    resident = sum(process.memory_info().rss for process in processes)
    descriptors = sum(process.num_fds() for process in processes)
    return f"{len(processes)} processes, {resident // _MIB} MiB, {descriptors} descriptors"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("url", nargs="?", default="http://localhost:8000", help="the server (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="how long walks begin (%(default)s)")
    parser.add_argument("--visitors", type=int, default=8, help="cardholders at once (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

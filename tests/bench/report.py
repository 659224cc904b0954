"""The one table that the bench prints."""

from collections.abc import Iterator, Sequence
from statistics import median

from tests.bench.load_steps import LoadStep
from tests.bench.server import MeasuredServer
from tests.bench.weights import PageWeight

#: The budget of statements, and of transactions where a page writes.
_BUDGETS = {"GET welcome": "1", "GET card": "1", "POST card": "4 in 2"}
_MEBIBYTE = 1024 * 1024
_ROW = "{:<16} {:>9} {:>8} {:>8} {:>8} {:>8}   {}"


def report(
    scenes: Sequence[LoadStep], servers: Sequence[tuple[str, MeasuredServer]], title: str
) -> Iterator[str]:
    """Yield the lines: pages as multiples of the first scene, then servers and weights."""
    yield title
    yield ""
    yield _ROW.format("", "CPU µs", "× bare", "req/s", "p50 ms", "p99 ms", "statements (budget)").rstrip()
    for scene in scenes:
        yield _line(scene, scenes[0]).rstrip()
    yield ""
    yield from (_server(name, server) for name, server in servers)
    yield ""
    yield from (_weight(scene.name, scene.weight) for scene in scenes if scene.weight)


def _line(scene: LoadStep, bare: LoadStep) -> str:
    outcomes = [one.outcome for one in scene.rounds]
    return _ROW.format(
        scene.name,
        f"{scene.cpu:.0f}",
        f"{scene.cpu / bare.cpu:.1f}",
        f"{median(one.per_second for one in outcomes):.0f}",
        f"{median(one.p50 for one in outcomes):.1f}",
        f"{median(one.p99 for one in outcomes):.1f}",
        _statements(scene),
    )


def _statements(scene: LoadStep) -> str:
    if scene.tally is None:
        return ""
    writes = f" in {scene.tally.transactions}" if scene.tally.transactions else ""
    return f"{len(scene.tally.statements)}{writes} ({_BUDGETS[scene.name]})"


def _server(name: str, server: MeasuredServer) -> str:
    memory = server.memory()
    return (
        f"{name}: first answer after {server.started_in:.2f} s, "
        f"worker {memory.resident / _MEBIBYTE:.0f} MiB resident, "
        f"{memory.proportional / _MEBIBYTE:.0f} MiB proportional"
    )


def _weight(name: str, weight: PageWeight) -> str:
    return (
        f"{name}: first view {weight.total} bytes "
        f"(page {weight.page}, files {weight.files}, headers {weight.headers}), budget 14000"
    )

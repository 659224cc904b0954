"""The one table that the bench prints."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from tests.bench.load_steps import LoadStep
from tests.bench.server import MeasuredServer
from tests.bench.weights import PageWeight

#: What is wanted of a page at most, as a multiple of the bare one. The front may add 1, request id, line and
#: histogram 0.7.
_TARGETS: Mapping[str, float] = {
    "GET welcome": 9.5,
    "GET card": 9.5,
    "POST card": 18,
    "GET the list, 50 rows": 38,
    "GET /qa": 6.5,
}
#: The budget of statements, and of transactions where a page writes.
_BUDGETS = {"GET welcome": "1", "GET card": "1", "POST card": "4 in 2"}
_MEBIBYTE = 1024 * 1024
_ROW = "{:<33} {:>7} {:>7} {:>7} {:>7} {:>7} {:>7}   {}"


def report(scenes: Sequence[LoadStep], servers: Mapping[str, MeasuredServer], title: str) -> Iterator[str]:
    """Yield the lines: pages as multiples of the first scene, then servers and weights."""
    yield title
    yield ""
    yield _ROW.format(
        "", "CPU µs", "× bare", "target", "req/s", "p50 ms", "p99 ms", "statements (budget)"
    ).rstrip()
    for scene in scenes:
        yield _line(scene, scenes[0]).rstrip()
    yield ""
    yield from (_server(name, servers[name]) for name in ("bare", "product"))
    yield "target: first answer after 0.50 s, worker 95 MiB resident"
    yield ""
    yield from (_weight(scene.name, scene.weight) for scene in scenes if scene.weight)
    yield "target: 11000 bytes; 400 bytes of headers with a file"


def _line(scene: LoadStep, bare: LoadStep) -> str:
    outcomes = [one.outcome for one in scene.rounds]
    return _ROW.format(
        scene.name,
        f"{scene.cpu:.0f}",
        f"{scene.cpu / bare.cpu:.1f}",
        _target(scene),
        f"{median(one.per_second for one in outcomes):.0f}",
        f"{median(one.p50 for one in outcomes):.1f}",
        f"{median(one.p99 for one in outcomes):.1f}",
        _statements(scene),
    )


def _target(scene: LoadStep) -> str:
    wanted = _TARGETS.get(scene.name.removesuffix(", PostgreSQL"))
    return "" if wanted is None else f"{wanted:g}"


def _statements(scene: LoadStep) -> str:
    if scene.tally is None:
        return ""
    writes = f" in {scene.tally.transactions}" if scene.tally.transactions else ""
    budget = f" ({_BUDGETS[scene.name]})" if scene.name in _BUDGETS else ""
    return f"{len(scene.tally.statements)}{writes}{budget}"


def _server(name: str, server: MeasuredServer) -> str:
    memory = server.memory()
    return (
        f"{name}: first answer after {server.started_in:.2f} s and {server.started_with:.2f} s of CPU, "
        f"worker {memory.resident / _MEBIBYTE:.0f} MiB resident, "
        f"{memory.proportional / _MEBIBYTE:.0f} MiB proportional"
    )


def _weight(name: str, weight: PageWeight) -> str:
    return (
        f"{name}: first view {weight.total} bytes "
        f"(page {weight.page}, files {weight.files}, headers {weight.headers}, its own {weight.page_headers})"
    )

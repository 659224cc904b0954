"""`caro serve` and its ops listener, as a machine runs them: one start for those who leave it running."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.paths import ROOT
from tests.conftest import SECRET
from tests.kills.served import Served, serve
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@contextmanager
def ready(folder: Path) -> Iterator[Served]:
    with serve(folder, ops=True) as served:
        served.comes_to(served.is_complete)
        served.comes_to(lambda: served.fetch("/readyz", ops=True))
        yield served


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Served]:
    with ready(folder) as served:
        yield served


def test_probes_are_answered_beside_the_public_port_alone(running: Served) -> None:
    assert running.fetch("/readyz", ops=True) == "ready\n"
    assert running.fetch("/healthz") == running.fetch("/healthz", ops=True) == "ok\n"
    assert (running.fetch("/readyz"), running.fetch("/metrics")) == ("", "")


def test_what_all_web_processes_have_measured_is_added_up(running: Served) -> None:
    def homes() -> float:
        name = 'caro_request_seconds_count{endpoint="site.show_home",method="GET",status="2xx"} '
        lines = running.fetch("/metrics", ops=True).splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    before = homes()
    for _ in range(20):
        running.fetch("/")
    assert homes() == before + 20


def test_each_request_is_a_line_on_the_output(running: Served, folder: Path) -> None:
    def lines() -> list[tuple[str, str, int]]:
        written = map(json.loads, (folder / "access.log").read_text().splitlines())
        return [(line["event"], line["path"], line["status"]) for line in written]

    running.fetch("/how-to-activate?lang=en")
    # The line follows the answer.
    running.comes_to(lambda: ("request", "/how-to-activate", 200) in lines())


def test_a_second_listener_is_told_in_a_sentence(running: Served, folder: Path) -> None:
    address = f"127.0.0.1:{running.ops_port}"
    keys = {"CARO_SECRET_KEYS": SECRET, "CARO_BANK_API_KEY": SECRET}
    words = (sys.executable, "-m", "app.cli", "serve")
    refused = subprocess.run(
        words,
        cwd=ROOT,
        env={**keys, "CARO_INSTANCE": str(folder), "CARO_OPS_ADDRESS": address},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    sentence = f"Port {running.ops_port} cannot be used (Address already in use)"
    assert refused.stderr == f"Error: {sentence}; choose another with CARO_OPS_ADDRESS=…\n"
    assert refused.returncode == 1


def test_the_listener_ends_with_the_server(tmp_path: Path) -> None:
    with ready(tmp_path) as served:
        served.process.send_signal(signal.SIGTERM)
        assert served.ended() == 0
        wait_until(lambda: not served.listens(ops=True))

"""One granian worker on loopback, and what it costs: time to the first answer, CPU, memory."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from time import perf_counter

import psutil

from app.cli.listening_ports import free_port

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (
    *(sys.executable, "-m", "granian", "--factory", "--no-ws"),
    *("--workers", "1", "--blocking-threads", "1", "--runtime-threads", "1"),
    *("--log-level", "error", "--host", "127.0.0.1"),
)
_PATIENCE = 15.0


class NotServed(Exception):
    """The server did not answer in time."""


@dataclass(frozen=True)
class MemoryUse:
    """What one worker holds, in bytes: resident, and its share of what is shared."""

    resident: int
    proportional: int


@dataclass(frozen=True)
class MeasuredServer:
    """A server that runs, and the seconds that it took to its first answer."""

    port: int
    process: psutil.Process
    started_in: float

    def cpu(self) -> float:
        """Return the CPU seconds that the process tree has used."""
        times = (process.cpu_times() for process in self._tree())
        return sum(used.user + used.system for used in times)

    def memory(self) -> MemoryUse:
        """Return what the one worker holds."""
        found = max((process.memory_full_info() for process in self._tree()), key=lambda info: info.rss)
        return MemoryUse(found.rss, found.pss)

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def serve(factory: str, interface: str, environment: Mapping[str, str]) -> Iterator[MeasuredServer]:
    """Serve what a factory, named `module:function`, builds for an interface of granian; raise NotServed."""
    port = free_port()
    command = (*_COMMAND, "--interface", interface, "--port", str(port), f"tests.bench.{factory}")
    began = perf_counter()
    with subprocess.Popen(command, cwd=_ROOT, env={**os.environ, **environment}) as process:
        try:
            _await_answer(port, began)
            yield MeasuredServer(port, psutil.Process(process.pid), perf_counter() - began)
        finally:
            process.terminate()


def _await_answer(port: int, began: float) -> None:
    while perf_counter() - began < _PATIENCE:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
            connection.request("GET", "/", headers={"Host": "localhost:8000"})
            if connection.getresponse().status == 200:
                return
        Event().wait(0.005)
    raise NotServed

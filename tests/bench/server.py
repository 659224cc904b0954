"""One granian worker on loopback, and what it costs: time to the first answer, CPU, memory."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from threading import Event
from time import perf_counter

import psutil

from app.cli.listening_ports import free_port
from app.cli.process_commands import server_command
from app.paths import ROOT

#: How a server is started on a port.
Command = Callable[[int], Sequence[str]]

_GRANIAN = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--no-ws"),
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
    """A server that runs, and the seconds, all in all and of CPU, that it took to its first answer."""

    port: int
    process: psutil.Process
    started_in: float
    started_with: float

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


def served_plainly(factory: str) -> Command:
    """Return how granian serves what a factory, named `module:function`, builds: with one blocking thread."""
    return lambda port: (*_GRANIAN, "--port", str(port), factory)


def served_as_shipped(target: str) -> Command:
    """Return how `caro serve` has an application answered, with one thread as the bare page has it."""
    return lambda port: server_command(target, "127.0.0.1", port, threads=1)


@contextmanager
def serve(command: Command, environment: Mapping[str, str]) -> Iterator[MeasuredServer]:
    """Run a server until the end of the block; raise NotServed."""
    port = free_port()
    began = perf_counter()
    with subprocess.Popen(command(port), cwd=ROOT, env={**os.environ, **environment}) as process:
        keep_to_processor(0, process.pid)
        try:
            _await_answer(port, began)
            seconds = perf_counter() - began
            started = MeasuredServer(port, psutil.Process(process.pid), seconds, 0)
            yield replace(started, started_with=started.cpu())
        finally:
            process.terminate()


def keep_to_processor(number: int, pid: int = 0) -> None:
    """Keep a process, and what it will start, to one processor, where there are two and the system can.

    The threads of a server wake each other; across processors that may take longer than the page itself.
    """
    if hasattr(os, "sched_setaffinity") and len(processors := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(pid, {processors[number]})


def _await_answer(port: int, began: float) -> None:
    while perf_counter() - began < _PATIENCE:
        with suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
            connection.request("GET", "/", headers={"Host": "localhost:8000"})
            if connection.getresponse().status == 200:
                return
        Event().wait(0.005)
    raise NotServed

"""Several processes as one: where one dies, or the person stops the demonstration, all of them stop."""

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic
from types import TracebackType
from urllib.parse import urlsplit

import click

from app.cli.demo.demo_environment import DemoAddresses
from app.jobs import Stop
from app.paths import PACKAGE

#: Seconds: between two looks, until servers must answer, and until what does not stop is killed.
_GLANCE, _START_TIME, _STOP_TIME = 0.05, 60.0, 8.0
_LAST_WORDS = 15


@dataclass(frozen=True)
class ChildProcess:
    """A process that was started, and the file that holds what it said."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


class ProcessSupervisor:
    """Start processes within a `with` block; leaving it stops them all, to the last grandchild."""

    def __init__(self, folder: Path, stop: Stop) -> None:
        self.folder = folder
        self._stop = stop
        self._children: list[ChildProcess] = []

    def __enter__(self) -> "ProcessSupervisor":
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.process.terminate()
        deadline = monotonic() + _STOP_TIME
        for child in self._children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()

    def start_process(self, name: str, command: list[str]) -> None:
        """Start a process of its own group: a Ctrl-C reaches the supervisor, which alone decides."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(  # noqa: S603  # no shell, and every word is ours
                command,
                cwd=PACKAGE.parent,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(ChildProcess(name, process, log))

    def wait_briefly(self) -> bool:
        """Pause for a moment; return False once a stop was asked for; raise ClickException if one died."""
        if self._stop.wait(_GLANCE):
            return False
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise click.ClickException(_exit_message(child, code))
        return True

    def wait_for_stop(self) -> None:
        """Wait until a stop is asked for; raise ClickException where a process dies before."""
        while self.wait_briefly():
            pass


def wait_until_served(supervisor: ProcessSupervisor, places: DemoAddresses) -> bool:
    """Wait for both servers to answer; return False where a stop comes first; raise ClickException."""
    deadline = monotonic() + _START_TIME
    for port, path, address in (
        (places.port, "/healthz", places.base_url),
        (places.bank_port, "/", places.bank_url),
    ):
        while not _answers_request(port, path, address):
            if monotonic() > deadline:
                raise click.ClickException(f"{address} does not answer; see {supervisor.folder}.")
            if not supervisor.wait_briefly():
                return False
    return True


def _answers_request(port: int, path: str, address: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": urlsplit(address).netloc})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _exit_message(child: ChildProcess, code: int) -> str:
    words = child.log.read_text(errors="replace").splitlines()[-_LAST_WORDS:]
    ended = (
        f"The {child.name} has stopped by itself (exit code {code}), so everything stops. See {child.log}."
    )
    return "\n".join([ended, *(f"  {line}" for line in words)])

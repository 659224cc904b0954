"""`caro serve` as an operator runs it, on a database and a port of its own."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

from app.cli.listening_ports import free_port
from app.paths import ROOT
from tests.conftest import SECRET
from tests.support.databases import sqlite_database
from tests.support.waiting import PATIENCE, wait_until

#: Seconds after which an operator's stop is over, whatever clients do.
LONGEST_STOP = 15
_UNFINISHED = (
    "POST /portal/sign-in HTTP/1.1\r\nHost: localhost:{port}\r\nExpect: 100-continue\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n"
)


class Served:
    """A running server, its web processes, and whoever calls it."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, ops_port: int, workers: int) -> None:
        self.process, self.port, self.ops_port, self.workers = process, port, ops_port, workers
        self._parent = psutil.Process(process.pid)

    def web_processes(self) -> list[psutil.Process]:
        """Return the web processes that live, the oldest first."""
        with suppress(psutil.NoSuchProcess):
            children = self._parent.children()
            return sorted(filter(_is_web_process, children), key=lambda child: child.create_time())
        return []

    def is_complete(self) -> bool:
        """Whether every web process listens."""
        with suppress(psutil.NoSuchProcess):
            processes = self.web_processes()
            return len(processes) == self.workers and all(map(_listens, processes))
        return False

    def answers(self) -> bool:
        """Whether somebody who comes now gets a page."""
        return bool(self.fetch("/healthz"))

    def fetch(self, path: str, *, ops: bool = False) -> str:
        """Return a page, or what the ops listener says; nothing where there is no such page."""
        with suppress(OSError, HTTPException):
            port = self.ops_port if ops else self.port
            connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.request("GET", path, headers={"Host": f"localhost:{port}"})
                answer = connection.getresponse()
                return answer.read().decode() if answer.status == 200 else ""
            finally:
                connection.close()
        return ""

    def visit(self, path: str) -> int:
        """Ask for a page over a connection of its own, and return its status."""
        with closing(HTTPConnection("localhost", self.port, timeout=PATIENCE)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    def listens(self, *, ops: bool = False) -> bool:
        """Whether a new connection is taken."""
        try:
            socket.create_connection(("127.0.0.1", self.ops_port if ops else self.port)).close()
        except OSError:
            return False
        return True

    @contextmanager
    def unfinished_request(self) -> Iterator[socket.socket]:
        """Send half a request, of which the product waits for the other half."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(_UNFINISHED.format(port=self.port).encode())
            assert line.recv(100).startswith(b"HTTP/1.1 100 ")
            line.sendall(b"email=sophie")
            yield line

    def comes_to(self, holds: Callable[[], object]) -> None:
        """Wait for a condition under which the server still runs."""
        wait_until(lambda: self.process.poll() is not None or holds())
        assert self.process.poll() is None

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return self.process.wait(PATIENCE)


def is_alive(process: psutil.Process) -> bool:
    """Whether a process runs, and is not only waiting to be buried."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _is_web_process(child: psutil.Process) -> bool:
    return is_alive(child) and "ops" not in child.cmdline()


def _listens(process: psutil.Process) -> bool:
    return any(line.status == psutil.CONN_LISTEN for line in process.net_connections())


@contextmanager
def serve(
    folder: Path,
    workers: int = 2,
    threads: int = 16,
    *,
    ops: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Run `caro serve` until it ends, or until the story does."""
    port, ops_port = free_port(), free_port()
    options = ("--port", str(port), "--workers", str(workers), "--threads", str(threads))
    command = (sys.executable, "-m", "app.cli", "serve", *options)
    with (
        sqlite_database(folder) as database,
        (folder / "serve.log").open("wb") as log,
        (folder / "access.log").open("wb") as access_log,
    ):
        environment = _environment(folder, database.url.render_as_string(), port)
        environment["CARO_OPS_ADDRESS"] = f"127.0.0.1:{ops_port}" if ops else ""
        environment |= settings or {}
        environment.setdefault("CARO_BANK_CALLS", str(min(6, threads // 2)))
        # A group of its own, as a terminal makes one: what goes to all of it must not reach the tests.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=access_log, stderr=log, process_group=0
        )
        served = Served(process, port, ops_port, workers)
        try:
            yield served
        finally:
            for left in served.web_processes():
                with suppress(psutil.NoSuchProcess):
                    left.kill()
            process.kill()
            process.wait()


def _environment(folder: Path, url: str, port: int) -> dict[str, str]:
    return {
        "CARO_INSTANCE": str(folder),
        "CARO_SECRET_KEYS": SECRET,
        "CARO_BANK_API_KEY": SECRET,
        "CARO_DATABASE_URL": url,
        "CARO_PUBLIC_URL": f"http://localhost:{port}",
        # A demonstration that has run here may say otherwise in its file.
        "CARO_SIMULATION": "false",
        "CARO_PRODUCTION": "false",
    }

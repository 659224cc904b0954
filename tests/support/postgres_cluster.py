"""A PostgreSQL of a test's own, which can be frozen with all its processes, as on a machine that hangs."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import psutil

_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
_PATH = os.pathsep.join((os.environ["PATH"], *map(str, reversed(_BINARIES))))
#: Read before a browser test has moved it to a folder of its own, which only its owner enters.
_TEMPORARY = gettempdir()
#: It refuses to be root's.
_USER = "postgres" if os.getuid() == 0 else None


def has_cluster_tools() -> bool:
    """Tell whether a cluster can be made here; in CI it must be."""
    return os.environ.get("CI") == "true" or shutil.which("initdb", path=_PATH) is not None


class Cluster:
    """A running PostgreSQL and the address of its database."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process = process
        self.url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have all its processes stand still while the block lasts."""
        parent = psutil.Process(self.process.pid)
        processes = [parent, *parent.children(recursive=True)]
        try:
            for process in processes:
                process.suspend()
            yield
        finally:
            for process in processes:
                process.resume()


@contextmanager
def postgres_cluster(port: int) -> Iterator[Cluster]:
    """Make a cluster, run it while the block lasts, and throw it away."""
    folder = mkdtemp(prefix="caro-cluster-", dir=_TEMPORARY)
    if _USER:
        shutil.chown(folder, _USER)
    run: dict[str, Any] = {"cwd": folder, "user": _USER, "env": {**os.environ, "PATH": _PATH}}
    try:
        options = ("--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
        subprocess.run(("initdb", *options, "data"), check=True, capture_output=True, **run)
        command = ("postgres", "-D", "data", "-p", str(port), "-k", folder, "-c", "fsync=off")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **run)
        try:
            yield Cluster(process, port)
        finally:
            # At once, whoever is connected.
            process.send_signal(signal.SIGQUIT)
            process.wait()
    finally:
        shutil.rmtree(folder)

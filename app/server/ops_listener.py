"""What an operator's machines ask: an address of its own, which no browser reaches, one a machine."""

import os
import shutil
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from app.context import Context
from app.db import Database, read_cause
from app.models import WorkerHeartbeat
from app.models.schema import is_schema_supported
from app.paths import instance_folder
from app.queries.operator_totals import read_operator_totals
from app.server.bounded_check import BoundedCheck
from app.server.operator_metrics import forget_dead_processes, metrics_writer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: What prometheus_client goes by: each process leaves in this folder what it has measured.
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
#: Seconds between two looks, and how long one may last: probes mostly wait for ten.
_READY_EVERY, _TOTALS_EVERY, _PATIENCE = 5, 30, 8
_LEAST_SPACE = 20 * 1024 * 1024


def prepare_metrics_folder(environment: MutableMapping[str, str]) -> None:
    """Empty the folder of what processes that are gone have measured, and name it to those that follow."""
    folder = Path(environment.setdefault(METRICS_VARIABLE, str(instance_folder() / "metrics")))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for kind in ("histogram", "gauge"):
        forget_dead_processes(folder, kind)


def find_unready(database: Database) -> list[str]:
    """Say what keeps a page from being answered: the schema, a write, the room on the disk."""
    try:
        if not is_schema_supported(database):
            return ["the schema is not one that this version works with"]
        _try_to_write(database)
    except DBAPIError as error:
        return [f"the database does not serve: {read_cause(error)}"]
    file = database.url.database or ""
    is_file = database.url.get_backend_name() == "sqlite"
    full = is_file and shutil.disk_usage(Path(file).absolute().parent).free < _LEAST_SPACE
    return ["the disk is full"] if full else []


def _try_to_write(database: Database) -> None:
    """Write, and take it back."""
    with database.writing.connect() as connection:
        connection.execute(update(WorkerHeartbeat).values(beaten_at=WorkerHeartbeat.beaten_at))
        connection.rollback()


def ops_application(context: Context, build: str, folder: str | None) -> "WSGIApplication":
    """Return the WSGI application of the listener; whatever is not in its table does not exist."""
    watch, database = context.stopwatch, context.database
    readiness = BoundedCheck(lambda: find_unready(database), _READY_EVERY, _PATIENCE, watch)
    totals = BoundedCheck(lambda: read_operator_totals(context), _TOTALS_EVERY, _PATIENCE, watch)
    write_metrics = metrics_writer(build, totals.read, folder)

    def tell_readiness() -> Response:
        faults = readiness.read()
        if faults is None:
            faults = ["the database does not answer"]
        return Response("\n".join((*faults, "")) if faults else "ready\n", 503 if faults else 200)

    pages: Mapping[str, Callable[[], Response]] = {
        "/healthz": lambda: Response("ok\n"),
        "/readyz": tell_readiness,
        "/metrics": lambda: Response(write_metrics(), content_type=CONTENT_TYPE_LATEST),
    }

    @Request.application
    def answer(request: Request) -> Response:
        page = pages.get(request.path) if request.method in ("GET", "HEAD") else None
        return page() if page else Response("not found\n", 404)

    return answer


class _QuietHandler(WSGIRequestHandler):
    """Answer without a line for each probe, and without waiting for half a request."""

    timeout = 10

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Say nothing."""


class OpsServer(ThreadedWSGIServer):
    """The listener; where it belongs to a parent process, it ends with it."""

    parent: int | None = None

    def service_actions(self) -> None:
        """Look twice a second whether the parent is there."""
        super().service_actions()
        if self.parent is not None and os.getppid() != self.parent:
            raise SystemExit


def open_ops_server(
    host: str, port: int, application: "WSGIApplication", parent: int | None = None
) -> BaseWSGIServer:
    """Return a listener, which `serve_forever` serves."""
    server = OpsServer(host, port, application, handler=_QuietHandler)
    server.parent = parent
    return server

"""The long-running processes from the command line: servers and worker, and the schema that they need."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import mkdtemp

import click

from app.cli.error_messages import Builder
from app.cli.listening_ports import PORT, refuse_taken_port
from app.clock import system_stopwatch
from app.i18n import require_catalogues
from app.jobs import HOST, JOBS, UPKEEP, JobFailures, JobSchedule, Stop, WorkerJob, run_jobs
from app.models.schema import upgrade_schema
from app.paths import PACKAGE
from app.server.ops_listener import (
    METRICS_VARIABLE,
    open_ops_server,
    ops_application,
    prepare_metrics_folder,
)
from app.settings import Settings
from app.simulation.bank.bank_settings import load_bank_settings as load_simulator_settings
from app.simulation.bank.bank_settings import refuse_production
from app.web.extensions import Services

#: By its path: as a module it would load the whole product into the parent of the web processes.
_WEB_SERVER = Path(__file__).with_name("web_server.py")


def server_command(target: str, host: str, port: int, workers: int = 1, threads: int = 16) -> list[str]:
    """Return how a WSGI application of this project is served."""
    return [
        *(sys.executable, "-P", str(_WEB_SERVER), target, "--folder", str(PACKAGE.parent)),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--threads", str(threads)),
    ]


def worker_command() -> list[str]:
    """Return how the worker is started beside the servers."""
    return [sys.executable, "-m", "app.cli", "worker"]


def ops_command(*options: str) -> list[str]:
    """Return how the ops listener is started beside the web processes."""
    return [sys.executable, "-m", "app.cli", "ops", *options]


_host = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")


def prepare_database(services: Services) -> None:
    """Bring the database to the newest schema, and publish the conditions."""
    upgrade_schema(services.database)
    services.terms.publish()


@click.command("migrate")
@click.pass_obj
def migrate_database(build: Builder) -> None:
    """Bring the database to the newest schema, and publish the conditions."""
    prepare_database(build())
    click.echo("The database has the newest schema.")


@click.command("serve")
@_host
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--threads", default=16, show_default=True, help="Threads of each process.")
@click.pass_obj
def serve_product(build: Builder, host: str, port: int, workers: int, threads: int) -> None:
    """Serve the product."""
    # What forbids a start is said once, here, and not by each web process in turn.
    settings = build().settings
    if (bank_calls := settings.bank_calls) >= threads:
        raise click.ClickException(
            f"{threads} threads could all wait for the bank: CARO_BANK_CALLS ({bank_calls}) must be smaller."
        )
    refuse_taken_port(host, port)
    if workers > 1 and settings.rate_storage.startswith("memory:"):
        # No process sees another's memory.
        os.environ["CARO_RATE_STORAGE"] = f"sqlite:///{mkdtemp(prefix='caro-rates-')}/rates.db"
    _start_ops_listener(settings)
    _exec_command(server_command("app.wsgi:app", host, port, workers, threads))


def _start_ops_listener(settings: Settings) -> None:
    """Start the listener where there is one; the server that this process becomes is its parent."""
    if settings.ops_listener:
        refuse_taken_port(*settings.ops_listener, "CARO_OPS_ADDRESS")
        prepare_metrics_folder(os.environ)
        command = ops_command("--with-parent")
        subprocess.Popen(command, start_new_session=True)  # noqa: S603  # every word is ours


@click.command("ops")
@click.option("--with-parent", is_flag=True, hidden=True)
@click.pass_obj
def serve_ops(build: Builder, *, with_parent: bool) -> None:
    """Answer /readyz, /metrics and /healthz at CARO_OPS_ADDRESS, as 'caro serve' does by itself."""
    services, parent = build(), os.getppid() if with_parent else None
    if not services.settings.ops_listener:
        raise click.ClickException("CARO_OPS_ADDRESS is empty: there is nowhere to listen.")
    host, port = services.settings.ops_listener
    refuse_taken_port(host, port, "CARO_OPS_ADDRESS")
    folder = os.environ.get(METRICS_VARIABLE)
    application = ops_application(services.context, services.settings.build, folder)
    open_ops_server(host, port, application, parent).serve_forever()


@click.command("bank")
@_host
@click.option("--port", type=PORT, default=8001, show_default=True)
def serve_simulated_bank(host: str, port: int) -> None:
    """Serve the simulated bank; it refuses to exist in production."""
    refuse_production(load_simulator_settings())
    require_catalogues()
    refuse_taken_port(host, port)
    _exec_command(server_command("app.wsgi:simulator", host, port))


@click.command("worker")
@click.option("--once", is_flag=True, help="Do each job once and say how much there was.")
@click.option(
    "--health", is_flag=True, help="Say whether the worker of this machine lives; exit code 1 if not."
)
@click.pass_obj
def run_worker(build: Builder, once: bool, health: bool) -> None:
    """Conclude attempts, deliver mails, mark what has expired; until stopped."""
    if health:
        return tell_worker_health(build())
    services, stop = build(), stop_on_signal()
    if not once:
        return work_until_stopped(services, stop)
    for name, count in run_jobs(services, stop, (*JOBS, *UPKEEP)).items():
        click.echo(f"{name}: {count}")
    return None


#: A round may meet a slow bank; beyond that, one mail takes as long as the relay may.
_LONGEST_ROUND = timedelta(minutes=2)


def tell_worker_health(services: Services) -> None:
    """Say when the worker of this machine was last at work; raise ClickException where it is not."""
    beaten_at = services.worker_health.read_heartbeat(HOST)
    if beaten_at is None:
        raise click.ClickException(f"No worker has run on {HOST}.")
    age = services.clock() - beaten_at
    sentence = f"The worker of {HOST} was last at work {age.total_seconds():.0f} seconds ago."
    if age > _LONGEST_ROUND + timedelta(seconds=services.settings.smtp_seconds):
        raise click.ClickException(sentence)
    click.echo(sentence)


def _exec_command(command: list[str]) -> None:
    """Turn this process into another, so that signals reach it and nothing stands between."""
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted, and every word is ours


#: Seconds between two rounds; a cardholder who signed and closed the tab waits little longer.
PAUSE = 1.0
#: As often a pause is doubled, at most, while nothing can be done at all, as where the database is away.
_DOUBLINGS = 5


def work_until_stopped(
    services: Services, stop: Stop, jobs: tuple[WorkerJob, ...] = (*JOBS, *UPKEEP), pause: float = PAUSE
) -> None:
    """Do the jobs until told to stop; the mail in hand is finished first."""
    failures, schedule, vain = JobFailures(), JobSchedule(system_stopwatch), 0
    while not stop.is_set():
        done = run_jobs(services, stop, schedule.take_due(jobs), failures)
        vain = 0 if done else min(vain + 1, _DOUBLINGS)
        stop.wait(0 if any(done.values()) else pause * 2**vain)


class SignalStop:
    """A stop that signal handlers ask for.

    A handler may interrupt the code that waits, and another handler, at any point: it must not take a lock,
    as an Event does. To put something into a simple queue is safe then.
    """

    def __init__(self) -> None:
        self._requested = False
        self._wake_ups: SimpleQueue[None] = SimpleQueue()

    def ask(self, *_signal: object) -> None:
        """Ask for the stop."""
        self._requested = True
        self._wake_ups.put(None)

    def is_set(self) -> bool:
        """Whether a stop was asked for."""
        return self._requested

    def wait(self, timeout: float) -> bool:
        """Wait for a stop, at most so many seconds, and return whether one was asked for."""
        if not self._requested:
            with suppress(Empty):
                self._wake_ups.get(timeout=timeout)
        return self._requested


def stop_on_signal() -> Stop:
    """Return a stop that SIGINT, SIGTERM and SIGHUP ask for."""
    stop = SignalStop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.ask)
    return stop

"""The demonstration: product, simulated bank and worker on one machine, with links to walk through."""

import os
from pathlib import Path

import click

from app.cli.demo.announcing import format_announcement, write_demo_info
from app.cli.demo.demo_environment import (
    DemoAddresses,
    choose_addresses,
    prepare_environment,
    refuse_taken_ports,
)
from app.cli.demo.seeding import create_demo_links, set_sample_telephones, sign_in_link
from app.cli.demo.supervisor import ProcessSupervisor, wait_until_served
from app.cli.error_messages import Builder
from app.cli.process_commands import server_command, stop_on_signal, worker_command
from app.i18n import require_catalogues
from app.models.schema import upgrade_schema
from app.services.dossier_import import import_dossiers
from app.settings import INSTANCE, ROOT

#: Several browser tests may be at work at the same time.
_THREADS = 8

SAMPLE = ROOT / "docs" / "sample-dossiers.csv"


@click.command("demo")
@click.option("--host", default="localhost", show_default=True, help="Name or address that browsers call.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--bank-port", type=click.IntRange(1, 65535), default=8001, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=INSTANCE,
    help="Where the demonstration keeps its data.",
)
@click.pass_obj
def run_demo(build: Builder, host: str, port: int, bank_port: int, folder: Path) -> None:
    """Run everything on this machine and print links to walk through; Ctrl-C stops all of it."""
    require_catalogues()
    places = choose_addresses(host, port, bank_port)
    refuse_taken_ports(places)
    prepare_environment(places, folder.resolve(), os.environ)
    facts = folder / "demo.json"
    facts.unlink(missing_ok=True)
    stop = stop_on_signal()
    services = build()
    upgrade_schema(services.database)
    import_dossiers(services.database, SAMPLE.read_bytes())
    set_sample_telephones(services)
    with ProcessSupervisor(folder / "log", stop) as supervisor:
        _start_processes(supervisor, places)
        portal, links = sign_in_link(services.sign_in), create_demo_links(services)
        if wait_until_served(supervisor, places):
            shown = write_demo_info(facts, places, portal, links, services.settings.mail_folder)
            click.echo(format_announcement(shown, supervisor.folder))
        supervisor.wait_for_stop()


def _start_processes(supervisor: ProcessSupervisor, places: DemoAddresses) -> None:
    app = server_command("app", places.listen, places.port, threads=_THREADS)
    # A bank that hangs keeps a thread busy, and one that answers twice waits for the product.
    bank = server_command("simulator", places.listen, places.bank_port, threads=2 * _THREADS)
    supervisor.start_process("app", app)
    supervisor.start_process("bank", bank)
    supervisor.start_process("worker", worker_command())

"""The demonstration: product, simulated bank and worker on one machine, with links to walk through."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from app.cli.demo.demo_environment import (
    DemoAddresses,
    choose_addresses,
    read_demo_settings,
    write_demo_settings,
)
from app.cli.demo.seeding import create_demo_links, set_sample_telephones, sign_in_link
from app.cli.demo.supervisor import ProcessSupervisor, wait_until_served
from app.cli.error_messages import Builder
from app.cli.listening_ports import PORT, refuse_taken_port
from app.cli.process_commands import (
    ops_command,
    prepare_database,
    server_command,
    stop_on_signal,
    worker_command,
)
from app.domain.banks import APP_BANKS
from app.paths import INSTANCE_VARIABLE, SAMPLE_DOSSIERS, instance_folder
from app.server.ops_listener import prepare_metrics_folder
from app.services.dossier_import import import_dossiers
from app.web.extensions import Services

#: Several browser tests may be at work at the same time.
_THREADS = 8

_RUNNING = """
CARO activation is running, with a simulated bank: nothing here is real.

  Open this on a phone or in a browser, and activate:
    {invited}

  Card 4000 0243 2959 6391, any expiry date of the next three years, code 123; at the bank: PIN 1234.

  Sign in to the accountant's portal (once and soon; 'caro sign-in' prints another):
    {portal}

  Other states to look at:
{others}

  Testing     {base_url}/qa  (every message, mails, time that goes by)
  Product     {base_url}/
  The bank    {bank_url}/  (test cards, and what a holder does at the bank)
  Bank apps   {apps}
  Mailbox     {mailbox}
  Logs        {logs}
  Probes      {ops}/readyz  {ops}/metrics
  Commands    {variable}={folder} {command} …

  Stop everything with Ctrl-C.
"""


@click.command("demo")
@click.option("--host", default="localhost", show_default=True, help="Name or address that browsers call.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--bank-port", type=PORT, default=8001, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demonstration keeps settings and data of its own.  [default: instance/demo]",
)
@click.pass_obj
def run_demo(build: Builder, host: str, port: int, bank_port: int, folder: Path | None) -> None:
    """Run everything on this machine and print links to walk through; Ctrl-C stops all of it."""
    places = choose_addresses(host, port, bank_port)
    refuse_taken_port(places.listen, port)
    refuse_taken_port(places.listen, bank_port, "--bank-port")
    folder = (folder or instance_folder() / "demo").resolve()
    lines = read_demo_settings(places, folder, os.environ)
    # Whatever forbids a start is said here, before anything is written.
    services = build()
    write_demo_settings(folder, lines)
    facts = folder / "demo.json"
    facts.unlink(missing_ok=True)
    stop = stop_on_signal()
    _bring_in_data(services)
    with ProcessSupervisor(folder / "log", stop) as supervisor:
        _start_processes(supervisor, places)
        shown = _prepare_facts(services, places)
        if wait_until_served(supervisor, places):
            _write_private_json(facts, shown)
            click.echo(_format_text(shown, folder))
        supervisor.wait_for_stop()


def _prepare_facts(services: Services, places: DemoAddresses) -> Mapping[str, Any]:
    return {
        "base_url": places.base_url,
        "bank_url": places.bank_url,
        "portal": sign_in_link(services.sign_in),
        "links": create_demo_links(services),
        "ops": f"http://{places.ops_address}",
        "mailbox": str(services.settings.mail_folder),
        "qa": f"{places.base_url}/qa",
    }


def _bring_in_data(services: Services) -> None:
    prepare_database(services)
    import_dossiers(services.database, SAMPLE_DOSSIERS.read_bytes())
    set_sample_telephones(services)


def _start_processes(supervisor: ProcessSupervisor, places: DemoAddresses) -> None:
    app = server_command("app.wsgi:app", places.listen, places.port, threads=_THREADS)
    # A bank that hangs keeps a thread busy, and one that answers twice waits for the product.
    bank = server_command("app.wsgi:simulator", places.listen, places.bank_port, threads=2 * _THREADS)
    prepare_metrics_folder(os.environ)
    supervisor.start_process("app", app)
    supervisor.start_process("bank", bank)
    supervisor.start_process("worker", worker_command())
    supervisor.start_process("ops", ops_command())


def _write_private_json(file: Path, facts: Mapping[str, Any]) -> None:
    """Write demo.json in one go, readable by its owner alone: the links in it are capabilities."""
    draft = file.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(facts, indent=2) + "\n")
    draft.replace(file)


def _format_text(facts: Mapping[str, Any], folder: Path) -> str:
    """Return the block that the terminal shows once everything answers."""
    others = [f"    {state:<15} {link}" for state, link in facts["links"].items() if state != "invited"]
    apps = "  ".join(f"{facts['bank_url']}/bank-app/{bank}" for bank in APP_BANKS)
    return _RUNNING.format(
        **facts,
        apps=apps,
        invited=facts["links"]["invited"],
        others="\n".join(others),
        logs=folder / "log",
        variable=INSTANCE_VARIABLE,
        folder=shlex.quote(str(folder)),
        command=shlex.quote(str(Path(sys.executable).with_name("caro"))),
    )

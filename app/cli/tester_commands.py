"""The link of a scenario from the command line, asked of the running simulation as any program asks."""

import json
from collections.abc import Mapping
from typing import Any

import click

from app.bank.gateway import BankFault
from app.bank.http import HttpEndpoint
from app.catalogues import SOURCE
from app.cli.error_messages import Builder, CommandRefused
from app.cli.typed_arguments import TYPED_TEXT
from app.domain.typed_text import fold_keyword
from app.simulation.scenarios import SCENARIOS

#: Seconds; some scenarios wait for a bank that hangs.
_CONNECT, _DEADLINE = 5.0, 60.0


@click.command("qa")
@click.argument("scenario", type=TYPED_TEXT)
@click.option("--lang", "language", type=TYPED_TEXT, help="Language of the cardholder.")
@click.option("--bank", type=TYPED_TEXT, help="The bank; default: one that suits the scenario.")
@click.option("--key", type=TYPED_TEXT, help="Key of your test office; default: a new office.")
@click.pass_obj
def print_scenario_link(build: Builder, /, scenario: str, key: str | None, **wanted: str | None) -> None:
    """Print the link that shows SCENARIO, on the simulation that runs at CARO_PUBLIC_URL."""
    settings = build().settings
    if not settings.simulation:
        raise CommandRefused("Scenarios exist in a simulation alone: CARO_SIMULATION is not true.")
    server = HttpEndpoint(settings.public_url, _CONNECT, _DEADLINE)
    # Before an office is opened for it.
    if fold_keyword(scenario) not in map(fold_keyword, SCENARIOS):
        raise CommandRefused(f"Choose one of these: {', '.join(SCENARIOS)}.")
    if key is None:
        key = _post(server, "/offices", "", {})["key"]
        click.echo(f"The key of its office: {key}", err=True)
    fields = {name: value for name, value in wanted.items() if value is not None}
    made = _post(server, "/activations", key, {"scenario": scenario, **fields})
    click.echo(made["link"] or made["at_bank"]["app"])


def _post(server: HttpEndpoint, path: str, key: str, fields: Mapping[str, str]) -> Any:
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "Accept-Language": SOURCE,
    }
    try:
        answer = server.send_request("POST", f"/qa/api{path}", headers, json.dumps(fields).encode())
        answered = json.loads(answer.body)
    except (BankFault, ValueError):
        raise click.ClickException(f"No simulation answers at {server.url}; 'caro demo' runs one.") from None
    if "error" in answered:
        problems = answered["error"]["fields"] or [answered["error"]]
        raise CommandRefused(" ".join(problem["sentence"] for problem in problems))
    return answered

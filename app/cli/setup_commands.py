"""What an operator asks before and after a start: keys to begin with, and what ails the installation."""

import json
import os
import secrets
from dataclasses import asdict

import click

from app.cli.installation_checks import CheckState, check_installation
from app.clock import system_clock
from app.paths import instance_folder
from app.settings import examine_settings


@click.group()
def keys() -> None:
    """Make keys for the settings."""


@keys.command("new")
def draw_key() -> None:
    """Print a new random key, as CARO_SECRET_KEYS and CARO_BANK_API_KEY want one."""
    click.echo(secrets.token_urlsafe(48))


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
@click.pass_context
def tell_faults(context: click.Context, as_json: bool) -> None:
    """Tell everything that is wrong at once, and change nothing; exit code 1 where anything is."""
    file = instance_folder() / "caro.env"
    results = check_installation(examine_settings(file), os.environ, file, system_clock)
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        for result in results:
            for sentence in result.sentences or [""]:
                click.echo(f"{result.state:<8} {result.check:<11} {sentence}".rstrip())
    context.exit(any(result.state is CheckState.FAULT for result in results))

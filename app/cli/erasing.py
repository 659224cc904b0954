"""The ledger of erased addresses, as commands."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

import click

from app.activations import ErasureRecord
from app.cli.refusals import Builder, CommandRefused


@click.group()
def erasures() -> None:
    """Keep the erasures apart from the backups, and repeat them after a restore."""


@erasures.command("list")
@click.pass_obj
def list_erasures(build: Builder) -> None:
    """Print every erasure as one line of JSON: whose request and when, never the address."""
    for erasure in build().activations.list_erasures():
        click.echo(json.dumps({"activation": erasure.public_id, "at": erasure.at.isoformat()}))


@erasures.command("repeat")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.pass_obj
def repeat_erasures(build: Builder, file: TextIO) -> None:
    """Erase what a restored backup has brought back; FILE is what `caro erasures list` printed."""
    found = build().activations.repeat_erasures(list(_read_ledger(file)))
    click.echo(f"Addresses erased again: {found}.")


def _read_ledger(file: TextIO) -> Iterator[ErasureRecord]:
    for number, line in enumerate(file, start=1):
        try:
            fields = json.loads(line)
            erasure = ErasureRecord(str(fields["activation"]), datetime.fromisoformat(fields["at"]))
        except (ValueError, KeyError, TypeError):
            raise CommandRefused(f"Line {number} is not one that `caro erasures list` has printed.") from None
        if erasure.at.tzinfo is None:
            raise CommandRefused(f"Line {number} has an instant without a zone.")
        yield erasure

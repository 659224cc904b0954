"""The offices' dossiers, from a file."""

from pathlib import Path

import click

from app.accountants import import_dossiers
from app.cli.refusals import Builder


@click.group()
def dossiers() -> None:
    """Bring in the dossiers of the accounting offices."""


@dossiers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_dossier_file(build: Builder, file: Path) -> None:
    """Import FILE, a CSV as Excel exports it; a second time changes nothing.

    Columns: bureau, e-mail comptable, code, nom, banque, IBAN, état (actif or archivé), or in English:
    office, accountant_email, code, name, bank, iban, state (active or archived).
    """
    imported = import_dossiers(build().database, file.read_bytes())
    click.echo(
        f"{imported.created} mandates created, {imported.updated} updated, {imported.unchanged} unchanged."
    )

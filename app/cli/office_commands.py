"""Offices from the command line: telephones, accountants, sign-in links, dossiers, the ledger of erasures."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click

from app.cli.error_messages import Builder, CommandRefused
from app.cli.typed_arguments import ADDRESS, TYPED_TEXT
from app.domain.roles import Role
from app.domain.telephones import format_telephone
from app.i18n import DEFAULT_LANGUAGE
from app.services.dossier_import import import_dossiers
from app.services.erasure import ErasureRecord
from app.services.offices import OfficeRow


@click.command("sign-in")
@click.argument("email", type=ADDRESS)
@click.pass_obj
def sign_in(build: Builder, email: str) -> None:
    """Print a fresh link with which an accountant signs in, once and within minutes."""
    link = build().sign_in.create_sign_in_link(email)
    if link is None:
        raise CommandRefused("There is no such accountant, or they are disabled.")
    click.echo(link)


@click.group(invoke_without_command=True)
@click.pass_context
def accountants(context: click.Context) -> None:
    """List the accountants of all offices, or add, disable and enable one."""
    if context.invoked_subcommand is None:
        for member in context.obj().sign_in.list_accountants():
            state = f"disabled {member.disabled_at:%Y-%m-%d %H:%M} UTC" if member.disabled_at else "enabled"
            click.echo(f"{member.email}  {member.office}  {member.role}  {state}")
        for invited in context.obj().colleagues.list_invitations():
            why = "; no mail leaves: an accountant has this address" if invited.is_taken else ""
            until = f"invited until {invited.expires_at:%Y-%m-%d %H:%M} UTC{why}"
            click.echo(f"{invited.email}  {invited.office}  {invited.role}  {until}")


@accountants.command("add")
@click.argument("office", type=TYPED_TEXT)
@click.argument("email", type=ADDRESS)
@click.option(
    "--language", type=TYPED_TEXT, default=DEFAULT_LANGUAGE, show_default=True, help="What their mails speak."
)
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.RESPONSIBLE.value,
    show_default=True,
    help="What they may do.",
)
@click.pass_obj
def add_accountant(build: Builder, office: str, email: str, language: str, role: str) -> None:
    """Let EMAIL sign in for OFFICE, which is there already; - reads the address from standard input."""
    build().offices.add_accountant(office, email, language, Role(role))
    click.echo("The accountant is added, and can sign in.")


@accountants.command("disable")
@click.argument("email", type=ADDRESS)
@click.pass_obj
def disable_accountant(build: Builder, email: str) -> None:
    """Shut an accountant out; their sessions end at once."""
    build().sign_in.disable_accountant(email)
    click.echo("The accountant is disabled, and every session of theirs has ended.")


@accountants.command("enable")
@click.argument("email", type=ADDRESS)
@click.pass_obj
def enable_accountant(build: Builder, email: str) -> None:
    """Let an accountant sign in again."""
    build().sign_in.enable_accountant(email)
    click.echo("The accountant can sign in again.")


@click.group(invoke_without_command=True)
@click.pass_context
def offices(context: click.Context) -> None:
    """List the offices with the telephone numbers that their cardholders are shown, or set one."""
    if context.invoked_subcommand is None:
        for office in context.obj().offices.list_offices():
            _print_office(office)


@offices.command("set")
@click.argument("office", type=TYPED_TEXT)
@click.option("--telephone", type=TYPED_TEXT, required=True, help="A Belgian number; empty for none.")
@click.pass_obj
def set_office(build: Builder, office: str, telephone: str) -> None:
    """Set what the cardholders of OFFICE are shown, and print it."""
    _print_office(build().offices.set_telephone(office, telephone))


def _print_office(office: OfficeRow) -> None:
    shown = format_telephone(office.telephone) if office.telephone else "no telephone"
    click.echo(f"{office.name}  {shown}")


@click.group()
def dossiers() -> None:
    """Bring in the dossiers of the accounting offices."""


@dossiers.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_dossier_file(build: Builder, file: Path) -> None:
    """Import FILE, a CSV or an Excel workbook; a second time changes nothing.

    Columns: bureau, e-mail comptable, code, nom, banque, IBAN, état (actif or archivé), or in English:
    office, accountant_email, code, name, bank, iban, state (active or archived).
    """
    imported = import_dossiers(build().database, file.read_bytes())
    click.echo(
        f"{imported.created} mandates created, {imported.updated} updated, {imported.unchanged} unchanged."
    )


@click.group()
def erasures() -> None:
    """Keep the erasures apart from the backups, and repeat them after a restore."""


@erasures.command("list")
@click.pass_obj
def list_erasures(build: Builder) -> None:
    """Print every erasure as one line of JSON: whose request and when, never the address."""
    for erasure in build().erasure.list_erasures():
        click.echo(json.dumps({"activation": erasure.public_id, "at": erasure.at.isoformat()}))


@erasures.command("repeat")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.pass_obj
def repeat_erasures(build: Builder, file: TextIO) -> None:
    """Erase what a restored backup has brought back; FILE is what `caro erasures list` printed."""
    found = build().erasure.repeat_erasures(list(_read_ledger(file)))
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

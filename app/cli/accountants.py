"""Who may sign in: a link handed over by the operator, the list, shutting out and letting in."""

import click

from app.accountants import UnknownAccountant
from app.cli.refusals import Builder, CommandRefused

_UNKNOWN = "There is no such accountant."


@click.command("sign-in")
@click.argument("email")
@click.pass_obj
def sign_in(build: Builder, email: str) -> None:
    """Print a fresh link with which an accountant signs in once, within 15 minutes."""
    link = build().visits.create_sign_in_link(email)
    if link is None:
        raise CommandRefused("There is no such accountant, or they are disabled.")
    click.echo(link)


@click.group(invoke_without_command=True)
@click.pass_context
def accountants(context: click.Context) -> None:
    """List the accountants of all offices, or disable and enable one."""
    if context.invoked_subcommand is None:
        for member in context.obj().visits.list_accountants():
            state = f"disabled {member.disabled_at:%Y-%m-%d %H:%M} UTC" if member.disabled_at else "enabled"
            click.echo(f"{member.email}  {member.office}  {state}")


@accountants.command("disable")
@click.argument("email")
@click.pass_obj
def disable_accountant(build: Builder, email: str) -> None:
    """Shut an accountant out; their sessions end at once."""
    try:
        build().visits.disable_accountant(email)
    except UnknownAccountant:
        raise CommandRefused(_UNKNOWN) from None
    click.echo("The accountant is disabled, and every session of theirs has ended.")


@accountants.command("enable")
@click.argument("email")
@click.pass_obj
def enable_accountant(build: Builder, email: str) -> None:
    """Let an accountant sign in again."""
    try:
        build().visits.enable_accountant(email)
    except UnknownAccountant:
        raise CommandRefused(_UNKNOWN) from None
    click.echo("The accountant can sign in again.")

"""Mails from the command line: those that were given up, and one to see whether any arrives."""

import json
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import click

from app.cli.error_messages import Builder, CommandRefused
from app.cli.printed_tables import print_table
from app.cli.typed_arguments import ADDRESS
from app.domain.order_rules import parse_email_address
from app.mail.transports import DeliveryFailed, DeliveryRefused
from app.web.extensions import Services

#: What PostgreSQL keeps in an integer.
_LARGEST_ID = 2**31 - 1
_HEADINGS = ("ID", "KIND", "REQUEST", "TRIES", "GIVEN UP (UTC)")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
@click.pass_context
def mails(context: click.Context, as_json: bool) -> None:
    """List the mails that were given up, or have some tried again."""
    if context.invoked_subcommand is not None:
        return
    dead = context.obj().dead_mails.list_dead_mails()
    if as_json:
        rows = [vars(mail) | {"dead_at": mail.dead_at.isoformat()} for mail in dead]
        click.echo(json.dumps(rows, indent=2))
        return
    table = [
        (str(mail.id), mail.kind, mail.activation or "-", str(mail.tries), f"{mail.dead_at:%Y-%m-%d %H:%M}")
        for mail in dead
    ]
    print_table([_HEADINGS, *table])


@mails.command("retry")
@click.argument("ids", type=click.IntRange(1, _LARGEST_ID), nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
@click.pass_obj
def retry_mails(build: Builder, ids: tuple[int, ...], every: bool) -> None:
    """Let mails leave again; one that nobody wants any more is dropped when its turn comes."""
    if bool(ids) == every:
        raise CommandRefused("Name the mails by their ids, or --all.")
    count = build().dead_mails.retry_dead_mails(None if every else ids)
    click.echo(f"Mails that the worker sends again: {count}.")
    if count < len(set(ids)):
        raise CommandRefused("Some of these were not given up.")


@click.command("mail-test")
@click.argument("address", type=ADDRESS, default="-")
@click.pass_obj
def send_test_mail(build: Builder, address: str) -> None:
    """Send one mail to ADDRESS, or to the one on standard input, the way all mails go."""
    services = build()
    recipient = parse_email_address(address)
    try:
        services.outbox.transport.send_mail(recipient, _compose_test_mail(services, recipient))
    except DeliveryRefused:
        raise click.ClickException("The relay takes no mail for this address, now or later.") from None
    except DeliveryFailed:
        raise click.ClickException("The mail did not leave; 'caro check' tells why.") from None
    finally:
        services.outbox.transport.close_connection()
    click.echo(f"The mail has left for {services.settings.smtp_host or services.settings.mail_folder}.")


def _compose_test_mail(services: Services, recipient: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = services.settings.mail_sender
    mail["To"] = recipient
    mail["Date"] = format_datetime(services.clock())
    mail["Subject"] = "CARO: a mail to see whether mails arrive"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"This mail was sent by 'caro mail-test' of {services.settings.public_url}.\n")
    return mail.as_bytes()

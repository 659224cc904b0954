"""What an accountant does with requests, as commands."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from app.cli.error_messages import Builder, bank_keys
from app.cli.printed_tables import print_table
from app.cli.typed_arguments import ADDRESS, TYPED_TEXT
from app.domain.banks import APP_BANKS, find_bank
from app.domain.order_rules import OrderRequest
from app.domain.states import ActivationState
from app.i18n import DEFAULT_LANGUAGE
from app.queries.activation_list import list_summaries
from app.services.invitations import ActionOutcome

ACTOR = "cli"
_RESENT: Mapping[ActionOutcome, str] = {
    ActionOutcome.DONE: "The invitation is sent again.",
    ActionOutcome.STILL_WAITING: "An invitation still waits to leave; no other one is sent.",
}
_REMINDED: Mapping[ActionOutcome, str] = {
    ActionOutcome.DONE: "The next reminder is sent.",
    ActionOutcome.STILL_WAITING: "A mail still waits to leave; no other one is sent.",
}
_HEADINGS = ("ID", "LABEL", "STATE", "REFERENCE", "BANK", "DOSSIER", "CHANGED (UTC)")


@click.command("order")
@click.option("--office", type=TYPED_TEXT, required=True, help="Name of the accounting office.")
@click.option(
    "--dossier", "dossier_code", type=TYPED_TEXT, required=True, help="Code of the dossier in that office."
)
@click.option("--bank", type=TYPED_TEXT, required=True, help=f"One of {bank_keys()}.")
@click.option(
    "--reference", "client_reference", type=TYPED_TEXT, required=True, help="Client reference, ten digits."
)
@click.option(
    "--email",
    "address",
    type=ADDRESS,
    required=True,
    help="Where the cardholder's invitation goes; - reads it from standard input.",
)
@click.option(
    "--language",
    type=TYPED_TEXT,
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of the invitation.",
)
@click.option("--iban", type=TYPED_TEXT, help=f"Account of the card; only for {', '.join(APP_BANKS)}.")
@click.option(
    "--accountant", type=ADDRESS, help="E-mail of the accountant to contact; default: the office's first."
)
@click.pass_obj
def place_order(build: Builder, /, bank: str, **fields: Any) -> None:
    """Order CARO for a client's card and send the invitation; print its id and link."""
    named = find_bank(bank)
    placed = build().orders.place_order(
        OrderRequest(bank=named.key if named else bank, actor=ACTOR, **fields)
    )
    click.echo(placed.public_id)
    click.echo(placed.link or "No link: the cardholder activates in the bank's own app.")


@click.command("link")
@click.argument("activation", type=TYPED_TEXT)
@click.pass_obj
def print_link(build: Builder, activation: str) -> None:
    """Print the activation link again."""
    click.echo(build().invitations.show_link(activation, ACTOR))


@click.command("resend")
@click.argument("activation", type=TYPED_TEXT)
@click.pass_obj
def resend_invitation(build: Builder, activation: str) -> None:
    """Send the same invitation again; its link lives on."""
    outcome = build().invitations.resend_invitation(activation, ACTOR)
    click.echo(_RESENT[outcome])


@click.command("remind")
@click.argument("activation", type=TYPED_TEXT)
@click.pass_obj
def send_reminder(build: Builder, activation: str) -> None:
    """Send the next reminder now; the others keep their days."""
    outcome = build().invitations.send_reminder(activation, ACTOR)
    click.echo(_REMINDED[outcome])


@click.command("replace")
@click.argument("activation", type=TYPED_TEXT)
@click.option(
    "--email", type=ADDRESS, help="New address, or - to read it; default: the cardholder's present one."
)
@click.pass_obj
def replace_link(build: Builder, activation: str, email: str | None) -> None:
    """Send a new link; the old one stops working at once."""
    build().invitations.replace_link(activation, ACTOR, email)
    click.echo("The link is replaced and sent; the old one no longer works.")


@click.command("cancel")
@click.argument("activation", type=TYPED_TEXT)
@click.pass_obj
def cancel_activation(build: Builder, activation: str) -> None:
    """Withdraw a request that is not active yet."""
    build().invitations.cancel_activation(activation, ACTOR)
    click.echo("The request is withdrawn and the cardholder's address erased.")


@click.command("revoke")
@click.argument("activation", type=TYPED_TEXT)
@click.pass_obj
def revoke_activation(build: Builder, activation: str) -> None:
    """End an active service at the cardholder's request."""
    build().invitations.revoke_activation(activation, ACTOR)
    click.echo("The service is ended.")


@click.command("relaunch")
@click.argument("activation", type=TYPED_TEXT)
@click.option(
    "--email", type=ADDRESS, required=True, help="Address of the cardholder, which was erased; - reads it."
)
@click.pass_obj
def relaunch_activation(build: Builder, activation: str, email: str) -> None:
    """Take up an expired or withdrawn request again, with a new link."""
    build().invitations.relaunch_activation(activation, ACTOR, email)
    click.echo("The request is open again and the invitation is sent.")


@click.command("activations")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in ActivationState]),
    help="Only requests in this state.",
)
@click.pass_obj
def list_activations(build: Builder, as_json: bool, state: str | None) -> None:
    """List the requests, newest first."""
    lines = [line for line in list_summaries(build().context) if state in (None, line.state)]
    if as_json:
        rows = [{name: _format_value(value) for name, value in asdict(line).items()} for line in lines]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    table = [
        (
            *(line.public_id, line.label, line.state, line.client_reference, line.bank),
            f"{line.dossier_code} {line.dossier_name}",
            f"{line.changed_at:%Y-%m-%d %H:%M}",
        )
        for line in lines
    ]
    print_table([_HEADINGS, *table])


def _format_value(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value

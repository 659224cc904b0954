"""The command `caro`."""

import logging

import click

from app import create_app
from app.cli.activation_commands import (
    cancel_activation,
    list_activations,
    place_order,
    print_link,
    relaunch_activation,
    replace_link,
    resend_invitation,
    revoke_activation,
    send_reminder,
)
from app.cli.demo import run_demo
from app.cli.error_messages import PlainGroup
from app.cli.mail_commands import mails, send_test_mail
from app.cli.office_commands import accountants, dossiers, erasures, offices, sign_in
from app.cli.process_commands import (
    migrate_database,
    run_worker,
    serve_ops,
    serve_product,
    serve_simulated_bank,
)
from app.cli.setup_commands import keys, tell_faults
from app.cli.tester_commands import print_scenario_link
from app.settings import load_settings
from app.web.extensions import Services, services


@click.group(cls=PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="caro-activation", message="caro %(version)s")
@click.pass_context
def caro(context: click.Context) -> None:
    """CARO activation: import dossiers, let accountants in, order the service, run the servers."""
    context.obj = context.obj or (lambda: _open_services(context))


for _command in (
    *(
        dossiers,
        place_order,
        print_link,
        resend_invitation,
        send_reminder,
        replace_link,
        cancel_activation,
        revoke_activation,
        relaunch_activation,
        list_activations,
    ),
    *(offices, accountants, sign_in),
    *(mails, send_test_mail),
    *(tell_faults, keys),
    *(migrate_database, serve_product, serve_ops, serve_simulated_bank, run_worker, run_demo, erasures),
    print_scenario_link,
):
    caro.add_command(_command)


def main() -> None:
    """Run the command line: exit code 2 where a command is refused, 1 where nothing can start."""
    caro(prog_name="caro")


def _open_services(context: click.Context) -> Services:
    """Build the product for the length of one command; mails are rendered within its application."""
    settings = load_settings()
    if context.invoked_subcommand != "worker":
        # Whoever types a command reads its answer, not the operator's log.
        settings = settings.model_copy(update={"log_level": "ERROR"})
    app = create_app(settings)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    context.with_resource(app.app_context())
    return services()

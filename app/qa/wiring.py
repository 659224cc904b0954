"""How the testers' pages reach what their door has put together."""

from dataclasses import replace
from threading import Event

from flask import Flask, current_app

from app.bank.http import HttpEndpoint
from app.jobs import JOBS, run_jobs
from app.simulation.testing import BankControlClient, MaildirReader, NotPossibleNow, SandboxTools
from app.web.wiring import Services, services

_NAME = "caro.rehearsals"
#: Seconds between two looks, and looks at most, at a mail that a worker has in hand.
_GLANCE, _GLANCES = 0.05, 60
_MOST_ROUNDS = 12


def init_sandbox_tools(app: Flask, found: Services) -> None:
    """Put the rehearsals together from what the application has."""
    settings = found.settings
    endpoint = HttpEndpoint(settings.bank_url, settings.bank_connect_seconds, settings.bank_deadline_seconds)
    app.extensions[_NAME] = SandboxTools(
        database=found.database,
        clock=found.clock,
        activations=found.activations,
        bank=BankControlClient(endpoint, settings.bank_api_key.get_secret_value()),
        mailbox=MaildirReader(settings.mail_folder),
    )


def sandbox_tools() -> SandboxTools:
    """Return the rehearsals of the application that answers this request."""
    found: SandboxTools = current_app.extensions[_NAME]
    return found


def run_due_jobs(own: SandboxTools) -> None:
    """Do all that is due for one office now, as the worker does; what a worker has in hand is waited for."""
    found = services()
    scoped = replace(found, activations=own.activations, outbox=found.outbox.for_office(own.office_id))
    own.make_checks_due()
    _run_job_rounds(scoped)
    pause = Event()
    for _ in range(_GLANCES):
        if not own.is_mail_in_delivery():
            break
        pause.wait(_GLANCE)


def _run_job_rounds(scoped: Services) -> None:
    """Do rounds until there is nothing left to do; a job that meets a busy database has its turn again."""
    for _ in range(_MOST_ROUNDS):
        done = run_jobs(scoped, Event())
        complete = done.keys() == {job.name for job in JOBS}
        if complete and not any(done.values()):
            return
    if not complete:
        raise NotPossibleNow("job_failed", "A job of the worker has failed. The log says which.")

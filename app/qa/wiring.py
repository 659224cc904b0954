"""How the testers' pages reach what their door has put together."""

from dataclasses import replace
from threading import Event

from flask import Flask, current_app

from app.bank.http import HttpEndpoint
from app.jobs import JOBS, work_once
from app.rehearsal import BankTools, Impossible, Mailbox, Rehearsals
from app.web.wiring import Services, services

_NAME = "caro.rehearsals"
#: Seconds between two looks, and looks at most, at a mail that a worker has in hand.
_GLANCE, _GLANCES = 0.05, 60
_MOST_ROUNDS = 12


def install(app: Flask, found: Services) -> None:
    """Put the rehearsals together from what the application has."""
    settings = found.settings
    endpoint = HttpEndpoint(settings.bank_url, settings.bank_connect_seconds, settings.bank_deadline_seconds)
    app.extensions[_NAME] = Rehearsals(
        database=found.database,
        clock=found.clock,
        activations=found.activations,
        bank=BankTools(endpoint, settings.bank_api_key.get_secret_value()),
        mailbox=Mailbox(settings.mail_folder),
    )


def rehearsals() -> Rehearsals:
    """Return the rehearsals of the application that answers this request."""
    found: Rehearsals = current_app.extensions[_NAME]
    return found


def work_for(own: Rehearsals) -> None:
    """Do all that is due for one office now, as the worker does; what a worker has in hand is waited for."""
    found = services()
    scoped = replace(found, activations=own.activations, outbox=found.outbox.for_office(own.office_id))
    own.hasten()
    _work(scoped)
    pause = Event()
    for _ in range(_GLANCES):
        if not own.is_in_hand():
            break
        pause.wait(_GLANCE)


def _work(scoped: Services) -> None:
    """Do rounds until there is nothing left to do; a job that meets a busy database has its turn again."""
    for _ in range(_MOST_ROUNDS):
        done = work_once(scoped, Event())
        complete = done.keys() == {job.name for job in JOBS}
        if complete and not any(done.values()):
            return
    if not complete:
        raise Impossible("job_failed", "A job of the worker has failed. The log says which.")

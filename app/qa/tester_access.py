"""Who may test: a browser by its cookie, a program by its key; each has the tools of one office, its own."""

from threading import Event
from typing import cast

from flask import Flask, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from app.bank.http import HttpEndpoint
from app.clock import Pause, system_pause
from app.jobs import JOBS, run_jobs
from app.settings import Settings
from app.simulation.testing import (
    BankControlClient,
    MaildirReader,
    NotPossibleNow,
    SandboxOffice,
    SandboxTools,
    UnknownSandboxItem,
)
from app.web.extensions import Services, services

PATH = "/qa"


def office_cookie_name(settings: Settings) -> str:
    """Name the cookie of the office; the prefix makes browsers refuse it over plain http."""
    return "__Secure-qa" if settings.uses_https else "qa"


def set_office_cookie(response: Response, key: str) -> Response:
    """Leave the key of the office in the browser, for the testers' pages alone."""
    settings = services().settings
    response.set_cookie(
        office_cookie_name(settings),
        str(_cookie_serializer(settings).dumps(key)),
        path=PATH,
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def cookie_key() -> str | None:
    """Return the key that this browser has; None where there is none of ours."""
    settings = services().settings
    try:
        key = _cookie_serializer(settings).loads(request.cookies.get(office_cookie_name(settings), ""))
    except BadData:
        return None
    return key if isinstance(key, str) else None


def bearer_key() -> str | None:
    """Return the key that a program sends; None where it sends none."""
    sent = request.authorization
    return sent.token if sent and sent.type == "bearer" else None


def open_tester_office(key: str | None) -> bool:
    """Open the office of a key for this request; False where the key opens none."""
    office = sandbox_tools().find_office(key) if key else None
    if office is None:
        return False
    g.qa_office, g.qa_key = office, key
    return True


def current_office() -> SandboxOffice:
    """Return the tester's office."""
    return cast("SandboxOffice", g.qa_office)


def current_key() -> str:
    """Return the key of the tester's office."""
    return cast("str", g.qa_key)


def office_tools() -> SandboxTools:
    """Return the tools of the tester's office alone."""
    return sandbox_tools().for_office(current_office().id)


def _cookie_serializer(settings: Settings) -> URLSafeSerializer:
    keys = [key.get_secret_value() for key in reversed(settings.secret_keys)]
    return URLSafeSerializer(keys, salt="caro:qa-office:v1")


_NAME = "caro.sandbox"
#: Seconds between two looks, and looks at most, at a mail that a worker has in hand.
_GLANCE, _GLANCES = 0.05, 60
_MOST_ROUNDS = 12


def init_sandbox_tools(app: Flask, product: Services, pause: Pause = system_pause) -> None:
    """Put the tools together from what the application has."""
    settings = product.settings
    endpoint = HttpEndpoint(settings.bank_url, settings.bank_connect_seconds, settings.bank_deadline_seconds)
    app.extensions[_NAME] = SandboxTools(
        services=product,
        bank=BankControlClient(endpoint, settings.bank_api_key.get_secret_value()),
        mailbox=MaildirReader(settings.mail_folder),
        pause=pause,
    )


def sandbox_tools() -> SandboxTools:
    """Return the tools of the application that answers this request."""
    tools: SandboxTools = current_app.extensions[_NAME]
    return tools


def create_sign_in_link(who: str) -> str:
    """Return a fresh link for the office's `accountant` or `colleague`; raise UnknownSandboxItem."""
    people = {"accountant": current_office().accountant, "colleague": current_office().colleague}
    link = services().sign_in.create_sign_in_link(people.get(who, ""))
    if link is None:
        raise UnknownSandboxItem
    return link


def make_digests(tools: SandboxTools) -> None:
    """Let the office's mails of a day tell what happened until now, and leave."""
    tools.services.news.queue_digests_now()
    run_due_jobs(tools)


def run_due_jobs(tools: SandboxTools) -> None:
    """Do all that is due for one office now, as the worker does; what a worker has in hand is waited for."""
    tools.make_checks_due()
    _run_job_rounds(tools.services)
    for _ in range(_GLANCES):
        if not tools.is_mail_in_delivery():
            break
        tools.pause(_GLANCE)


def _run_job_rounds(scoped: Services) -> None:
    """Do rounds until there is nothing left to do; a job that meets a busy database has its turn again."""
    for _ in range(_MOST_ROUNDS):
        done = run_jobs(scoped, Event())
        complete = done.keys() == {job.name for job in JOBS}
        if complete and not any(done.values()):
            return
    if not complete:
        raise NotPossibleNow("job_failed", "A job of the worker has failed. The log says which.")

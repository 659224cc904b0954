"""The bank's return again: twice, late, forged, for another attempt, garbled."""

import secrets
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

from flask import current_app, url_for
from pydantic import BaseModel, Field
from werkzeug.test import Client

from app.qa.tester_access import run_due_jobs
from app.simulation.bank.acs import GARBLED
from app.simulation.bank.protocol import encoded_response
from app.simulation.testing import Milestone, NotPossibleNow, SandboxTools
from app.web.cookies import link_cookie_name
from app.web.extensions import services


class ReplayKind(StrEnum):
    """In which way the bank's answer comes again."""

    TWICE = "twice"
    LATE = "late"
    FORGED = "forged"
    FOR_ANOTHER = "for_another"
    GARBLED = "garbled"


class ReplayAnswer(BaseModel):
    """What the product answered to it."""

    status: int = Field(description="The status of the answer.")
    location: str | None = Field(description="Where it leads.")
    sets_cookie: bool = Field(description="Whether a cookie came along.")


@dataclass(frozen=True)
class _BankReturn:
    """What the bank's page posts through the browser."""

    transaction: str
    acs: str
    handle: str
    signed: bool = True

    def form_fields(self) -> Mapping[str, str]:
        """Return the fields, as the bank writes them."""
        answer = encoded_response(self.transaction, self.acs, self.signed)
        return {"cres": answer, "threeDSSessionData": self.handle}


def replay_return(
    tools: SandboxTools, public_id: str, kind: ReplayKind, *, cookie: bool = False
) -> ReplayAnswer:
    """Send the last return again; raise UnknownSandboxItem, or NotPossibleNow where there was none."""
    last = _last_return(tools, public_id)
    if kind is ReplayKind.LATE:
        _let_attempt_end(tools, public_id)
    held = tools.services.links.sign_cookie(tools.read_activation(public_id)) if cookie else None
    times = 2 if kind is ReplayKind.TWICE else 1
    answers = [_post_return(_FORMS[kind](tools, last, public_id), held) for _ in range(times)]
    return answers[-1]


def _last_return(tools: SandboxTools, public_id: str) -> _BankReturn:
    attempts = [attempt for attempt in tools.read_record(public_id).attempts if attempt.acs_transaction]
    if not attempts:
        raise NotPossibleNow("never_at_the_bank", "Nobody has gone to the bank for this request yet.")
    return _return_of(tools, attempts[-1])


def _return_of(tools: SandboxTools, attempt: Any) -> _BankReturn:
    signed = attempt.bank_status == "Y"
    handle = tools.services.context.tokens.sign_attempt_handle(attempt.transaction)
    return _BankReturn(attempt.transaction, attempt.acs_transaction, handle, signed)


def _let_attempt_end(tools: SandboxTools, public_id: str) -> None:
    """Let the attempt end first, so that the answer comes too late for it."""
    if any(attempt.concluded_at is None for attempt in tools.read_record(public_id).attempts):
        tools.age_until(public_id, Milestone.BANK_TIMEOUT, lambda: run_due_jobs(tools))


def _return_for_another(tools: SandboxTools, _last: _BankReturn, public_id: str) -> Mapping[str, str]:
    """Name another request's attempt, or one that nobody ever began."""
    others = (row.public_id for row in tools.list_activations() if row.public_id != public_id)
    attempts = (
        attempt
        for other in others
        for attempt in tools.read_record(other).attempts
        if attempt.acs_transaction
    )
    other = next(attempts, None)
    if other is not None:
        return _return_of(tools, other).form_fields()
    return _BankReturn(str(uuid4()), str(uuid4()), secrets.token_urlsafe(24)).form_fields()


_FORMS: Mapping[ReplayKind, Callable[[SandboxTools, _BankReturn, str], Mapping[str, str]]] = {
    ReplayKind.TWICE: lambda tools, last, public_id: last.form_fields(),
    ReplayKind.LATE: lambda tools, last, public_id: last.form_fields(),
    ReplayKind.FORGED: lambda tools, last, public_id: replace(last, signed=True).form_fields(),
    ReplayKind.FOR_ANOTHER: _return_for_another,
    ReplayKind.GARBLED: lambda tools, last, public_id: {**last.form_fields(), "cres": GARBLED},
}


def _post_return(form: Mapping[str, str], cookie: str | None) -> ReplayAnswer:
    """Post to our own address, from within: behind a proxy a server may not reach its public address."""
    settings = services().settings
    headers = {"Origin": "null"}
    if cookie is not None:
        headers["Cookie"] = f"{link_cookie_name(settings)}={cookie}"
    browser = Client(current_app.wsgi_app, use_cookies=False)
    path = url_for("entry.receive_return")
    # In a context of its own: this request's language, and all that it knows, stay what they are.
    answer = Context().run(
        partial(browser.post, path, base_url=settings.public_url, data=form, headers=headers)
    )
    return ReplayAnswer(
        status=answer.status_code,
        location=answer.headers.get("Location"),
        sets_cookie="Set-Cookie" in answer.headers,
    )

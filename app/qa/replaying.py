"""The way back from the bank, travelled again: twice, late, forged, for another attempt, garbled."""

import secrets
from collections.abc import Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

from flask import current_app, url_for
from werkzeug.test import Client

from app.qa.wiring import work_for
from app.rehearsal import Impossible, Moment, Rehearsals
from app.simulator.endings import GARBLED
from app.simulator.handoff import encoded_response
from app.web.cookies import link_cookie
from app.web.wiring import services


class What(StrEnum):
    """In which way the bank's answer comes again."""

    TWICE = "twice"
    LATE = "late"
    FORGED = "forged"
    FOR_ANOTHER = "for_another"
    GARBLED = "garbled"


@dataclass(frozen=True)
class Answered:
    """What we answered to it: status, where it leads, and whether a cookie came along."""

    status: int
    location: str | None
    sets_cookie: bool


@dataclass(frozen=True)
class _Return:
    """What the bank's page posts through the browser."""

    transaction: str
    acs: str
    handle: str
    signed: bool = True

    def form(self) -> Mapping[str, str]:
        """Return the fields, as the bank writes them."""
        answer = encoded_response(self.transaction, self.acs, self.signed)
        return {"cres": answer, "threeDSSessionData": self.handle}


def replay(own: Rehearsals, public_id: str, what: What, *, cookie: bool = False) -> Answered:
    """Send the last return again in such a way; raise Unknown, or Impossible where there was none."""
    last = _last(own, public_id)
    if what is What.LATE:
        _outlast(own, public_id)
    held = _cookie(own, public_id) if cookie else None
    times = 2 if what is What.TWICE else 1
    answers = [_post(_FORMS[what](own, last, public_id), held) for _ in range(times)]
    return answers[-1]


def _last(own: Rehearsals, public_id: str) -> _Return:
    attempts = [one for one in own.record(public_id).attempts if one.acs_transaction]
    if not attempts:
        raise Impossible("never_at_the_bank", "Nobody has gone to the bank for this request yet.")
    return _of(own, attempts[-1])


def _of(own: Rehearsals, attempt: Any) -> _Return:
    signed = attempt.bank_status == "Y"
    handle = own.activations.links.attempt(attempt.transaction)
    return _Return(attempt.transaction, attempt.acs_transaction, handle, signed)


def _outlast(own: Rehearsals, public_id: str) -> None:
    """Let the attempt end first, so that the answer comes too late for it."""
    if any(attempt.concluded_at is None for attempt in own.record(public_id).attempts):
        own.age_to(public_id, Moment.BANK_TIMEOUT, lambda: work_for(own))


def _same(_own: Rehearsals, last: _Return, _public_id: str) -> Mapping[str, str]:
    return last.form()


def _forged(_own: Rehearsals, last: _Return, _public_id: str) -> Mapping[str, str]:
    return _Return(last.transaction, last.acs, last.handle, signed=True).form()


def _for_another(own: Rehearsals, _last: _Return, public_id: str) -> Mapping[str, str]:
    """Name another request's attempt, or one that nobody ever began."""
    others = (row.public_id for row in own.requests() if row.public_id != public_id)
    found = (one for other in others for one in own.record(other).attempts if one.acs_transaction)
    other = next(found, None)
    if other is not None:
        return _of(own, other).form()
    return _Return(str(uuid4()), str(uuid4()), secrets.token_urlsafe(24)).form()


def _garbled(_own: Rehearsals, last: _Return, _public_id: str) -> Mapping[str, str]:
    return {**last.form(), "cres": GARBLED}


_FORMS: Mapping[What, Callable[[Rehearsals, _Return, str], Mapping[str, str]]] = {
    What.TWICE: _same,
    What.LATE: _same,
    What.FORGED: _forged,
    What.FOR_ANOTHER: _for_another,
    What.GARBLED: _garbled,
}


def _cookie(own: Rehearsals, public_id: str) -> str:
    return own.activations.sign_cookie(own.standing(public_id))


def _post(form: Mapping[str, str], cookie: str | None) -> Answered:
    """Post to our own door, from within: behind a proxy a server may not reach its public address."""
    settings = services().settings
    headers = {"Origin": "null"}
    if cookie is not None:
        headers["Cookie"] = f"{link_cookie(settings)}={cookie}"
    browser = Client(current_app.wsgi_app, use_cookies=False)
    path = url_for("entrance.returned")
    # In a context of its own: this request's language, and all that it knows, stay what they are.
    answer = Context().run(
        partial(browser.post, path, base_url=settings.public_url, data=form, headers=headers)
    )
    return Answered(answer.status_code, answer.headers.get("Location"), "Set-Cookie" in answer.headers)

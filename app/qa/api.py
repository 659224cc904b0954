"""The testers' API: the same as the pages, for programs; a key instead of a cookie, JSON in and out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel.speaklater import LazyString
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests

from app.i18n import _l
from app.qa import deeds, telling
from app.qa.answers import REFUSALS, no_to
from app.qa.door import enter, key, key_in_header, office, own
from app.qa.links import link_for
from app.qa.replaying import What, replay
from app.qa.scenarios import shown_scenarios
from app.qa.staging import stage
from app.qa.wiring import rehearsals, work_for
from app.qa.wishes import BadWish, language_in, wish_in
from app.rehearsal import Moment

api = Blueprint("qa_api", __name__, url_prefix="/qa/api")

_Answer = Response | tuple[Response, int]


@dataclass(frozen=True)
class Call:
    """One call of the API: what it is for, and what may be sent with it."""

    method: str
    path: str
    view: Callable[..., _Answer]
    summary: LazyString
    body: str = ""
    open: bool = False


def sent() -> Mapping[str, Any]:
    """Return the JSON object that was sent, an empty one where nothing was; raise BadWish."""
    body = request.get_data(cache=True)
    if not body:
        return {}
    try:
        read = json.loads(body) if request.mimetype == "application/json" else None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise BadWish("body", "Send one JSON object, as application/json.")
    return read


def _server() -> _Answer:
    return jsonify(telling.server())


def _open_office() -> _Answer:
    made = rehearsals().open_office(language_in(sent()))
    enter(made)
    return jsonify(telling.office(office(), key())), 201


def _read_office() -> _Answer:
    return jsonify(telling.office(office(), key()))


def _reset() -> _Answer:
    own().reset()
    return jsonify(telling.office(office(), key()))


def _work() -> _Answer:
    work_for(own())
    return jsonify(done=True)


def _scenarios() -> _Answer:
    return jsonify([shown.told() for shown in shown_scenarios()])


def _list() -> _Answer:
    return jsonify(activations=telling.listed(own().requests()))


def _order() -> _Answer:
    wish = wish_in(sent())
    record = own().record(stage(own(), office(), wish))
    return jsonify(telling.activation(record, link_for(record, wish.scenario))), 201


def _read(public_id: str) -> _Answer:
    return jsonify(telling.activation(own().record(public_id)))


def _deed(deed: str, public_id: str) -> _Answer:
    deeds.do(deed, public_id, sent())
    return _read(public_id)


def _replay(public_id: str) -> _Answer:
    wanted = sent()
    if wanted.get("what") not in [*What]:
        raise BadWish("what", f"what is one of: {', '.join(What)}.")
    return jsonify(replay(own(), public_id, What(wanted["what"]), cookie=wanted.get("cookie") is True))


def _mails() -> _Answer:
    found = own().mails(request.args.get("activation"), request.args.get("to"))
    return jsonify(mails=[telling.mail(one) for one in found])


def _mail(mail_id: str) -> _Answer:
    return Response(own().mail(mail_id).raw, mimetype="message/rfc822")


_ONE = "/activations/<public_id>"
_WHEN = (
    '{"days": 14} · {"hours": …, "minutes": …, "seconds": …, "work"?: false} · '
    f'{{"to": {" | ".join(map(json.dumps, Moment))}}}'
)
_HOW = '{"fault": "none" | "down" | "slow" | "wrong"}'
_WHAT = '{"what": "twice" | "late" | "forged" | "for_another" | "garbled", "cookie"?: false}'
_WISH = (
    '{"bank"?: "belfius", "language"?: "fr", "reference"?: "61…", "address"?: "…", '
    '"scenario"?: "link_expired", "reach"?: "start" | "page"}'
)
_ACT = {name: partial(_deed, name) for name in deeds.DEEDS}

CALLS = (
    Call("GET", "/server", _server, _l("Returns the server's time, bank and caps."), open=True),
    Call(
        "POST",
        "/offices",
        _open_office,
        _l("Opens an office of your own and returns its key."),
        '{"language"?: "fr"}',
        open=True,
    ),
    Call("GET", "/office", _read_office, _l("Returns your office.")),
    Call("POST", "/office/reset", _reset, _l("Removes all requests of your office, and their emails.")),
    Call("GET", "/scenarios", _scenarios, _l("Returns the table of scenarios."), open=True),
    Call("GET", "/activations", _list, _l("Lists the requests of your office, newest first.")),
    Call("POST", "/activations", _order, _l("Orders. With a scenario, it goes as far as you wish."), _WISH),
    Call("GET", _ONE, _read, _l("Returns everything that is kept of one request.")),
    Call("POST", f"{_ONE}/age", _ACT["age"], _l("Lets time go by for one request alone."), _WHEN),
    Call("POST", f"{_ONE}/work", _ACT["work"], _l("Does what is due now, as the worker does.")),
    Call("POST", f"{_ONE}/resend", _ACT["resend"], _l("Resends the invitation.")),
    Call("POST", f"{_ONE}/replace", _ACT["replace"], _l("Replaces the link."), '{"address"?: "…"}'),
    Call("POST", f"{_ONE}/cancel", _ACT["cancel"], _l("Cancels the request.")),
    Call("POST", f"{_ONE}/revoke", _ACT["revoke"], _l("Ends the service.")),
    Call("POST", f"{_ONE}/relaunch", _ACT["relaunch"], _l("Relaunches the request."), '{"address": "…"}'),
    Call("POST", f"{_ONE}/fault", _ACT["fault"], _l("Lets the bank misbehave towards one request."), _HOW),
    Call("POST", f"{_ONE}/replay", _replay, _l("Sends the last return from the bank again."), _WHAT),
    Call(
        "GET",
        "/mails",
        _mails,
        _l("Returns emails, oldest first, for one recipient (to) or one request (activation)."),
    ),
    Call("GET", "/mails/<mail_id>/raw", _mail, _l("Returns one email as it was sent.")),
    Call("POST", "/work", _work, _l("Does all that is due for your office, emails to sign in included.")),
)

for _call in CALLS:
    _name = "open_office" if _call.view is _open_office else f"{_call.method} {_call.path}".replace(".", "")
    api.add_url_rule(_call.path, _name, _call.view, methods=[_call.method])

_OPEN = frozenset(f"qa_api.{call.method} {call.path}" for call in CALLS if call.open) | {"qa_api.open_office"}


@api.before_request
def _admit() -> _Answer | None:
    if request.endpoint in _OPEN or enter(key_in_header()):
        return None
    return jsonify(telling.failure("no_key", "Send the key of your office: Authorization: Bearer …")), 401


@api.route("/<path:_rest>", methods=["GET", "POST"])
def elsewhere(_rest: str) -> _Answer:
    """Answer what is no call of the API in its own words."""
    return jsonify(telling.failure("unknown", "The API has no such call; /qa/api describes it.")), 404


def _refused(error: Exception) -> _Answer:
    no = no_to(error)
    return jsonify(telling.failure(no.code, no.sentence)), no.status


def _failed(error: HTTPException) -> _Answer:
    return jsonify(telling.failure(f"http_{error.code}", error.description or error.name)), error.code or 500


for _kind in REFUSALS:
    api.register_error_handler(_kind, _refused)
for _kind in (HTTPException, TooManyRequests, InternalServerError):
    api.register_error_handler(_kind, _failed)

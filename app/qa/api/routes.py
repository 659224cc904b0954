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
from app.qa import commands
from app.qa.api import serializers
from app.qa.commands import InvalidField, language_in, mail_filter_in, read_run_request
from app.qa.error_replies import REFUSALS, reply_to_error
from app.qa.return_replay import ReplayKind, replay_return
from app.qa.scenario_runner import run_scenario, scenario_link
from app.qa.scenario_views import list_scenarios
from app.qa.tester_access import (
    bearer_key,
    current_key,
    current_office,
    office_tools,
    open_tester_office,
    run_due_jobs,
    sandbox_tools,
)
from app.simulation.testing import Milestone

api = Blueprint("qa_api", __name__, url_prefix="/qa/api")

_Answer = Response | tuple[Response, int]


@dataclass(frozen=True)
class ApiCall:
    """One call of the API: what it is for, and what may be sent with it."""

    method: str
    path: str
    view: Callable[..., _Answer]
    summary: LazyString
    body: str = ""
    open: bool = False


def read_json_body() -> Mapping[str, Any]:
    """Return the JSON object that was sent, an empty one where nothing was; raise InvalidField."""
    body = request.get_data(cache=True)
    if not body:
        return {}
    try:
        read = json.loads(body) if request.mimetype == "application/json" else None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise InvalidField("body", "Send one JSON object, as application/json.")
    return read


def _get_server() -> _Answer:
    return jsonify(serializers.serialize_server())


def _create_office() -> _Answer:
    made = sandbox_tools().open_office(language_in(read_json_body()))
    open_tester_office(made)
    return jsonify(serializers.serialize_office(current_office(), current_key())), 201


def _get_office() -> _Answer:
    return jsonify(serializers.serialize_office(current_office(), current_key()))


def _reset_office() -> _Answer:
    office_tools().reset_office()
    return jsonify(serializers.serialize_office(current_office(), current_key()))


def _run_due_jobs() -> _Answer:
    run_due_jobs(office_tools())
    return jsonify(done=True)


def _list_scenarios() -> _Answer:
    return jsonify([view.to_json() for view in list_scenarios()])


def _list_activations() -> _Answer:
    return jsonify(activations=serializers.serialize_activations(office_tools().list_activations()))


def _create_activation() -> _Answer:
    run_request = read_run_request(read_json_body())
    record = office_tools().read_record(run_scenario(office_tools(), current_office(), run_request))
    return jsonify(serializers.serialize_activation(record, scenario_link(record, run_request.scenario))), 201


def _get_activation(public_id: str) -> _Answer:
    return jsonify(serializers.serialize_activation(office_tools().read_record(public_id)))


def _perform_command(command: str, public_id: str) -> _Answer:
    commands.run_command(command, public_id, read_json_body())
    return _get_activation(public_id)


def _replay_return(public_id: str) -> _Answer:
    fields = read_json_body()
    if fields.get("what") not in [*ReplayKind]:
        raise InvalidField("what", f"what is one of: {', '.join(ReplayKind)}.")
    return jsonify(
        replay_return(
            office_tools(), public_id, ReplayKind(fields["what"]), cookie=fields.get("cookie") is True
        )
    )


def _list_mails() -> _Answer:
    mails = office_tools().list_mails(*mail_filter_in(request.args))
    return jsonify(mails=[serializers.serialize_mail(mail) for mail in mails])


def _get_mail(mail_id: str) -> _Answer:
    return Response(office_tools().find_mail(mail_id).raw, mimetype="message/rfc822")


_ONE = "/activations/<public_id>"
_WHEN = (
    '{"days": 14} · {"hours": …, "minutes": …, "seconds": …, "work"?: false} · '
    f'{{"to": {" | ".join(map(json.dumps, Milestone))}}}'
)
_HOW = '{"fault": "none" | "down" | "slow" | "wrong"}'
_WHAT = '{"what": "twice" | "late" | "forged" | "for_another" | "garbled", "cookie"?: false}'
_RUN_REQUEST = (
    '{"bank"?: "…", "language"?: "…", "reference"?: "61…", "address"?: "…", '
    '"scenario"?: "link_expired", "reach"?: "start" | "page"}'
)
_COMMANDS = {name: partial(_perform_command, name) for name in commands.COMMANDS}

CALLS = (
    ApiCall("GET", "/server", _get_server, _l("Returns the server's time, bank and caps."), open=True),
    ApiCall(
        "POST",
        "/offices",
        _create_office,
        _l("Opens an office of your own and returns its key."),
        '{"language"?: "…"}',
        open=True,
    ),
    ApiCall("GET", "/office", _get_office, _l("Returns your office.")),
    ApiCall(
        "POST", "/office/reset", _reset_office, _l("Removes all requests of your office, and their emails.")
    ),
    ApiCall("GET", "/scenarios", _list_scenarios, _l("Returns the table of scenarios."), open=True),
    ApiCall("GET", "/activations", _list_activations, _l("Lists the requests of your office, newest first.")),
    ApiCall(
        "POST",
        "/activations",
        _create_activation,
        _l("Orders. With a scenario, it goes as far as you wish."),
        _RUN_REQUEST,
    ),
    ApiCall("GET", _ONE, _get_activation, _l("Returns everything that is kept of one request.")),
    ApiCall("POST", f"{_ONE}/age", _COMMANDS["age"], _l("Lets time go by for one request alone."), _WHEN),
    ApiCall("POST", f"{_ONE}/work", _COMMANDS["work"], _l("Does what is due now, as the worker does.")),
    ApiCall("POST", f"{_ONE}/resend", _COMMANDS["resend"], _l("Resends the invitation.")),
    ApiCall("POST", f"{_ONE}/remind", _COMMANDS["remind"], _l("Sends the next reminder.")),
    ApiCall("POST", f"{_ONE}/replace", _COMMANDS["replace"], _l("Replaces the link."), '{"address"?: "…"}'),
    ApiCall("POST", f"{_ONE}/cancel", _COMMANDS["cancel"], _l("Cancels the request.")),
    ApiCall("POST", f"{_ONE}/revoke", _COMMANDS["revoke"], _l("Ends the service.")),
    ApiCall(
        "POST", f"{_ONE}/relaunch", _COMMANDS["relaunch"], _l("Relaunches the request."), '{"address": "…"}'
    ),
    ApiCall(
        "POST", f"{_ONE}/fault", _COMMANDS["fault"], _l("Lets the bank misbehave towards one request."), _HOW
    ),
    ApiCall(
        "POST", f"{_ONE}/replay", _replay_return, _l("Sends the last return from the bank again."), _WHAT
    ),
    ApiCall(
        "GET",
        "/mails",
        _list_mails,
        _l("Returns emails, oldest first, for one recipient (to) or one request (activation)."),
    ),
    ApiCall("GET", "/mails/<mail_id>/raw", _get_mail, _l("Returns one email as it was sent.")),
    ApiCall(
        "POST",
        "/work",
        _run_due_jobs,
        _l("Does all that is due for your office, emails to sign in included."),
    ),
)

for _call in CALLS:
    _name = "open_office" if _call.view is _create_office else f"{_call.method} {_call.path}".replace(".", "")
    api.add_url_rule(_call.path, _name, _call.view, methods=[_call.method])

_OPEN = frozenset(f"qa_api.{call.method} {call.path}" for call in CALLS if call.open) | {"qa_api.open_office"}


@api.before_request
def _require_key() -> _Answer | None:
    if request.endpoint in _OPEN or open_tester_office(bearer_key()):
        return None
    return jsonify(
        serializers.serialize_error("no_key", "Send the key of your office: Authorization: Bearer …")
    ), 401


@api.route("/<path:_rest>", methods=["GET", "POST"])
def answer_unknown_path(_rest: str) -> _Answer:
    """Answer what is no call of the API in its own words."""
    return jsonify(
        serializers.serialize_error("unknown", "The API has no such call; /qa/api describes it.")
    ), 404


def _error_response(error: Exception) -> _Answer:
    no = reply_to_error(error)
    return jsonify(serializers.serialize_error(no.code, no.sentence)), no.status


def _http_error_response(error: HTTPException) -> _Answer:
    return jsonify(
        serializers.serialize_error(f"http_{error.code}", error.description or error.name)
    ), error.code or 500


for _kind in REFUSALS:
    api.register_error_handler(_kind, _error_response)
for _kind in (HTTPException, TooManyRequests, InternalServerError):
    api.register_error_handler(_kind, _http_error_response)

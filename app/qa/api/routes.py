"""The testers' API: the same as the pages, for programs; a key instead of a cookie, JSON in and out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from flask import Blueprint, Response, request
from flask_babel.speaklater import LazyString
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests, UnsupportedMediaType

from app.i18n import _l
from app.logs import log
from app.paths import API_CONTRACT
from app.qa.api import answers
from app.qa.commands import COMMANDS, run_command
from app.qa.error_replies import REFUSALS, SENTENCES, ErrorReply, make_reply, reply_to_error
from app.qa.request_fields import (
    MailFilter,
    NoFields,
    OfficeFields,
    ReplayFields,
    RequestFields,
    RunRequest,
    SignInFields,
    TypedText,
    read_json,
    read_query,
)
from app.qa.return_replay import ReplayAnswer, replay_return
from app.qa.scenario_runner import run_scenario, scenario_link
from app.qa.scenario_views import list_scenarios
from app.qa.tester_access import (
    PATH,
    bearer_key,
    create_sign_in_link,
    current_key,
    current_office,
    make_digests,
    office_tools,
    open_tester_office,
    run_due_jobs,
    sandbox_tools,
)

api = Blueprint("qa_api", __name__, url_prefix=f"{PATH}/api")
#: So many words of a field are told in the contract alone.
_MANY = 9


@dataclass(frozen=True)
class ApiCall:
    """One call of the API: what it is for, the model of what may be sent with it, and what it answers."""

    method: str
    path: str
    summary: LazyString
    view: Callable[..., Any]
    status: int = 200
    open: bool = False
    fields: type[RequestFields] = NoFields

    @property
    def name(self) -> str:
        """Its name for programs."""
        return self.view.__name__.strip("_")

    @property
    def outline(self) -> str:
        """What may be sent, in one line, with short lists of words; a question mark: it may be left out."""
        parts = []
        for name, field in self.fields.model_fields.items():
            words = next((rule.words for rule in field.metadata if isinstance(rule, TypedText)), ())
            choice = f": {' | '.join(words)}" if 0 < len(words) < _MANY else ""
            parts.append(f"{name}{'' if field.is_required() else '?'}{choice}")
        return " · ".join(parts)

    def answer(self, **ids: str) -> Response:
        """Read strictly what was sent, do it, and answer."""
        reads = self.method == "GET"
        fields = read_query(self.fields, request.args) if reads else self._read_body()
        answer = self.view(fields, **ids)
        return answer if isinstance(answer, Response) else _json_response(answer, self.status)

    def _read_body(self) -> RequestFields:
        body = request.get_data()
        if body and request.mimetype != "application/json":
            raise UnsupportedMediaType
        return read_json(self.fields, body, request.args)


View = Callable[..., Any]
#: In the order in which they are described.
CALLS: list[ApiCall] = []


def _call(method: str, path: str, summary: LazyString, **more: Any) -> Callable[[View], View]:
    """Enter a view in the table; its annotations name the models of what is sent and answered."""

    def enter(view: View) -> View:
        [fields, *_others] = get_type_hints(view).values()
        CALLS.append(ApiCall(method, path, summary, view, fields=fields, **more))
        return view

    return enter


def _json_response(answer: BaseModel, status: int, headers: Headers | None = None) -> Response:
    return Response(answer.model_dump_json(), status, headers, mimetype="application/json")


@_call("GET", "/openapi.json", _l("Returns the description of the API, for programs."), open=True)
def _get_contract(_fields: NoFields) -> Response:
    return Response(API_CONTRACT.read_bytes(), mimetype="application/json")


@_call("GET", "/server", _l("Returns the server's time, bank and caps."), open=True)
def _get_server(_fields: NoFields) -> answers.ServerAnswer:
    return answers.describe_server()


@_call("POST", "/offices", _l("Opens an office of your own and returns its key."), status=201, open=True)
def _open_office(fields: OfficeFields) -> answers.OfficeAnswer:
    open_tester_office(sandbox_tools().open_office(fields.language))
    return answers.describe_office(current_office(), current_key())


@_call("GET", "/office", _l("Returns your office."))
def _get_office(_fields: NoFields) -> answers.OfficeAnswer:
    return answers.describe_office(current_office(), current_key())


@_call("POST", "/office/reset", _l("Removes all requests of your office, and their emails."))
def _reset_office(_fields: NoFields) -> answers.OfficeAnswer:
    office_tools().reset_office()
    return answers.describe_office(current_office(), current_key())


@_call("POST", "/office/sign-in", _l("Returns a link that signs you in to the portal, as after an email."))
def _create_sign_in_link(fields: SignInFields) -> answers.SignInAnswer:
    return answers.SignInAnswer(link=create_sign_in_link(fields.who))


@_call("POST", "/office/digest", _l("Makes the email of the day now, for whoever has chosen it."))
def _make_digest(_fields: NoFields) -> answers.WorkAnswer:
    make_digests(office_tools())
    return answers.WorkAnswer()


@_call("GET", "/scenarios", _l("Returns the table of scenarios."), open=True)
def _list_scenarios(_fields: NoFields) -> answers.ScenarioListAnswer:
    return answers.ScenarioListAnswer(tuple(map(answers.describe_scenario, list_scenarios())))


@_call("GET", "/activations", _l("Lists the requests of your office, newest first."))
def _list_activations(_fields: NoFields) -> answers.ActivationListAnswer:
    return answers.ActivationListAnswer.model_validate({"activations": office_tools().list_activations()})


@_call("POST", "/activations", _l("Orders. With a scenario, it goes as far as you wish."), status=201)
def _create_activation(fields: RunRequest) -> answers.ActivationAnswer:
    record = office_tools().read_record(run_scenario(office_tools(), current_office(), fields))
    return answers.describe_activation(record, scenario_link(record, fields.scenario))


_ONE = "/activations/<public_id>"


@_call("GET", _ONE, _l("Returns everything that is kept of one request."))
def _get_activation(_fields: NoFields, public_id: str) -> answers.ActivationAnswer:
    return answers.describe_activation(office_tools().read_record(public_id))


def _enter_command(command: str, summary: LazyString) -> None:
    def perform(fields: RequestFields, public_id: str) -> answers.ActivationAnswer:
        run_command(command, public_id, fields)
        return answers.describe_activation(office_tools().read_record(public_id))

    perform.__name__ = f"{command}_activation"
    CALLS.append(ApiCall("POST", f"{_ONE}/{command}", summary, perform, fields=COMMANDS[command].fields))


for _command, _summary in {
    "age": _l("Lets time go by for one request alone."),
    "work": _l("Does what is due now, as the worker does."),
    "resend": _l("Resends the invitation."),
    "remind": _l("Sends the next reminder."),
    "replace": _l("Replaces the link."),
    "cancel": _l("Cancels the request."),
    "revoke": _l("Ends the service."),
    "relaunch": _l("Relaunches the request."),
    "fault": _l("Lets the bank misbehave towards one request."),
}.items():
    _enter_command(_command, _summary)


@_call("POST", f"{_ONE}/replay", _l("Sends the last return from the bank again."))
def _replay_return(fields: ReplayFields, public_id: str) -> ReplayAnswer:
    return replay_return(office_tools(), public_id, fields.what, cookie=fields.cookie)


@_call("GET", "/mails", _l("Returns emails, oldest first: all, or those that are looked for."))
def _list_mails(fields: MailFilter) -> answers.MailListAnswer:
    return answers.MailListAnswer(mails=answers.find_mails(office_tools(), fields))


@_call("GET", "/mails/<mail_id>/raw", _l("Returns one email as it was sent."))
def _get_mail(_fields: NoFields, mail_id: str) -> Response:
    return Response(office_tools().find_mail(mail_id).raw, mimetype="message/rfc822")


@_call("POST", "/work", _l("Does all that is due for your office, emails to sign in included."))
def _run_due_jobs(_fields: NoFields) -> answers.WorkAnswer:
    run_due_jobs(office_tools())
    return answers.WorkAnswer()


for _one in CALLS:
    api.add_url_rule(
        _one.path, _one.name, _one.answer, methods=[_one.method], provide_automatic_options=False
    )
_OPEN = frozenset(f"{api.name}.{call.name}" for call in CALLS if call.open)


@api.before_request
def _require_key() -> Response | None:
    if request.endpoint in _OPEN or open_tester_office(bearer_key()):
        return None
    # A refusal for want of a key names how one is sent (RFC 9110, 11.6.1).
    return _error_response(make_reply("no_key"), Headers({"WWW-Authenticate": "Bearer"}))


@api.before_app_request
def _answer_no_call() -> Response | None:
    """Answer what is no call of the API in its own words; what has no route has no blueprint either."""
    error = request.routing_exception
    within = request.path.startswith(f"{api.url_prefix}/")
    return _http_error_response(error) if error is not None and within else None


def _error_response(reply: ErrorReply, headers: Headers | None = None) -> Response:
    return _json_response(answers.ErrorAnswer(error=reply), reply.status, headers)


def _http_error_response(error: HTTPException) -> Response:
    """Answer with the word of the status; the headers of the error stay: Allow, Retry-After."""
    if isinstance(error, InternalServerError):
        log.error("request_failed", error=type(error.original_exception).__name__)
    headers = Headers([pair for pair in error.get_headers() if pair[0] in ("Allow", "Retry-After")])
    return _error_response(make_reply([*SENTENCES.get(error.code or 500, SENTENCES[400])][-1]), headers)


def _busy_response(error: OperationalError) -> Response:
    log.error("database_unavailable", error=type(error.orig).__name__)
    return _error_response(make_reply("unavailable"), Headers({"Retry-After": "10"}))


for _kind in REFUSALS:
    api.register_error_handler(_kind, lambda error: _error_response(reply_to_error(error)))
for _kind in (HTTPException, TooManyRequests, InternalServerError):
    api.register_error_handler(_kind, _http_error_response)
api.register_error_handler(OperationalError, _busy_response)

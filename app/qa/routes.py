"""The testers' pages: an office of one's own, its requests, the scenarios, the mailbox."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from app.domain.banks import BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.history import EventType, MailKind
from app.domain.states import LifecycleAction, LinkCondition, source_states
from app.domain.typed_text import visible_text
from app.i18n import _
from app.qa import commands, error_replies, return_replay
from app.qa.api import answers
from app.qa.api.routes import CALLS
from app.qa.error_replies import REFUSALS, reply_to_error
from app.qa.request_fields import Fields, MailFilter, ReplayFields, RunGoal, RunRequest, read_typed
from app.qa.scenario_runner import run_scenario, scenario_link
from app.qa.scenario_views import SECTIONS, search_scenarios
from app.qa.tester_access import (
    PATH,
    cookie_key,
    create_sign_in_link,
    current_key,
    current_office,
    make_digests,
    office_tools,
    open_tester_office,
    run_due_jobs,
    sandbox_tools,
    set_office_cookie,
)
from app.simulation.scenarios import PIN, SCENARIOS, SECURITY_CODE, ScenarioSection
from app.simulation.testing import milestones
from app.web.cookies import set_link_cookie
from app.web.extensions import services
from app.web.notices import NoticeKind, flash_notice
from app.wording import ACTORS, EVENT_TYPES, LABELS, MAILS

#: What anybody sees; everything else needs an office.
_OPEN = frozenset({"qa.show_home", "qa.create_office", "qa.list_scenarios", "qa.describe_api"})
_MENU = ("qa.show_home", "qa.list_scenarios", "qa_mails.list_mails", "qa.describe_api")


def qa_blueprint(name: str, path: str = "") -> Blueprint:
    """Return a blueprint of the testers' pages."""
    made = Blueprint(name, "app.qa", url_prefix=f"{PATH}{path}")
    made.before_request(_require_office)
    made.context_processor(_template_words)
    for kind in REFUSALS:
        made.register_error_handler(kind, _flash_refusal)
    return made


def _require_office() -> BaseResponse | None:
    if open_tester_office(cookie_key()) or request.endpoint in _OPEN:
        return None
    flash_notice(NoticeKind.INFORMATION, _("First open an office of your own."))
    return redirect(url_for("qa.show_home"), 303)


def _template_words() -> dict[str, object]:
    names = (_("Office"), _("Messages"), _("Emails"), _("API"))
    return {
        "qa_menu": list(zip(_MENU, names, strict=True)),
        "qa_office": g.get("qa_office"),
        "banks": BANKS,
        "bank_names": [(bank.key, bank.name) for bank in BANKS.values()],
        "labels": LABELS,
        "event_types": EVENT_TYPES,
        "actors": ACTORS,
        "mail_names": MAILS,
        "wording": error_replies,
        "code": SECURITY_CODE,
        "pin": PIN,
    }


def _flash_refusal(error: Exception) -> BaseResponse:
    """Say why nothing was done where the tester was; what is not there does not exist."""
    no = reply_to_error(error)
    if no.status == 404:
        return current_app.make_response(current_app.handle_user_exception(NotFound()))
    reason = " ".join(dict.fromkeys(problem.sentence for problem in no.fields)) or no.sentence
    flash_notice(NoticeKind.CAREFUL, _("This was not done: %(reason)s", reason=reason))
    public_id = (request.view_args or {}).get("public_id")
    there = url_for("qa.show_activation", public_id=public_id) if public_id else url_for("qa.show_home")
    return redirect(there, 303)


pages = qa_blueprint("qa")


@pages.get("")
def show_home() -> str:
    """Show the tester's office and its requests, or how to open one."""
    [bank_url, *_others] = services().settings.challenge_origins
    if g.get("qa_office") is None:
        return render_template("qa/home.html", bank_url=bank_url)
    return render_template(
        "qa/office.html",
        bank_url=bank_url,
        key=current_key(),
        requests=office_tools().list_activations(),
        sample_bank=SAMPLE_BANKS[ActivationRoute.LINK],
    )


@pages.post("/office")
def create_office() -> BaseResponse:
    """Open an office, and remember its key in this browser."""
    return set_office_cookie(redirect(url_for(".show_home"), 303), sandbox_tools().open_office())


@pages.post("/office/reset")
def reset_office() -> BaseResponse:
    """Empty the office."""
    office_tools().reset_office()
    flash_notice(NoticeKind.DONE, _("The office is empty again."))
    return redirect(url_for(".show_home"), 303)


@pages.post("/office/digest")
def make_digest() -> BaseResponse:
    """Make the mail of a day now, for whoever of the office has chosen it."""
    make_digests(office_tools())
    flash_notice(NoticeKind.DONE, _("The email of the day is made, for whoever has chosen it."))
    return redirect(url_for(".show_home"), 303)


@pages.post("/office/work")
def finish_work() -> BaseResponse:
    """Do what waits for the worker: the rest of a bulk order, mails, reminders."""
    run_due_jobs(office_tools())
    flash_notice(NoticeKind.DONE, _("Everything that was due for this office is done."))
    return redirect(url_for(".show_home"), 303)


@pages.post("/office/sign-in/<who>")
def open_portal(who: str) -> BaseResponse:
    """Lead to a fresh link with which somebody of the office signs in to the portal."""
    return redirect(create_sign_in_link(who), 303)


@pages.get("/scenarios")
def list_scenarios() -> str:
    """Show the table of scenarios, or those that say what is looked for."""
    looked_for = visible_text(request.args.get("q", ""))
    views = search_scenarios(looked_for)
    groups = {section: [view for view in views if view.scenario.section is section] for section in SECTIONS}
    return render_template(
        "qa/scenarios.html", looked_for=looked_for, groups=groups, names=SECTIONS, number=len(views)
    )


@pages.get("/api")
def describe_api() -> str:
    """Describe the API, from the table of its calls."""
    return render_template("qa/api.html", calls=CALLS, key=current_key() if g.get("qa_office") else None)


@pages.post("/requests")
def create_activation() -> BaseResponse:
    """Make a request, and bring it as far as the form says."""
    run_request = _read_form(RunRequest)
    public_id = run_scenario(office_tools(), current_office(), run_request)
    if run_request.reach is RunGoal.PAGE:
        return _open_last_page(public_id, run_request.scenario)
    return _activation_url(public_id, run_request.scenario)


@pages.get("/requests/<public_id>")
def show_activation(public_id: str) -> str:
    """Show everything about one request, and what can be done with it."""
    record = office_tools().read_record(public_id)
    scenario = SCENARIOS.get(request.args.get("scenario", ""))
    return render_template(
        "qa/activation.html",
        record=record,
        columns=record.columns,
        scenario=scenario,
        link=scenario_link(record, scenario.key if scenario else ""),
        at_bank=answers.bank_links(record),
        milestones=milestones(record),
        actions=[
            name
            for name in error_replies.COMMAND_LABELS
            if record.columns.state in source_states(LifecycleAction(name))
        ],
        relaunches=record.columns.state in source_states(LifecycleAction.RELAUNCH),
        mails=office_tools().list_mails(public_id),
    )


@pages.post("/requests/<public_id>/<command>")
def perform_command(public_id: str, command: str) -> BaseResponse:
    """Do something with a request, then what is due."""
    if command not in commands.COMMANDS:
        abort(404)
    known = len(office_tools().read_record(public_id).events)
    commands.run_command(command, public_id, _read_form(commands.COMMANDS[command].fields))
    happened = [_event_sentence(event) for event in office_tools().read_record(public_id).events[known:]]
    flash_notice(NoticeKind.DONE, " ".join(happened) or _("Nothing else was due."))
    return _activation_url(public_id)


def _event_sentence(event: Any) -> str:
    if event.event_type == EventType.MAIL_SENT:
        return _("Email sent: %(mail)s.", mail=MAILS[MailKind(event.detail)])
    return str(EVENT_TYPES[event.event_type])


@pages.post("/requests/<public_id>/replay")
def replay_return(public_id: str) -> BaseResponse:
    """Send the last return from the bank again, and tell what was answered."""
    fields = _read_form(ReplayFields)
    answer = return_replay.replay_return(office_tools(), public_id, fields.what, cookie=fields.cookie)
    words = {"status": answer.status, "location": answer.location or "–"}
    for sentence in (
        _("The product answered %(status)s, and leads to %(location)s.", **words),
        _("It set a cookie.") if answer.sets_cookie else _("It set no cookie."),
    ):
        flash_notice(NoticeKind.INFORMATION, sentence)
    return _activation_url(public_id)


@pages.post("/requests/<public_id>/result")
def open_result(public_id: str) -> BaseResponse:
    """Open the page of the result in this browser, as if the link had been opened in it."""
    return _open_wizard("wizard.show_result", public_id)


def _open_last_page(public_id: str, scenario: str) -> BaseResponse:
    """Lead to what the cardholder sees last; at a bank with an app that is no page of ours."""
    record = office_tools().read_record(public_id)
    link = scenario_link(record, scenario)
    if link is None:
        return _activation_url(public_id, scenario)
    row = SCENARIOS.get(scenario)
    if row is None or row.section is not ScenarioSection.LINK:
        return _open_wizard("wizard.show_result", public_id)
    if row.page is LinkCondition.LOCKED:
        # The link itself leads to the last refusal, above which the same is told in one sentence.
        return _open_wizard("wizard.show_card_form", public_id)
    return redirect(link, 303)


def _open_wizard(endpoint: str, public_id: str) -> BaseResponse:
    activation, product = office_tools().read_activation(public_id), services()
    response = redirect(url_for(endpoint, public_id=public_id), 303)
    return set_link_cookie(response, product.settings, public_id, product.links.sign_cookie(activation))


#: What any page of ours may send besides.
_EVERYWHERE = frozenset({"csrf_token", "lang"})


def _read_form(model: type[Fields]) -> Fields:
    """Read a form of these pages; what was left empty was not sent."""
    return read_typed(model, _filled(request.form))


def _filled(typed: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name, text in typed.items() if text.strip() and name not in _EVERYWHERE}


def _activation_url(public_id: str, scenario: str = "") -> BaseResponse:
    return redirect(url_for(".show_activation", public_id=public_id, scenario=scenario or None), 303)


mails = qa_blueprint("qa_mails", "/mails")

_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)
#: The links of a mail open beside the mailbox: no page of ours lets itself be framed.
_ELSEWHERE = '<base target="_blank">'


class TextPart(NamedTuple):
    """A part of a text: words, or an address that can be followed."""

    text: str
    is_link: bool


@mails.get("")
def list_mails() -> str:
    """List the mails of the office, or those that are looked for, newest first."""
    wanted = read_typed(MailFilter, _filled(request.args))
    mails = answers.find_mails(office_tools(), wanted)
    dated = [(mail, parsedate_to_datetime(mail.date)) for mail in reversed(mails)]
    return render_template("qa/mails.html", mails=dated, wanted=wanted)


@mails.get("/<mail_id>")
def show_mail(mail_id: str) -> str:
    """Show one mail: its heading, the picture, the text."""
    mail = answers.describe_mail(office_tools().find_mail(mail_id))
    return render_template("qa/mail.html", mail=mail, pieces=split_links(mail.text))


@mails.get("/<mail_id>/html")
def show_mail_html(mail_id: str) -> Response:
    """Draw one mail as a mail program does, in a box that runs nothing."""
    drawn = answers.describe_mail(office_tools().find_mail(mail_id)).html
    return Response(_HEAD.sub(lambda head: head[0] + _ELSEWHERE, drawn, count=1), mimetype="text/html")


@mails.get("/<mail_id>/raw")
def download_mail(mail_id: str) -> Response:
    """Hand out one mail as it was sent."""
    return Response(office_tools().find_mail(mail_id).raw, mimetype="message/rfc822")


def split_links(text: str) -> list[TextPart]:
    """Take a text apart where it has addresses."""
    links = answers.find_links(text)
    if not links:
        return [TextPart(text, is_link=False)]
    parts = re.split("(" + "|".join(map(re.escape, sorted(links, key=len, reverse=True))) + ")", text)
    return [TextPart(part, is_link=part in links) for part in parts if part]

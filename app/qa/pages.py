"""The testers' pages: an office of one's own, its requests, and what can be done with one of them."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import SAMPLE_BANKS, ActivationRoute
from app.domain.states import LifecycleAction, source_states
from app.i18n import _
from app.qa import deeds, replaying, telling, wording
from app.qa.api import CALLS
from app.qa.door import current_key, current_office, office_tools, set_office_cookie
from app.qa.links import scenario_link
from app.qa.replaying import ReplayKind
from app.qa.rooms import room
from app.qa.scenarios import SECTIONS, search_scenarios
from app.qa.staging import run_scenario
from app.qa.wiring import sandbox_tools
from app.qa.wishes import InvalidField, read_run_request
from app.simulation.scenarios import SCENARIOS
from app.simulation.testing import milestones
from app.web.cookies import set_link_cookie
from app.web.wiring import services

pages = room("qa")


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
def create_office() -> Response:
    """Open an office, and remember its key in this browser."""
    return set_office_cookie(redirect(url_for(".show_home"), 303), sandbox_tools().open_office())


@pages.post("/office/reset")
def reset_office() -> Response:
    """Empty the office."""
    office_tools().reset_office()
    flash(_("The office is empty again."))
    return redirect(url_for(".show_home"), 303)


@pages.post("/office/sign-in/<who>")
def open_portal(who: str) -> Response:
    """Lead to a fresh link with which somebody of the office signs in to the portal."""
    people = {"accountant": current_office().accountant, "colleague": current_office().colleague}
    link = services().visits.create_sign_in_link(people.get(who, ""))
    return redirect(link, 303) if link else abort(404)


@pages.get("/scenarios")
def list_scenarios() -> str:
    """Show the table of scenarios, or those that say what is looked for."""
    looked_for = request.args.get("q", "")
    found = search_scenarios(looked_for)
    groups = {section: [one for one in found if one.row.section is section] for section in SECTIONS}
    return render_template(
        "qa/scenarios.html", looked_for=looked_for, groups=groups, names=SECTIONS, number=len(found)
    )


@pages.get("/api")
def describe_api() -> str:
    """Describe the API, from the table of its calls."""
    return render_template("qa/api.html", calls=CALLS, key=current_key() if g.get("qa_office") else None)


@pages.post("/requests")
def create_activation() -> Response:
    """Make a request, as far as it is wished."""
    wish = read_run_request(request.form)
    return _activation_url(run_scenario(office_tools(), current_office(), wish), wish.scenario)


@pages.get("/requests/<public_id>")
def show_activation(public_id: str) -> str:
    """Show everything about one request, and what can be done with it."""
    record = office_tools().read_record(public_id)
    scenario = SCENARIOS.get(request.args.get("scenario", ""))
    return render_template(
        "qa/request.html",
        record=record,
        facts=record.facts,
        scenario=scenario,
        link=scenario_link(record, scenario.key if scenario else ""),
        at_bank=telling.serialize_bank_links(record),
        moments=milestones(record),
        deeds=[name for name in wording.DEEDS if record.facts.state in source_states(LifecycleAction(name))],
        relaunches=record.facts.state in source_states(LifecycleAction.RELAUNCH),
        mails=office_tools().list_mails(public_id),
    )


@pages.post("/requests/<public_id>/<deed>")
def perform_command(public_id: str, deed: str) -> Response:
    """Do something with a request, then what is due."""
    if deed not in deeds.DEEDS:
        abort(404)
    deeds.run_command(deed, public_id, request.form)
    flash(_("Done, and what was due is done too."))
    return _activation_url(public_id)


@pages.post("/requests/<public_id>/replay")
def replay_return(public_id: str) -> Response:
    """Send the last return from the bank again, and tell what was answered."""
    if request.form.get("what") not in [*ReplayKind]:
        raise InvalidField("what", "Choose in which way.")
    answer = replaying.replay_return(
        office_tools(), public_id, ReplayKind(request.form["what"]), cookie="cookie" in request.form
    )
    told = {"status": answer.status, "location": answer.location or "–"}
    flash(_("The product answered %(status)s, and leads to %(location)s.", **told))
    flash(_("It set a cookie.") if answer.sets_cookie else _("It set no cookie."))
    return _activation_url(public_id)


@pages.post("/requests/<public_id>/result")
def open_result(public_id: str) -> Response:
    """Open the page of the result in this browser, as if the link had been opened in it."""
    standing, found = office_tools().read_activation(public_id), services()
    response = redirect(url_for("wizard.show_result", public_id=public_id), 303)
    return set_link_cookie(response, found.settings, public_id, found.activations.sign_cookie(standing))


def _activation_url(public_id: str, scenario: str = "") -> Response:
    return redirect(url_for(".show_activation", public_id=public_id, scenario=scenario or None), 303)

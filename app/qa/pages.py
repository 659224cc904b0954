"""The testers' pages: an office of one's own, its requests, and what can be done with one of them."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.activation import LifecycleAction, source_states
from app.domain.banks import SAMPLE_BANKS, ActivationRoute
from app.i18n import _
from app.qa import deeds, telling, wording
from app.qa.api import CALLS
from app.qa.door import key, office, own, remember
from app.qa.links import link_for
from app.qa.replaying import What, replay
from app.qa.rooms import room
from app.qa.scenarios import SECTIONS, found_scenarios
from app.qa.staging import stage
from app.qa.wiring import rehearsals
from app.qa.wishes import BadWish, wish_in
from app.rehearsal import moments
from app.simulator.scenarios import SCENARIOS
from app.web.cookies import keep_link
from app.web.wiring import services

pages = room("qa")


@pages.get("")
def home() -> str:
    """Show the tester's office and its requests, or how to open one."""
    [bank_url, *_others] = services().settings.challenge_origins
    if g.get("qa_office") is None:
        return render_template("qa/home.html", bank_url=bank_url)
    return render_template(
        "qa/office.html",
        bank_url=bank_url,
        key=key(),
        requests=own().requests(),
        sample_bank=SAMPLE_BANKS[ActivationRoute.LINK],
    )


@pages.post("/office")
def open_office() -> Response:
    """Open an office, and remember its key in this browser."""
    return remember(redirect(url_for(".home"), 303), rehearsals().open_office())


@pages.post("/office/reset")
def reset() -> Response:
    """Empty the office."""
    own().reset()
    flash(_("The office is empty again."))
    return redirect(url_for(".home"), 303)


@pages.post("/office/sign-in/<who>")
def sign_in(who: str) -> Response:
    """Lead to a fresh link with which somebody of the office signs in to the portal."""
    people = {"accountant": office().accountant, "colleague": office().colleague}
    link = services().visits.create_sign_in_link(people.get(who, ""))
    return redirect(link, 303) if link else abort(404)


@pages.get("/scenarios")
def scenarios() -> str:
    """Show the table of scenarios, or those that say what is looked for."""
    looked_for = request.args.get("q", "")
    found = found_scenarios(looked_for)
    groups = {section: [one for one in found if one.row.section is section] for section in SECTIONS}
    return render_template(
        "qa/scenarios.html", looked_for=looked_for, groups=groups, names=SECTIONS, number=len(found)
    )


@pages.get("/api")
def calls() -> str:
    """Describe the API, from the table of its calls."""
    return render_template("qa/api.html", calls=CALLS, key=key() if g.get("qa_office") else None)


@pages.post("/requests")
def order() -> Response:
    """Make a request, as far as it is wished."""
    wish = wish_in(request.form)
    return _to(stage(own(), office(), wish), wish.scenario)


@pages.get("/requests/<public_id>")
def one(public_id: str) -> str:
    """Show everything about one request, and what can be done with it."""
    record = own().record(public_id)
    scenario = SCENARIOS.get(request.args.get("scenario", ""))
    return render_template(
        "qa/request.html",
        record=record,
        facts=record.facts,
        scenario=scenario,
        link=link_for(record, scenario.key if scenario else ""),
        at_bank=telling.at_bank(record),
        moments=moments(record),
        deeds=[name for name in wording.DEEDS if record.facts.state in source_states(LifecycleAction(name))],
        relaunches=record.facts.state in source_states(LifecycleAction.RELAUNCH),
        mails=own().mails(public_id),
    )


@pages.post("/requests/<public_id>/<deed>")
def act(public_id: str, deed: str) -> Response:
    """Do something with a request, then what is due."""
    if deed not in deeds.DEEDS:
        abort(404)
    deeds.do(deed, public_id, request.form)
    flash(_("Done, and what was due is done too."))
    return _to(public_id)


@pages.post("/requests/<public_id>/replay")
def send_again(public_id: str) -> Response:
    """Send the last return from the bank again, and tell what was answered."""
    if request.form.get("what") not in [*What]:
        raise BadWish("what", "Choose in which way.")
    answer = replay(own(), public_id, What(request.form["what"]), cookie="cookie" in request.form)
    told = {"status": answer.status, "location": answer.location or "–"}
    flash(_("The product answered %(status)s, and leads to %(location)s.", **told))
    flash(_("It set a cookie.") if answer.sets_cookie else _("It set no cookie."))
    return _to(public_id)


@pages.post("/requests/<public_id>/result")
def open_result(public_id: str) -> Response:
    """Open the page of the result in this browser, as if the link had been opened in it."""
    standing, found = own().standing(public_id), services()
    response = redirect(url_for("wizard.result", public_id=public_id), 303)
    return keep_link(response, found.settings, public_id, found.activations.sign_cookie(standing))


def _to(public_id: str, scenario: str = "") -> Response:
    return redirect(url_for(".one", public_id=public_id, scenario=scenario or None), 303)

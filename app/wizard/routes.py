"""The pages of the wizard: open, validate, one use case, lead on."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.activations import LinkUnavailable
from app.bank.three_d_secure import challenge_form
from app.clock import brussels_day
from app.domain.activation import LinkCondition
from app.domain.references import group_digits_unbroken
from app.i18n import current_language
from app.web import terms
from app.web.wiring import services
from app.wizard import consent, guard
from app.wizard.forms import CardForm, WelcomeForm
from app.wizard.handoff import Handoff, handoff
from app.wizard.results import result_page

wizard = Blueprint("wizard", __name__)
wizard.url_value_preprocessor(guard.take_public_id)
wizard.url_defaults(guard.give_public_id)
wizard.before_request(guard.admit)


@wizard.context_processor
def _standing() -> dict[str, object]:
    if "standing" not in g:
        return {}
    return {"standing": g.standing, "reference": group_digits_unbroken(g.standing.client_reference)}


@wizard.get("/welcome")
def welcome() -> str:
    """Show who asks for what, and put the conditions before the cardholder."""
    return _welcome({})


@wizard.post("/welcome")
def accept() -> Response | tuple[str, int]:
    """Record the consent and lead to the card."""
    form = WelcomeForm(request.form)
    if not form.validate():
        return _welcome(form.errors, ticked=form.ticked()), 422
    seen = (form.terms_version, form.terms_language, form.labels_sha256)
    agreement = consent.agreement(g.standing, *(field.data or "" for field in seen))
    if agreement is None:
        return _welcome({}, changed=True), 409
    g.journey.accept(g.standing, agreement)
    return redirect(url_for(".card"), 303)


@wizard.get("/not-mine")
def not_mine() -> str:
    """Say what to do with a reference that belongs to somebody else."""
    return render_template("wizard/not_mine.html")


@wizard.get("/card")
def card() -> str:
    """Ask for the card, and announce the bank's page before anything is typed."""
    opens_at = g.journey.opens_at(g.standing)
    if opens_at:
        raise LinkUnavailable(LinkCondition.LOCKED, g.standing, opens_at)
    return _card({})


@wizard.post("/card")
def submit_card() -> Response | tuple[str, int]:
    """Try the card at the bank and lead to its page, or to the result."""
    form = CardForm(g.journey.typed(), brussels_day(services().clock()))
    if not form.validate():
        return _card(form.errors, expiry=form.shown_expiry()), 422
    onward = g.journey.submit(g.standing, form.card())
    return redirect(url_for(".bank" if onward else ".result"), 303)


@wizard.get("/bank")
def bank() -> Response | str:
    """Hand the browser over to the bank, while the bank waits for it."""
    attempt = g.journey.last_attempt(g.standing)
    stage = handoff(attempt, services().clock())
    if stage is Handoff.OVER:
        return redirect(url_for(".result"), 303)
    if stage is Handoff.ASKING:
        return render_template("wizard/asking.html")
    return render_template(
        "wizard/bank.html",
        attempt=attempt,
        creq=challenge_form(attempt.transaction, attempt.acs_transaction),
        handle=g.journey.handle(attempt),
    )


@wizard.get("/result")
def result() -> Response | str:
    """Tell how it stands; whoever has nothing to be told yet goes to the open step."""
    page = result_page(g.journey, g.standing, services().clock())
    if page is None:
        return guard.to_step(g.standing.state)
    return render_template(page.template, **page.words)


@wizard.post("/check")
def check() -> Response:
    """Ask the bank now."""
    g.journey.check(g.standing)
    return redirect(url_for(".result"), 303)


@wizard.post("/start-over")
def start_over() -> Response:
    """Give the open attempt up and begin again with the card."""
    g.journey.start_over(g.standing)
    return redirect(url_for(".result"), 303)


def _welcome(errors: Mapping[str, object], *, changed: bool = False, ticked: Collection[str] = ()) -> str:
    return render_template(
        "wizard/welcome.html",
        errors=errors,
        changed=changed,
        ticked=ticked,
        labels=consent.labels(g.standing),
        labels_sha256=consent.labels_sha256(g.standing),
        text=terms.text(current_language()),
    )


def _card(errors: Mapping[str, object], *, expiry: str = "") -> str:
    settings = services().settings
    hosts = ", ".join(urlsplit(origin).netloc for origin in settings.challenge_origins)
    return render_template(
        "wizard/card.html", errors=errors, expiry=expiry, hosts=hosts, simulated=not settings.production
    )

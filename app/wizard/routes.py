"""The pages of the wizard: open, validate, one use case, lead on."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.activations import LinkUnavailable
from app.bank.three_d_secure import challenge_form
from app.clock import brussels_day
from app.domain.identifiers import group_digits_unbroken
from app.domain.states import LinkCondition
from app.i18n import current_language
from app.web import terms
from app.web.wiring import services
from app.wizard import consent, guard
from app.wizard.forms import CardForm, WelcomeForm
from app.wizard.handoff import HandoffState, handoff_state
from app.wizard.results import build_result_page

wizard = Blueprint("wizard", __name__)
wizard.url_value_preprocessor(guard.pull_public_id)
wizard.url_defaults(guard.push_public_id)
wizard.before_request(guard.require_open_step)


@wizard.context_processor
def _template_words() -> dict[str, object]:
    if "standing" not in g:
        return {}
    return {"standing": g.standing, "reference": group_digits_unbroken(g.standing.client_reference)}


@wizard.get("/welcome")
def show_welcome() -> str:
    """Show who asks for what, and put the conditions before the cardholder."""
    return _render_welcome({})


@wizard.post("/welcome")
def accept_terms() -> Response | tuple[str, int]:
    """Record the consent and lead to the card."""
    form = WelcomeForm(request.form)
    if not form.validate():
        return _render_welcome(form.errors, ticked=form.checked_boxes()), 422
    seen = (form.terms_version, form.terms_language, form.labels_sha256)
    agreement = consent.consent_evidence(g.standing, *(field.data or "" for field in seen))
    if agreement is None:
        return _render_welcome({}, changed=True), 409
    g.journey.accept_terms(g.standing, agreement)
    return redirect(url_for(".show_card_form"), 303)


@wizard.get("/not-mine")
def show_wrong_reference() -> str:
    """Say what to do with a reference that belongs to somebody else."""
    return render_template("wizard/not_mine.html", step_url=guard.step_url(g.standing.state))


@wizard.get("/card")
def show_card_form() -> str:
    """Ask for the card, and announce the bank's page before anything is typed."""
    opens_at = g.journey.card_page_opens_at(g.standing)
    if opens_at:
        raise LinkUnavailable(LinkCondition.LOCKED, g.standing, opens_at)
    return _render_card({})


@wizard.post("/card")
def submit_card() -> Response | tuple[str, int]:
    """Try the card at the bank and lead to its page, or to the result."""
    form = CardForm(g.journey.card_fields(), brussels_day(services().clock()))
    if not form.validate():
        return _render_card(form.errors, expiry=form.redisplayed_expiry()), 422
    onward = g.journey.submit_card(g.standing, form.to_card())
    return redirect(url_for(".hand_over_to_bank" if onward else ".show_result"), 303)


@wizard.get("/bank")
def hand_over_to_bank() -> Response | str:
    """Hand the browser over to the bank, while the bank waits for it."""
    attempt = g.journey.last_attempt(g.standing)
    stage = handoff_state(attempt, services().clock())
    if stage is HandoffState.OVER:
        return redirect(url_for(".show_result"), 303)
    if stage is HandoffState.ASKING:
        return render_template("wizard/asking.html")
    return render_template(
        "wizard/bank.html",
        attempt=attempt,
        creq=challenge_form(attempt.transaction, attempt.acs_transaction),
        handle=g.journey.attempt_handle(attempt),
    )


@wizard.get("/result")
def show_result() -> Response | str:
    """Tell how it stands; whoever has nothing to be told yet goes to the open step."""
    page = build_result_page(g.journey, g.standing, services().clock())
    if page is None:
        return guard.redirect_to_step(g.standing.state)
    return render_template(page.template, **page.words)


@wizard.post("/check")
def check_result() -> Response:
    """Ask the bank now."""
    g.journey.check_result(g.standing)
    return redirect(url_for(".show_result"), 303)


@wizard.post("/start-over")
def start_over() -> Response:
    """Give the open attempt up and begin again with the card."""
    g.journey.start_over(g.standing)
    return redirect(url_for(".show_result"), 303)


def _render_welcome(
    errors: Mapping[str, object], *, changed: bool = False, ticked: Collection[str] = ()
) -> str:
    return render_template(
        "wizard/welcome.html",
        errors=errors,
        changed=changed,
        ticked=ticked,
        labels=consent.consent_labels(g.standing),
        labels_sha256=consent.labels_sha256(g.standing),
        text=terms.terms_text(current_language()),
    )


def _render_card(errors: Mapping[str, object], *, expiry: str = "") -> str:
    settings = services().settings
    hosts = ", ".join(urlsplit(origin).netloc for origin in settings.challenge_origins)
    return render_template(
        "wizard/card.html", errors=errors, expiry=expiry, hosts=hosts, simulated=not settings.production
    )

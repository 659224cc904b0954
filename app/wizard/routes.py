"""The cardholder's pages, and which of them the state of the activation opens."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, current_app, g, redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.clock import brussels_day
from app.domain import cards
from app.domain.identifiers import group_digits_unbroken
from app.domain.message_rules import ON_WRONG_REFERENCE_PAGE
from app.domain.states import STEPS, ActivationState, LinkCondition, WizardStep
from app.i18n import _, _l, current_language, follow_language
from app.queries.activation_view import ActivationView
from app.services.card_attempts import CardSubmission
from app.services.links import LinkUnavailable
from app.web.cookies import set_link_cookie
from app.web.extensions import services
from app.web.mailed_links import mailed_text
from app.web.message_pages import offer_messages
from app.web.middleware import language_wanted
from app.web.neutral_pages import render_neutral_page
from app.web.notices import NoticeKind, flash_notice
from app.wizard.forms import (
    CardForm,
    WelcomeForm,
    card_checks,
    consent_evidence,
    consent_labels,
    error_sentences,
    labels_sha256,
)
from app.wizard.journey import Journey, link_cookie
from app.wizard.refused_forms import (
    RefusedForm,
    forget_refused_form,
    show_refused_form,
    store_refused_form,
    translate_refused_form,
)
from app.wizard.result_pages import HandoffState, build_result_page, handoff_state

_EXTENSION = "caro.journeys"

#: The endpoint of each step, within the wizard's blueprint.
STEP_ENDPOINTS: Mapping[WizardStep, str] = {
    WizardStep.WELCOME: "show_welcome",
    WizardStep.CARD: "show_card_form",
    WizardStep.RESULT: "show_result",
}

#: The states in which each page or button of the wizard is open.
OPEN_IN: Mapping[str, frozenset[ActivationState]] = {
    "show_welcome": frozenset({ActivationState.INVITED}),
    "accept_terms": frozenset({ActivationState.INVITED}),
    "show_wrong_reference": frozenset({ActivationState.INVITED, ActivationState.TERMS_ACCEPTED}),
    "show_card_form": frozenset({ActivationState.TERMS_ACCEPTED}),
    # Where an attempt is open, the card joins it, or the page says which card is being asked about.
    "submit_card": frozenset({ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK}),
    "hand_over_to_bank": frozenset({ActivationState.AWAITING_BANK}),
    "check_result": frozenset({ActivationState.AWAITING_BANK}),
    "start_over": frozenset({ActivationState.AWAITING_BANK}),
    "show_result": frozenset(
        {ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK, ActivationState.ACTIVE}
    ),
}

#: A second click, or a return after the verdict, goes on in silence; everything else goes to the step.
SILENT: Mapping[tuple[str, ActivationState], str] = {
    ("accept_terms", ActivationState.TERMS_ACCEPTED): "show_card_form",
    ("hand_over_to_bank", ActivationState.TERMS_ACCEPTED): "show_result",
    ("hand_over_to_bank", ActivationState.ACTIVE): "show_result",
    ("check_result", ActivationState.TERMS_ACCEPTED): "show_result",
    ("check_result", ActivationState.ACTIVE): "show_result",
    ("start_over", ActivationState.TERMS_ACCEPTED): "show_result",
    ("start_over", ActivationState.ACTIVE): "show_result",
}

#: Why another page is shown than the one that was asked for; total over the states that have a page.
WHY: Mapping[ActivationState, LazyString] = {
    ActivationState.INVITED: _l("First confirm your client reference and accept the conditions."),
    ActivationState.TERMS_ACCEPTED: _l(
        "You have already confirmed your client reference and accepted the conditions."
    ),
    ActivationState.AWAITING_BANK: _l(
        "An activation is in progress at your bank, so we show you where it stands."
    ),
    ActivationState.ACTIVE: _l("This service is already active, so there is nothing more to enter."),
}


def journey_factories(app: Flask) -> dict[str, Callable[[], Journey]]:
    """Return how a journey begins, by the name under which the wizard is mounted."""
    factories: dict[str, Callable[[], Journey]] = app.extensions.setdefault(_EXTENSION, {})
    return factories


def pull_public_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the activation's public id out of the views' arguments."""
    g.public_id = values.pop("public_id") if values else None


def push_public_id(endpoint: str, values: dict[str, Any]) -> None:
    """Add the activation's public id to the addresses of the wizard's own pages."""
    if "public_id" in g and current_app.url_map.is_endpoint_expecting(endpoint, "public_id"):
        values.setdefault("public_id", g.public_id)


def require_open_step() -> Response | None:
    """Open the activation and let the page be shown, or lead to the page that is open."""
    g.journey = journey_factories(current_app)[request.blueprint or ""]()
    activation: ActivationView = g.journey.open_page(g.public_id)
    g.activation = activation
    follow_language(activation.language)
    page = (request.endpoint or "").rpartition(".")[2]
    if activation.state in OPEN_IN[page]:
        return None
    return _redirect_if_closed(page, activation.state)


def step_url(state: ActivationState) -> str:
    """Return the address of the one page that the state opens."""
    return url_for(f".{STEP_ENDPOINTS[STEPS[state]]}")


def redirect_to_step(state: ActivationState) -> Response:
    """Lead to the one page that the state opens."""
    return redirect(step_url(state), 303)


def _redirect_if_closed(page: str, state: ActivationState) -> Response:
    if (page, state) in SILENT:
        return redirect(url_for(f".{SILENT[page, state]}"), 303)
    flash_notice(NoticeKind.INFORMATION, WHY[state])
    return redirect_to_step(state)


bp = Blueprint("wizard", __name__)
bp.url_value_preprocessor(pull_public_id)
bp.url_defaults(push_public_id)
bp.before_request(require_open_step)


@bp.context_processor
def _template_words() -> dict[str, object]:
    if "activation" not in g:
        return {}
    return {"activation": g.activation, "reference": group_digits_unbroken(g.activation.client_reference)}


@bp.get("/welcome")
def show_welcome() -> str:
    """Show who asks for what, and put the conditions before the cardholder."""
    refused = show_refused_form("welcome")
    return render_template(
        "wizard/welcome.html",
        errors=error_sentences(refused.problems),
        changed=refused.changed,
        ticked=refused.ticked,
        labels=consent_labels(g.activation),
        labels_sha256=labels_sha256(g.activation),
        text=services().terms.current(current_language()).text,
    )


@bp.post("/welcome")
def accept_terms() -> Response:
    """Record the consent and lead to the card, or back to the form: with what is wrong, or translated."""
    form = WelcomeForm(request.form)
    valid = form.validate()
    if language_wanted():
        translate_refused_form("welcome", form.refused())
        return redirect_to_step(g.activation.state)
    if not valid:
        return _refuse_form("welcome", form.refused())
    seen = (form.terms_version, form.terms_language, form.labels_sha256)
    agreement = consent_evidence(g.activation, *(field.data or "" for field in seen))
    if agreement is None:
        return _refuse_form("welcome", RefusedForm(changed=True))
    forget_refused_form()
    g.journey.accept_terms(g.activation, agreement)
    return redirect(url_for(".show_card_form"), 303)


@bp.get("/not-mine")
def show_wrong_reference() -> str:
    """Say what to do with a reference that belongs to somebody else."""
    return render_template(
        "wizard/not_mine.html",
        step_url=step_url(g.activation.state),
        choices=offer_messages(g.activation, ON_WRONG_REFERENCE_PAGE),
    )


@bp.get("/card")
def show_card_form() -> str:
    """Ask for the card, and announce the bank's page before anything is typed."""
    opens_at = g.journey.card_page_opens_at(g.activation)
    if opens_at:
        raise LinkUnavailable(LinkCondition.LOCKED, g.activation, opens_at)
    settings, refused = services().settings, show_refused_form("card")
    return render_template(
        "wizard/card.html",
        errors=error_sentences(refused.problems),
        expiry=refused.expiry,
        checks=card_checks(brussels_day(services().clock()), current_language()),
        hosts=", ".join(urlsplit(origin).netloc for origin in settings.challenge_origins),
        simulated=not settings.production,
    )


@bp.post("/card")
def submit_card() -> Response:
    """Try the card at the bank and lead to its page or the result, or back to the form with what is wrong."""
    form = CardForm(g.journey.card_fields(), brussels_day(services().clock()))
    valid = form.validate()
    if g.activation.state is ActivationState.AWAITING_BANK:
        return _join_attempt(form.number)
    if not valid:
        return _refuse_form("card", form.refused())
    forget_refused_form()
    submitted = g.journey.submit_card(g.activation, form.to_card())
    if submitted is CardSubmission.JOINED:
        return _join_attempt(form.number)
    at_bank = submitted is CardSubmission.CHALLENGED
    return redirect(url_for(".hand_over_to_bank" if at_bank else ".show_result"), 303)


@bp.get("/bank")
def hand_over_to_bank() -> Response | str:
    """Hand the browser over to the bank, while the bank waits for it."""
    attempt = g.journey.last_attempt(g.activation)
    state = handoff_state(attempt, services().clock())
    if state is HandoffState.OVER:
        return redirect(url_for(".show_result"), 303)
    if state is HandoffState.ASKING:
        return render_template("wizard/asking.html")
    return render_template(
        "wizard/bank.html",
        challenge_form=g.journey.challenge_form(attempt),
    )


@bp.get("/result")
def show_result() -> Response | str:
    """Tell how it stands; whoever has nothing to be told yet goes to the open step."""
    page = build_result_page(g.journey, g.activation, services().clock())
    if page is None:
        return redirect_to_step(g.activation.state)
    return render_template(page.template, **page.words)


@bp.post("/check")
def check_result() -> Response:
    """Ask the bank now."""
    g.journey.check_result(g.activation)
    return redirect(url_for(".show_result"), 303)


@bp.post("/start-over")
def start_over() -> Response:
    """Give the open attempt up and begin again with the card."""
    g.journey.start_over(g.activation)
    return redirect(url_for(".show_result"), 303)


def _refuse_form(name: str, refused: RefusedForm) -> Response:
    """Lead back to the form's page, which says what is wrong: a browser never has to send a form again."""
    store_refused_form(name, refused)
    return redirect_to_step(g.activation.state)


def _join_attempt(number: str) -> Response:
    """Lead to the bank's page, unless the open attempt is another card's: then say whose it is."""
    attempt = g.journey.last_attempt(g.activation)
    kept = (cards.brand_of(number), number[-4:]) if number else None
    if attempt is None or not attempt.is_open or (attempt.brand, attempt.last_four) == kept:
        return redirect(url_for(".hand_over_to_bank"), 303)
    card = cards.masked_card(attempt.brand, attempt.last_four)
    flash_notice(
        NoticeKind.CAREFUL,
        _(
            "Your bank is still being asked about another card: %(card)s. The card that you have just "
            "entered was not used.",
            card=card,
        ),
    )
    return redirect(url_for(".show_result"), 303)


entry_bp = Blueprint("entry", __name__)

_ATTEMPT_GIVEN_UP = _l(
    "This attempt was stopped before your bank answered: it does not count, even if you signed. Nothing was "
    "charged."
)


@entry_bp.get("/a/", defaults={"text": ""})
@entry_bp.get("/a/<mailed:text>")
def open_link(text: str) -> Response:
    """Verify the link, leave a cookie in its place and go to the page that is open; change nothing."""
    found = services()
    activation = found.links.open_link(mailed_text(text))
    page = STEP_ENDPOINTS[found.links.first_step(activation)]
    response = redirect(url_for(f"wizard.{page}", public_id=activation.public_id), 303)
    cookie = found.links.sign_cookie(activation)
    return set_link_cookie(response, found.settings, activation.public_id, cookie)


@entry_bp.post("/3ds/return")
def receive_return() -> Response | str:
    """Take the browser back from the bank: no cookie is read or set, and what it says is a hint only."""
    return _lead_back(request.form)


@entry_bp.get("/3ds/return")
def receive_return_by_get() -> Response | str:
    """Take it back where the bank's page, or a browser on the way, made another method of it."""
    return _lead_back(request.args if request.method == "GET" else {})


@entry_bp.get("/activation/<public_id>/return", defaults={"handle": ""})
@entry_bp.get("/activation/<public_id>/return/<mailed:handle>")
def show_outcome(public_id: str, handle: str) -> Response | str:
    """Lead whoever opened the link here to the result, and tell any other browser the outcome alone."""
    found = services()
    returned = found.links.returned_attempt(public_id, handle)
    if found.links.has_cookie(public_id, link_cookie()):
        if returned and returned.is_lost:
            flash_notice(NoticeKind.CAREFUL, _ATTEMPT_GIVEN_UP)
        return redirect(url_for("wizard.show_result", public_id=public_id), 303)
    return render_neutral_page(returned.state if returned else None)


def _lead_back(fields: Mapping[str, str]) -> Response | str:
    returned = services().attempt_results.receive_return(fields)
    if returned is None:
        return render_neutral_page(None)
    where = url_for("entry.show_outcome", public_id=returned.public_id, handle=returned.handle)
    return redirect(where, 303)

"""Where am I: the activation's state says which pages are open, and every other page leads there."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.activations import ActivationView
from app.domain.states import STEPS, ActivationState, WizardStep
from app.i18n import _l
from app.web.languages import follow_language
from app.wizard.journey import Journey

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
    "submit_card": frozenset({ActivationState.TERMS_ACCEPTED}),
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
    ("submit_card", ActivationState.AWAITING_BANK): "hand_over_to_bank",
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
    found: dict[str, Callable[[], Journey]] = app.extensions.setdefault(_EXTENSION, {})
    return found


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
    standing: ActivationView = g.journey.open_page(g.public_id)
    g.standing = standing
    follow_language(standing.language)
    page = (request.endpoint or "").rpartition(".")[2]
    if standing.state in OPEN_IN[page]:
        return None
    return _redirect_if_closed(page, standing.state)


def step_url(state: ActivationState) -> str:
    """Return the address of the one page that the state opens."""
    return url_for(f".{STEP_ENDPOINTS[STEPS[state]]}")


def redirect_to_step(state: ActivationState) -> Response:
    """Lead to the one page that the state opens."""
    return redirect(step_url(state), 303)


def _redirect_if_closed(page: str, state: ActivationState) -> Response:
    if (page, state) in SILENT:
        return redirect(url_for(f".{SILENT[page, state]}"), 303)
    flash(str(WHY[state]))
    return redirect_to_step(state)

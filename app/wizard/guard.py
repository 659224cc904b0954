"""Where am I: the activation's state says which pages are open, and every other page leads there."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.activations import Standing
from app.domain.activation import STEPS, State
from app.i18n import _l
from app.web.languages import speak_for
from app.wizard.journey import Journey

_EXTENSION = "caro.journeys"

#: The states in which each page or button of the wizard is open.
OPEN_IN: Mapping[str, frozenset[State]] = {
    "welcome": frozenset({State.INVITED}),
    "accept": frozenset({State.INVITED}),
    "not_mine": frozenset({State.INVITED, State.TERMS_ACCEPTED}),
    "card": frozenset({State.TERMS_ACCEPTED}),
    "submit_card": frozenset({State.TERMS_ACCEPTED}),
    "bank": frozenset({State.AWAITING_BANK}),
    "check": frozenset({State.AWAITING_BANK}),
    "start_over": frozenset({State.AWAITING_BANK}),
    "result": frozenset({State.TERMS_ACCEPTED, State.AWAITING_BANK, State.ACTIVE}),
}

#: A second click, or a return after the verdict, goes on in silence; everything else goes to the step.
SILENT: Mapping[tuple[str, State], str] = {
    ("accept", State.TERMS_ACCEPTED): "card",
    ("submit_card", State.AWAITING_BANK): "bank",
    ("bank", State.TERMS_ACCEPTED): "result",
    ("bank", State.ACTIVE): "result",
    ("check", State.TERMS_ACCEPTED): "result",
    ("check", State.ACTIVE): "result",
    ("start_over", State.TERMS_ACCEPTED): "result",
    ("start_over", State.ACTIVE): "result",
}

#: Why another page is shown than the one that was asked for; total over the states that have a page.
WHY: Mapping[State, LazyString] = {
    State.INVITED: _l("First confirm your client reference and accept the conditions."),
    State.TERMS_ACCEPTED: _l("You have already confirmed your client reference and accepted the conditions."),
    State.AWAITING_BANK: _l("An activation is in progress at your bank, so we show you where it stands."),
    State.ACTIVE: _l("This service is already active, so there is nothing more to enter."),
}


def journeys(app: Flask) -> dict[str, Callable[[], Journey]]:
    """Return how a journey begins, by the name under which the wizard is mounted."""
    found: dict[str, Callable[[], Journey]] = app.extensions.setdefault(_EXTENSION, {})
    return found


def take_public_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the activation's public id out of the views' arguments."""
    g.public_id = values.pop("public_id") if values else None


def give_public_id(endpoint: str, values: dict[str, Any]) -> None:
    """Add the activation's public id to the addresses of the wizard's own pages."""
    if "public_id" in g and current_app.url_map.is_endpoint_expecting(endpoint, "public_id"):
        values.setdefault("public_id", g.public_id)


def admit() -> Response | None:
    """Open the activation and let the page be shown, or lead to the page that is open."""
    g.journey = journeys(current_app)[request.blueprint or ""]()
    standing: Standing = g.journey.enter(g.public_id)
    g.standing = standing
    speak_for(standing.language)
    page = (request.endpoint or "").rpartition(".")[2]
    if standing.state in OPEN_IN[page]:
        return None
    return _lead_on(page, standing.state)


def to_step(state: State) -> Response:
    """Lead to the one page that the state opens."""
    return redirect(url_for(f".{STEPS[state]}"), 303)


def _lead_on(page: str, state: State) -> Response:
    if (page, state) in SILENT:
        return redirect(url_for(f".{SILENT[page, state]}"), 303)
    flash(str(WHY[state]))
    return to_step(state)

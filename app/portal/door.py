"""The portal's door: nobody passes without a session, and everything behind it is one office's."""

from typing import cast

from flask import Blueprint, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.accountants import SignedInAccountant
from app.activations import Activations
from app.i18n import _
from app.settings import Settings
from app.web.languages import speak_for
from app.web.wiring import services


def room(name: str, path: str = "") -> Blueprint:
    """Return a blueprint behind the door."""
    blueprint = Blueprint(name, "app.portal", url_prefix=f"/portal{path}")
    blueprint.before_request(_admit)
    return blueprint


def session_cookie(settings: Settings) -> str:
    """Name the session's cookie; the prefix ties it to this host and to https."""
    return "__Host-portal" if settings.secure else "portal"


def visitor() -> SignedInAccountant:
    """Return the accountant who is signed in, in a room behind the door."""
    return cast("SignedInAccountant", g.visitor)


def activations() -> Activations:
    """Return the use cases of the visitor's office alone."""
    return services().activations.for_office(visitor().office_id)


def known_visitor() -> SignedInAccountant | None:
    """Return who is signed in, None for everybody else."""
    secret = request.cookies.get(session_cookie(services().settings))
    return services().visits.find_session(secret) if secret else None


def _admit() -> Response | None:
    """Let the accountant in, or lead to the sign-in page; where they wanted to go is not kept (A99)."""
    found = known_visitor()
    if found is None:
        return _lead_out()
    g.visitor = found
    speak_for(found.language)
    return None


def _lead_out() -> Response:
    """Lead to the sign-in page; whoever was signed in before learns why, once."""
    away, cookie = redirect(url_for("sign_in.ask"), 303), session_cookie(services().settings)
    if cookie in request.cookies:
        flash(_("Your session has ended. Sign in again to continue."))
        away.delete_cookie(cookie, path="/", secure=services().settings.secure, httponly=True, samesite="Lax")
    return away

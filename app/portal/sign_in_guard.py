"""Who is signed in: the guard before the accountant's pages."""

from typing import cast

from flask import Blueprint, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.i18n import _
from app.services.sign_in import SignedInAccountant
from app.settings import Settings
from app.web.extensions import Services, services
from app.web.middleware import follow_language


def portal_blueprint(name: str, path: str = "") -> Blueprint:
    """Return a blueprint whose pages only a signed-in accountant sees."""
    blueprint = Blueprint(name, "app.portal", url_prefix=f"/portal{path}")
    blueprint.before_request(_require_sign_in)
    return blueprint


def session_cookie_name(settings: Settings) -> str:
    """Name the session's cookie; the prefix ties it to this host and to https."""
    return "__Host-portal" if settings.uses_https else "portal"


def current_accountant() -> SignedInAccountant:
    """Return the accountant who is signed in, on a page behind the guard."""
    return cast("SignedInAccountant", g.accountant)


def office_services() -> Services:
    """Return the services of the accountant's office alone."""
    return services().for_office(current_accountant().office_id)


def find_current_accountant() -> SignedInAccountant | None:
    """Return who is signed in, None for everybody else."""
    secret = request.cookies.get(session_cookie_name(services().settings))
    return services().sign_in.find_session(secret) if secret else None


def _require_sign_in() -> Response | None:
    """Let the accountant in, or lead to the sign-in page.

    Where they wanted to go is not kept: an address kept for later is an open redirect waiting to happen.
    """
    accountant = find_current_accountant()
    if accountant is None:
        return _redirect_to_sign_in()
    g.accountant = accountant
    follow_language(accountant.language)
    return None


def _redirect_to_sign_in() -> Response:
    """Lead to the sign-in page; whoever was signed in before learns why, once."""
    away, cookie = redirect(url_for("auth.show_sign_in"), 303), session_cookie_name(services().settings)
    if cookie in request.cookies:
        flash(_("Your session has ended. Sign in again to continue."))
        away.delete_cookie(
            cookie, path="/", secure=services().settings.uses_https, httponly=True, samesite="Lax"
        )
    return away

"""Who is signed in: the guard before the accountant's pages."""

from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.domain.cards import looks_like_card_number
from app.i18n import _
from app.portal.page_rights import may_open
from app.services.sign_in import SignedInAccountant
from app.web.bodies import UPLOADS
from app.web.cookies import portal_cookie_name
from app.web.errors import RoleForbids
from app.web.extensions import Services, services
from app.web.notices import NoticeKind, flash_notice
from app.web.signed_in import recognise_accountant

#: The blueprints whose pages only a signed-in accountant sees.
GUARDED: set[str] = set()
_LONGEST_PATH = 255
#: What is left out of an address that is kept: words that were searched for may be anything.
_NOT_KEPT = frozenset({"q", "lang", "next"})

#: A file, or what was ticked, is no page to come back to: signing in leads to where it is offered.
_RETURN_ENDPOINTS = {
    "portal.export_activations": "portal.list_activations",
    "bulk.review_action": "portal.list_activations",
    "bulk_orders.send_template": "bulk_orders.show_form",
    "bulk_orders.send_rows": "portal.list_activations",
}


def portal_blueprint(name: str, path: str = "") -> Blueprint:
    """Return a blueprint whose pages only a signed-in accountant sees."""
    blueprint = Blueprint(name, "app.portal", url_prefix=f"/portal{path}")
    blueprint.before_request(_require_sign_in)
    GUARDED.add(name)
    return blueprint


def current_accountant() -> SignedInAccountant:
    """Return the accountant who is signed in, on a page behind the guard."""
    return cast("SignedInAccountant", g.accountant)


def office_services() -> Services:
    """Return the services of the accountant's office alone."""
    return services().for_office(current_accountant().office_id)


def _require_sign_in() -> Response | None:
    """Let the accountant in as far as their role goes, or lead to the sign-in page, and from there back."""
    accountant = recognise_accountant()
    if accountant is None:
        return _redirect_to_sign_in()
    if not may_open(accountant.role, request.endpoint):
        raise RoleForbids
    return None


def own_page(address: str) -> str | None:
    """Return a page behind the guard as we write its address ourselves; None for whatever else comes."""
    try:
        parts = urlsplit(address)
        endpoint, arguments = current_app.url_map.bind("").match(parts.path, method="GET")
    except (HTTPException, ValueError):
        return None
    if endpoint in _RETURN_ENDPOINTS:
        endpoint, arguments = _RETURN_ENDPOINTS[endpoint], {}
    if parts.scheme or parts.netloc or endpoint.partition(".")[0] not in GUARDED:
        return None
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query)
        if name not in _NOT_KEPT and not looks_like_card_number(value)
    ]
    page = url_for(endpoint, **arguments) + ("?" + urlencode(kept) if kept else "")
    return page if len(page) <= _LONGEST_PATH and page != url_for("portal.list_activations") else None


def _page_asked_for() -> str | None:
    """Return the page to come back to: the one asked for, or that of the form that was sent."""
    if request.method in ("GET", "HEAD"):
        return own_page(request.full_path)
    if form := UPLOADS.get(request.endpoint or ""):
        return url_for(form)
    return own_page(request.path) or own_page(request.path.rpartition("/")[0])


def _redirect_to_sign_in() -> Response:
    """Lead to the sign-in page; whoever was signed in before learns why, once."""
    away = redirect(url_for("auth.show_sign_in", next=_page_asked_for()), 303)
    cookie = portal_cookie_name(services().settings)
    if cookie in request.cookies:
        if request.method == "POST":
            flash_notice(
                NoticeKind.CAREFUL,
                _("Your session has ended, so what you sent was not saved. Sign in again to continue."),
            )
        else:
            flash_notice(NoticeKind.INFORMATION, _("Your session has ended. Sign in again to continue."))
        away.delete_cookie(
            cookie, path="/", secure=services().settings.uses_https, httponly=True, samesite="Lax"
        )
    return away

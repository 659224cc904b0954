"""Sign in by a link that is mailed, and sign out."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.i18n import current_language
from app.logs import SecurityEvent
from app.portal.browsers import read_browser, remember_browser
from app.portal.forms import SignInForm
from app.portal.people_wording import ROLE_RIGHTS
from app.portal.sign_in_guard import own_page
from app.services.colleagues import OpenInvitation
from app.services.sign_in import LINK_LIFE, SESSION_IDLE
from app.web.cookies import portal_cookie_name
from app.web.extensions import services
from app.web.mailed_links import mailed_text
from app.web.request_tracing import log_refusal
from app.web.signed_in import find_current_accountant
from app.wording import NUMBERS

bp = Blueprint("auth", __name__, url_prefix="/portal/sign-in")
_MINUTE = timedelta(minutes=1)


@bp.get("")
def show_sign_in() -> Response | str:
    """Ask for the address to which a link can go; whoever is signed in already goes on.

    The link itself may stand in the query, behind what a mail program has put in front of it.
    """
    came = mailed_text("")
    token = services().sign_in.find_open(came) or _invitation(came)[0]
    if token:
        return _to_the_link(token)
    next_page = own_page(request.args.get("next", ""))
    if find_current_accountant():
        return redirect(next_page or url_for("portal.list_activations"), 303)
    return render_template("portal/sign_in.html", form=SignInForm(data={"next": next_page}))


@bp.post("")
def send_sign_in_link() -> Response | tuple[str, int]:
    """Mail a link; whether the address is known, nobody is told."""
    form = SignInForm()
    if not form.validate():
        return render_template("portal/sign_in.html", form=form), 422
    next_page = own_page(form.next.data or "")
    services().sign_in.request_sign_in_link(form.email.text, request.remote_addr or "", next_page)
    return redirect(url_for(".show_link_sent", next=next_page), 303)


@bp.get("/sent")
def show_link_sent() -> str:
    """Say what to do next, the same for everybody."""
    count = NUMBERS[services().settings.caps.sign_in_links_an_hour]
    return render_template("portal/sent.html", count=count, next_page=own_page(request.args.get("next", "")))


@bp.get("/<mailed:text>")
def show_claim_button(text: str) -> Response | tuple[str, int] | str:
    """Show the button that uses the link; opening it, as mail scanners do, changes nothing."""
    came = mailed_text(text)
    token, invitation = services().sign_in.find_open(came), None
    if token is None:
        token, invitation = _invitation(came)
    if token and token != text:
        return _to_the_link(token)
    if token is None and (onward := _lead_on(came)):
        return onward
    return _render_dead_link(came) if token is None else _render_link_page(invitation)


@bp.post("/<mailed:text>")
def claim_sign_in_link(text: str) -> Response | tuple[str, int]:
    """Use the link once, leave the session's cookie, and lead to the page from which it was asked for."""
    came = mailed_text(text)
    browser, product = read_browser(), services()
    opened = product.sign_in.claim_sign_in_link(came, browser) or product.colleagues.accept_invitation(
        came, browser, current_language()
    )
    if opened is None and (onward := _lead_on(came)):
        return onward
    if opened is None:
        log_refusal(SecurityEvent.SIGN_IN_REFUSED)
        return _render_dead_link(came)
    response = _go_to(opened.next_path)
    settings = services().settings
    response.set_cookie(
        portal_cookie_name(settings),
        opened.secret,
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    remember_browser(response, browser, opened.accountant_id)
    return response


@bp.post("/leave")
def sign_out() -> Response:
    """End the session."""
    accountant = find_current_accountant()
    if accountant:
        services().sign_in.end_session(accountant)
    response = redirect(url_for(".show_sign_in"), 303)
    settings = services().settings
    response.delete_cookie(
        portal_cookie_name(settings), secure=settings.uses_https, httponly=True, samesite="Lax", path="/"
    )
    return response


def _go_to(next_path: str | None) -> Response:
    """Lead to a page that was kept; what is behind its address may be gone since."""
    return redirect(own_page(next_path or "") or url_for("portal.list_activations"), 303)


def _lead_on(came: str) -> Response | None:
    """Lead whoever is signed in already past a link of their own that was used; None for everybody else."""
    accountant = find_current_accountant()
    if accountant is None:
        return None
    page = services().sign_in.find_own_link(came, accountant)
    if page is None and services().colleagues.is_own_invitation(came, accountant):
        page = ""
    return None if page is None else _go_to(page)


def _invitation(came: str) -> tuple[str | None, OpenInvitation | None]:
    return services().colleagues.find_invitation(came) or (None, None)


def _render_link_page(invitation: OpenInvitation | None) -> str:
    right = invitation and ROLE_RIGHTS[invitation.role]
    idle_minutes = SESSION_IDLE // _MINUTE
    return render_template("portal/link.html", invitation=invitation, right=right, idle_minutes=idle_minutes)


def _render_dead_link(came: str) -> tuple[str, int]:
    """Say what may have become of the link; whoever is only invited is mailed no link to sign in."""
    is_invitation, link_minutes = services().colleagues.is_invitation(came), LINK_LIFE // _MINUTE
    page = render_template("portal/link_dead.html", is_invitation=is_invitation, link_minutes=link_minutes)
    return page, 410


def _to_the_link(token: str) -> Response:
    return redirect(url_for(".show_claim_button", text=token), 303)

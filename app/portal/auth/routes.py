"""Sign in by a link that is mailed, and sign out."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.logs import SecurityEvent
from app.portal.forms import INVALID_SIGN_IN_ADDRESS, SignInForm
from app.portal.sign_in_guard import find_current_accountant, own_page
from app.services.sign_in import LINK_LIFE, SESSION_IDLE, InvalidEmailAddress
from app.web.cookies import portal_cookie_name
from app.web.extensions import services
from app.web.mailed_links import mailed_text
from app.web.request_tracing import log_refusal
from app.wording import ADDRESS_FAULTS, NUMBERS

bp = Blueprint("auth", __name__, url_prefix="/portal/sign-in")
_MINUTE = timedelta(minutes=1)


@bp.get("")
def show_sign_in() -> Response | str:
    """Ask for the address to which a link can go; whoever is signed in already goes on.

    The link itself may stand in the query, behind what a mail program has put in front of it.
    """
    token = services().sign_in.find_open(mailed_text(""))
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
    next_page = own_page(form.next.data or "")
    try:
        services().sign_in.request_sign_in_link(form.email.text, request.remote_addr or "", next_page)
    except InvalidEmailAddress as bad:
        form.email.errors = [str(ADDRESS_FAULTS.get(bad.problem, INVALID_SIGN_IN_ADDRESS))]
        return render_template("portal/sign_in.html", form=form), 422
    return redirect(url_for(".show_link_sent", next=next_page), 303)


@bp.get("/sent")
def show_link_sent() -> str:
    """Say what to do next, the same for everybody."""
    count = NUMBERS[services().settings.caps.sign_in_links_an_hour]
    return render_template("portal/sent.html", count=count, next_page=own_page(request.args.get("next", "")))


@bp.get("/<mailed:text>")
def show_claim_button(text: str) -> Response | tuple[str, int]:
    """Show the button that uses the link; opening it, as mail scanners do, changes nothing."""
    token = services().sign_in.find_open(mailed_text(text))
    if token and token != text:
        return _to_the_link(token)
    return _render_link_page(usable=token is not None)


@bp.post("/<mailed:text>")
def claim_sign_in_link(text: str) -> Response | tuple[str, int]:
    """Use the link once, leave the session's cookie, and lead to the page from which it was asked for."""
    opened = services().sign_in.claim_sign_in_link(mailed_text(text))
    if opened is None:
        log_refusal(SecurityEvent.SIGN_IN_REFUSED)
        return _render_link_page(usable=False)
    # What is behind this address may be gone since it was kept.
    response = redirect(own_page(opened.next_path or "") or url_for("portal.list_activations"), 303)
    settings = services().settings
    response.set_cookie(
        portal_cookie_name(settings),
        opened.secret,
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
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


def _render_link_page(*, usable: bool) -> tuple[str, int]:
    minutes = {"link_minutes": LINK_LIFE // _MINUTE, "idle_minutes": SESSION_IDLE // _MINUTE}
    return render_template("portal/link.html", usable=usable, **minutes), 200 if usable else 410


def _to_the_link(token: str) -> Response:
    return redirect(url_for(".show_claim_button", text=token), 303)

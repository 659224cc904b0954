"""Signing in by a one-time link, and out again."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.portal.door import known_visitor, session_cookie
from app.web.wiring import services

sign_in = Blueprint("sign_in", __name__, url_prefix="/portal/sign-in")


@sign_in.get("")
def ask() -> str:
    """Ask for the address to which a link can go."""
    return render_template("portal/sign_in.html")


@sign_in.post("")
def send() -> BaseResponse:
    """Mail a link; whether the address is known, nobody is told."""
    services().visits.ask(request.form.get("email", ""))
    return redirect(url_for(".sent"), 303)


@sign_in.get("/sent")
def sent() -> str:
    """Say what to do next, the same for everybody."""
    return render_template("portal/sent.html")


@sign_in.get("/<token>")
def link(token: str) -> tuple[str, int]:
    """Show the button that uses the link; opening it, as mail scanners do, changes nothing."""
    usable = services().visits.is_open(token)
    return render_template("portal/link.html", usable=usable, token=token), 200 if usable else 410


@sign_in.post("/<token>")
def claim(token: str) -> BaseResponse | tuple[str, int]:
    """Use the link once and leave the session's cookie."""
    secret = services().visits.claim(token)
    if secret is None:
        return render_template("portal/link.html", usable=False, token=token), 410
    response = redirect(url_for("requests.listing"), 303)
    settings = services().settings
    response.set_cookie(
        session_cookie(settings), secret, secure=settings.secure, httponly=True, samesite="Lax", path="/"
    )
    return response


@sign_in.post("/leave")
def leave() -> Response | BaseResponse:
    """End the session."""
    found = known_visitor()
    if found:
        services().visits.leave(found)
    response = redirect(url_for(".ask"), 303)
    response.delete_cookie(session_cookie(services().settings), path="/")
    return response

"""The two ways in from outside: the mailed link, and the bank that sends the browser back."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.states import STEPS
from app.web.cookies import set_link_cookie
from app.web.mailed_links import mailed_text
from app.web.wiring import services
from app.wizard.guard import STEP_ENDPOINTS

entrance = Blueprint("entrance", __name__)


@entrance.get("/a/", defaults={"text": ""})
@entrance.get("/a/<mailed:text>")
def open_link(text: str) -> Response:
    """Verify the link, leave a cookie in its place and go to the page that is open; change nothing."""
    found = services()
    standing = found.activations.open_link(mailed_text(text))
    response = redirect(
        url_for(f"wizard.{STEP_ENDPOINTS[STEPS[standing.state]]}", public_id=standing.public_id), 303
    )
    cookie = found.activations.sign_cookie(standing)
    return set_link_cookie(response, found.settings, standing.public_id, cookie)


@entrance.post("/3ds/return")
def receive_return() -> Response | str:
    """Take the browser back from the bank: no cookie is read or set, and what it says is a hint only."""
    answer = request.form
    public_id = services().activations.receive_return(answer.get("cres"), answer.get("threeDSSessionData"))
    if public_id is None:
        return show_unrecognised()
    return redirect(url_for("wizard.show_result", public_id=public_id), 303)


@entrance.get("/3ds/return")
def show_unrecognised() -> str:
    """Say where to look when nobody can be recognised."""
    return render_template("wizard/neutral.html")

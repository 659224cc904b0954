"""A press on a dead end's button: it needs no cookie of the link, and the page behind it changes nothing."""

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from app.i18n import follow_language
from app.services.office_messages import OutdatedMessage
from app.tokens import InvalidToken
from app.web.extensions import services
from app.web.message_pages import render_outdated, render_receipt

_SLOT = "office_message"

bp = Blueprint("office_messages", __name__, url_prefix="/message")


@bp.post("")
def send_message() -> Response:
    """Send what the pressed button says, once a day, and lead to the page that says what became of it."""
    value = request.form.get("message", "")
    try:
        new = services().office_messages.send_message(value)
    except InvalidToken:
        raise BadRequest from None
    session[_SLOT] = [value, new]
    return redirect(url_for(".show_receipt"), 303)


@bp.get("")
def show_receipt() -> str:
    """Say what became of the last message of this browser; the address names nobody."""
    value, new = session.get(_SLOT, ("", False))
    try:
        receipt = services().office_messages.read_receipt(value)
    except InvalidToken:
        raise OutdatedMessage from None
    follow_language(receipt.activation.language)
    return render_receipt(receipt, new=new)


@bp.errorhandler(OutdatedMessage)
def answer_outdated(_outdated: OutdatedMessage) -> tuple[str, int]:
    """Say that nothing was sent."""
    return render_outdated(), 410

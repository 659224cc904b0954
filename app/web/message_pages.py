"""The choices that a dead end offers, and the page that says what became of one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel.speaklater import LazyString

from app.domain.message_rules import OfficeMessage
from app.i18n import _l
from app.queries.activation_view import ActivationView
from app.services.office_messages import MessageReceipt
from app.web.extensions import services
from app.wording import OFFICE_MESSAGES

#: What follows for the cardholder from each message.
FOLLOWS: Mapping[OfficeMessage, LazyString] = {
    OfficeMessage.NEW_LINK: _l(
        "Your accounting office decides whether to send a new link. It comes by email: look in your spam "
        "folder too."
    ),
    OfficeMessage.UNEXPECTED: _l(
        "Do not enter any card details until you have spoken to your accounting office. Nothing was charged."
    ),
}


@dataclass(frozen=True)
class MessageChoice:
    """One button: its words, and the signed value that it sends."""

    message: OfficeMessage
    label: LazyString
    value: str


def offer_messages(activation: ActivationView, messages: Iterable[OfficeMessage]) -> list[MessageChoice]:
    """Return the buttons of a page about this activation."""
    signed = services().office_messages.sign_messages(activation, messages)
    return [MessageChoice(message, OFFICE_MESSAGES[message], value) for message, value in signed.items()]


def render_receipt(receipt: MessageReceipt, *, new: bool) -> str:
    """Draw the page of a message that the office has; `new` where this press has sent it."""
    return render_template(
        "wizard/message.html",
        activation=receipt.activation,
        receipt=receipt,
        new=new,
        now=services().clock(),
        message=OFFICE_MESSAGES[receipt.message],
        follows=FOLLOWS[receipt.message],
    )


def render_outdated() -> str:
    """Draw the page of a message that was not sent."""
    return render_template("wizard/message_outdated.html")

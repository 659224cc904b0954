"""What a browser without the link is told when it comes back from the bank: the outcome, and nothing else.

No reference, office or card stands on these pages, and nothing can be done on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from flask_babel.speaklater import LazyString

from app.domain.states import ActivationState
from app.i18n import _l


@dataclass(frozen=True)
class NeutralPage:
    """One outcome in its own words; `waits` where there may be news in a moment."""

    key: str
    title: LazyString
    lead: LazyString
    text: LazyString
    waits: bool = False


_MAIL_FOLLOWS = _l("If you signed at your bank, the service starts by itself and you will receive an email.")

#: Nobody can be recognised, or what there was to tell is over.
GENERAL = NeutralPage(
    "general",
    _l("You are back from your bank"),
    _l("Open the link in your email to see the result, or close this page."),
    _MAIL_FOLLOWS,
)
SUCCEEDED = NeutralPage(
    "active",
    _l("CARO is active"),
    _l("Your bank has confirmed your signature."),
    _l("You will receive a confirmation by email. You can close this page."),
)
NOT_COMPLETED = NeutralPage(
    "not-completed",
    _l("CARO is not active yet"),
    _l("This attempt was not completed. Nothing was charged."),
    _l("Open the link in your email: it says what happened and how to try again."),
)
UNKNOWN = NeutralPage(
    "unknown",
    _l("The result is not known yet"),
    _l("Your bank has not answered yet. This page updates by itself."),
    _MAIL_FOLLOWS,
    waits=True,
)

#: Total over the states; a link that has closed says why to whoever has it, and to nobody else.
NEUTRAL_PAGES: Mapping[ActivationState, NeutralPage] = {
    ActivationState.INVITED: NOT_COMPLETED,
    ActivationState.TERMS_ACCEPTED: NOT_COMPLETED,
    ActivationState.AWAITING_BANK: UNKNOWN,
    ActivationState.ACTIVE: SUCCEEDED,
    ActivationState.EXPIRED: GENERAL,
    ActivationState.CANCELLED: GENERAL,
    ActivationState.REVOKED: GENERAL,
}


def render_neutral_page(state: ActivationState | None) -> str:
    """Draw the page of an activation in this state, or of none that is known."""
    return render_template("wizard/neutral.html", page=NEUTRAL_PAGES[state] if state else GENERAL)

"""The words of bulk actions: what each brings about, and what became of a request."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.order_rules import OrderProblem
from app.i18n import _l
from app.portal.dossiers.actions import RULES, STILL_WAITING
from app.portal.list_wording import EXPORTS
from app.services.bulk_actions import BULK_ACTIONS
from app.services.bulk_orders import ORDER
from app.services.invitations import ActionOutcome, ActivationAction

#: Their names, which speak of many requests.
NAMES: Mapping[ActivationAction, LazyString] = {
    ActivationAction.RESEND: _l("Resend the invitations"),
    ActivationAction.REMIND: _l("Send reminders"),
    ActivationAction.LANGUAGE: RULES[ActivationAction.LANGUAGE].name,
    ActivationAction.CANCEL: _l("Cancel the requests"),
}

#: What each brings about for every request; the others have the words of one request.
_EFFECTS: Mapping[ActivationAction, tuple[LazyString, ...]] = {
    ActivationAction.RESEND: (
        _l("Each cardholder receives the invitation again. A link stays the same."),
        _l("Its validity and its reminders start again."),
    ),
    ActivationAction.REMIND: (
        _l("Each cardholder receives the next reminder now."),
        _l("The reminders after it are sent on the planned days."),
    ),
    ActivationAction.CANCEL: (
        _l("The cardholders can no longer activate CARO and receive no more emails."),
        _l("Their addresses are deleted straight away."),
        _l("You can relaunch each request later. You will then enter the address again."),
    ),
}

#: What has become of a request that was not refused, or why it was; the rest cannot happen to many.
OUTCOMES: Mapping[str, LazyString] = {
    ActionOutcome.DONE: _l("Done"),
    ActionOutcome.STILL_WAITING: STILL_WAITING,
    OrderProblem.CHANGED_MEANWHILE: _l("It has changed meanwhile, so nothing was done."),
    OrderProblem.NOT_IN_THIS_STATE: _l("This was no longer possible, so nothing was done."),
    OrderProblem.UNKNOWN_ACTIVATION: _l("This request does not exist any more."),
    OrderProblem.NO_ADDRESS: _l("The cardholder's address has been deleted."),
    OrderProblem.SENT_TOO_OFTEN: _l("Enough invitations were sent to this address within 24 hours."),
    OrderProblem.NO_REMINDER_LEFT: _l("No more reminders will be sent."),
    OrderProblem.REMINDED_TOO_SOON: _l("The last email was sent less than a day ago."),
    OrderProblem.NOT_ALLOWED: _l("Whoever asked for this may no longer do it."),
}

#: What can be done with what was ticked, as an address and the history name it.
CHOICES: Mapping[str, LazyString] = {
    **{action: NAMES[action] for action in BULK_ACTIONS},
    **dict(EXPORTS.items()),
}
#: What else stands in the history of the office.
EVENT_NAMES: Mapping[str, LazyString] = {
    **CHOICES,
    "dossiers": _l("Import dossiers"),
    ORDER: _l("Order for several dossiers"),
}

NOTHING_TICKED = _l("Select at least one request first.")
NOTHING_CHOSEN = _l("Choose what to do with the selected requests.")
LIST_CHANGED = _l(
    "Some of these requests have changed since you opened this page, so nothing was done. This page now "
    "shows them as they are."
)
CHANGED_SINCE_TICKED = _l("This request has changed since you selected it. Look at it first.")


def announced_effects(action: ActivationAction, *, has_link: bool) -> tuple[LazyString, ...]:
    """Return what it brings about for many requests, of which one at least has a link or none has."""
    return _EFFECTS.get(action) or RULES[action].announced_effects(has_link=has_link)

"""The words of the testers' own tools."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.i18n import _l
from app.qa.replaying import ReplayKind
from app.simulation.bank.transactions import InjectedFault
from app.simulation.testing import Milestone

MOMENTS: Mapping[Milestone, LazyString] = {
    Milestone.NEXT_REMINDER: _l("The next reminder"),
    Milestone.LINK_END: _l("The end of the link"),
    Milestone.HANDOFF_END: _l("The bank no longer waits for the browser"),
    Milestone.BANK_TIMEOUT: _l("The bank's time is over"),
    Milestone.NEXT_MAIL: _l("The next email leaves"),
    Milestone.LOCK_END: _l("The page for card details opens again"),
    Milestone.ROOM_TO_SEND: _l("The cardholder may be sent another email"),
}

FAULTS: Mapping[InjectedFault, LazyString] = {
    InjectedFault.NONE: _l("Behave"),
    InjectedFault.DOWN: _l("Be down"),
    InjectedFault.SLOW: _l("Be too slow"),
    InjectedFault.WRONG: _l("Answer nonsense"),
}

REPLAYS: Mapping[ReplayKind, LazyString] = {
    ReplayKind.TWICE: _l("Twice"),
    ReplayKind.LATE: _l("Too late"),
    ReplayKind.FORGED: _l("Forged: it says yes"),
    ReplayKind.FOR_ANOTHER: _l("For another attempt"),
    ReplayKind.GARBLED: _l("Unreadable"),
}

#: By the code of a refusal; the others say no more than what kind of fault it is.
REASONS: Mapping[str, LazyString] = {
    "never_at_the_bank": _l("Nobody has gone to the bank for this request yet."),
    "nothing_to_wait_for": _l("The request does not wait for this moment."),
    "job_failed": _l("A job of the worker has failed. The log says which."),
    "bank_unreachable": _l("The simulated bank does not answer the server."),
    "already_ordered": _l("There is another request for this client reference."),
    "sent_too_often": _l("The cardholder has had enough emails for one day: let some time go by first."),
}
UNREADABLE = _l("Something that was entered cannot be read.")
IMPOSSIBLE = _l("It is not possible as the request stands.")

DEEDS: Mapping[str, LazyString] = {
    "resend": _l("Resend the invitation"),
    "replace": _l("Replace the link"),
    "cancel": _l("Cancel the request"),
    "revoke": _l("Stop the service"),
}

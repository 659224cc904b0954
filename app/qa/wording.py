"""The words of the testers' own tools."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.i18n import _l
from app.qa.replaying import What
from app.rehearsal import Moment
from app.simulator.faults import Misbehaviour

MOMENTS: Mapping[Moment, LazyString] = {
    Moment.NEXT_REMINDER: _l("The next reminder"),
    Moment.LINK_END: _l("The end of the link"),
    Moment.HANDOFF_END: _l("The bank no longer waits for the browser"),
    Moment.BANK_TIMEOUT: _l("The bank's time is over"),
    Moment.NEXT_MAIL: _l("The next email leaves"),
    Moment.LOCK_END: _l("The page for card details opens again"),
    Moment.ROOM_TO_SEND: _l("The cardholder may be sent another email"),
}

FAULTS: Mapping[Misbehaviour, LazyString] = {
    Misbehaviour.NONE: _l("Behave"),
    Misbehaviour.DOWN: _l("Be down"),
    Misbehaviour.SLOW: _l("Be too slow"),
    Misbehaviour.WRONG: _l("Answer nonsense"),
}

REPLAYS: Mapping[What, LazyString] = {
    What.TWICE: _l("Twice"),
    What.LATE: _l("Too late"),
    What.FORGED: _l("Forged: it says yes"),
    What.FOR_ANOTHER: _l("For another attempt"),
    What.GARBLED: _l("Unreadable"),
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

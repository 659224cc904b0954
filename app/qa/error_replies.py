"""How a command that is not possible is answered: one table for pages and API, and the words of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel.speaklater import LazyString

from app.bank.gateway import BankFault
from app.domain.order_rules import ActionRefused, InvalidOrder, OrderProblem
from app.i18n import _l
from app.qa.commands import InvalidField
from app.qa.return_replay import ReplayKind
from app.services.links import LinkUnavailable
from app.simulation.bank.transactions import InjectedFault
from app.simulation.testing import Milestone, NotPossibleNow, UnknownSandboxItem


@dataclass(frozen=True)
class ErrorReply:
    """A refusal: its status, a word for programs, and a sentence in English for whoever writes them."""

    status: int
    code: str
    sentence: str


#: Most refusals are of the state that the request is in.
_STATUSES: Mapping[OrderProblem, int] = {
    OrderProblem.UNKNOWN_ACTIVATION: 404,
    OrderProblem.ADDRESS_MISSING: 400,
    OrderProblem.BAD_ADDRESS: 400,
    OrderProblem.ADDRESS_ACCENT: 400,
    OrderProblem.ADDRESS_COMMA: 400,
    OrderProblem.ADDRESS_SPACE: 400,
    OrderProblem.SEVERAL_ADDRESSES: 400,
}


def _invalid_order_reply(error: InvalidOrder) -> ErrorReply:
    faults = ", ".join(f"{name}: {problem}" for name, problem in error.faults.items())
    return ErrorReply(400, error.problem, f"These fields break their rules: {faults}.")


def _action_refused_reply(error: ActionRefused) -> ErrorReply:
    sentence = f"The accountant would be refused as well: {error.problem}."
    return ErrorReply(_STATUSES.get(error.problem, 409), error.problem, sentence)


#: In this order: the first kind that an error is of tells it.
REFUSALS: Mapping[type[Exception], Callable[[Any], ErrorReply]] = {
    InvalidField: lambda error: ErrorReply(400, f"bad_{error.name}", str(error)),
    InvalidOrder: _invalid_order_reply,
    ActionRefused: _action_refused_reply,
    UnknownSandboxItem: lambda error: ErrorReply(404, "unknown", "Your office has nothing of this name."),
    NotPossibleNow: lambda error: ErrorReply(409, error.code, str(error)),
    LinkUnavailable: lambda error: ErrorReply(409, f"link_{error}", f"The link does not open: {error}."),
    BankFault: lambda error: ErrorReply(
        502, "bank_unreachable", f"The simulated bank does not answer: {error}."
    ),
}


def reply_to_error(error: Exception) -> ErrorReply:
    """Return how an error of the table is told."""
    return next(tell(error) for kind, tell in REFUSALS.items() if isinstance(error, kind))


MOMENTS: Mapping[Milestone, LazyString] = {
    Milestone.NEXT_REMINDER: _l("The next reminder"),
    Milestone.LINK_END: _l("The end of the link"),
    Milestone.HANDOFF_END: _l("The bank no longer waits for the browser"),
    Milestone.BANK_TIMEOUT: _l("The bank's time is over"),
    Milestone.NEXT_MAIL: _l("The next email leaves"),
    Milestone.LOCK_END: _l("The page for card details opens again"),
    Milestone.ROOM_FOR_MESSAGE: _l("The cardholder may send the office another message"),
    Milestone.ROOM_TO_SEND: _l("The invitation may be sent again"),
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
    "sent_too_often": _l("This address has had enough invitations for one day: let some time go by first."),
    "no_reminder_left": _l("No more reminders will be sent."),
    "reminded_too_soon": _l("The last email was sent less than a day ago: let some time go by first."),
    "corrected_too_often": _l("The address was entered often enough for one day: let some time go by first."),
}
UNREADABLE = _l("Something that was entered cannot be read.")
IMPOSSIBLE = _l("It is not possible as the request stands.")

COMMAND_LABELS: Mapping[str, LazyString] = {
    "resend": _l("Resend the invitation"),
    "remind": _l("Send a reminder"),
    "replace": _l("Replace the link"),
    "cancel": _l("Cancel the request"),
    "revoke": _l("Stop the service"),
}

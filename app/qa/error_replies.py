"""How a command that is not possible is answered: one table for pages and API, and the words of both."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel.speaklater import LazyString
from pydantic import BaseModel, Field

from app.bank.gateway import BankFault
from app.domain.order_rules import ActionRefused, OrderProblem
from app.i18n import _l
from app.qa.request_fields import FieldProblem, InvalidFields
from app.qa.return_replay import ReplayKind
from app.services.links import LinkUnavailable
from app.simulation.bank.transactions import InjectedFault
from app.simulation.testing import Milestone, NotPossibleNow, UnknownSandboxItem


class ErrorReply(BaseModel):
    """Why nothing was done."""

    status: int = Field(exclude=True)
    code: str = Field(description="A word for programs.")
    sentence: str = Field(description="The same as a sentence, in the language of Accept-Language.")
    fields: Sequence[FieldProblem] = Field(description="All fields that cannot be read.")


_IMPOSSIBLE = _l("It is not possible as the request stands.")

#: By status and word for programs: the sentence of every refusal, for pages, API and its document.
SENTENCES: Mapping[int, Mapping[str, LazyString]] = {
    400: {
        "invalid_fields": _l("Something that was sent cannot be read."),
        "bad_body": _l("Send one JSON object in UTF-8."),
    },
    401: {"no_key": _l("Send the key of your office as a bearer token.")},
    404: {
        "unknown": _l("Your office has nothing of this name."),
        "unknown_call": _l("The API has no such call: /qa/api describes it."),
    },
    405: {"wrong_method": _l("This call has another method: the header Allow names it.")},
    408: {"too_slow": _l("What you sent did not arrive in time.")},
    409: {
        OrderProblem.ALREADY_ORDERED: _l("There is another request for this client reference."),
        OrderProblem.NOT_IN_THIS_STATE: _IMPOSSIBLE,
        OrderProblem.NO_LINK: _l("At this bank there is no link."),
        OrderProblem.NO_ADDRESS: _l("The cardholder's address has been deleted."),
        OrderProblem.CHANGED_MEANWHILE: _l("It has changed meanwhile, so nothing was done."),
        OrderProblem.SENT_TOO_OFTEN: _l(
            "This address has had enough invitations for one day: let some time go by first."
        ),
        OrderProblem.NO_REMINDER_LEFT: _l("No more reminders will be sent."),
        OrderProblem.REMINDED_TOO_SOON: _l(
            "The last email was sent less than a day ago: let some time go by first."
        ),
        OrderProblem.CORRECTED_TOO_OFTEN: _l(
            "The address was entered often enough for one day: let some time go by first."
        ),
        OrderProblem.OFFICE_CORRECTED_TOO_OFTEN: _l(
            "Your office has corrected many addresses within an hour."
        ),
        "never_at_the_bank": _l("Nobody has gone to the bank for this request yet."),
        "nothing_to_wait_for": _l("The request does not wait for this moment."),
        "job_failed": _l("A job of the worker has failed. The log says which."),
        "link_closed": _l("The link of this request does not open."),
    },
    413: {"too_large": _l("What you sent is too large.")},
    415: {"no_json": _l("Send JSON, and say so in Content-Type.")},
    429: {"too_often": _l("Too many tries in a short time: try again later.")},
    500: {"failed": _l("Something is not working on our side.")},
    502: {"bank_unreachable": _l("The simulated bank does not answer the server.")},
    503: {"unavailable": _l("The service is not available at the moment.")},
}
_STATUSES: Mapping[str, int] = {code: status for status, codes in SENTENCES.items() for code in codes}

_KNOWN_AS: Mapping[OrderProblem, str] = {OrderProblem.UNKNOWN_ACTIVATION: "unknown"}
#: In this order: the first kind that an error is of says under which word it is told.
REFUSALS: Mapping[type[Exception], Callable[[Any], str]] = {
    InvalidFields: lambda error: "invalid_fields" if error.problems else "bad_body",
    ActionRefused: lambda error: _KNOWN_AS.get(error.problem, error.problem),
    UnknownSandboxItem: lambda error: "unknown",
    NotPossibleNow: lambda error: error.code,
    LinkUnavailable: lambda error: "link_closed",
    BankFault: lambda error: "bank_unreachable",
}


def reply_to_error(error: Exception) -> ErrorReply:
    """Return how an error of the table is told."""
    code = next(name(error) for kind, name in REFUSALS.items() if isinstance(error, kind))
    return make_reply(code, getattr(error, "problems", ()))


def make_reply(code: str, fields: Sequence[FieldProblem] = ()) -> ErrorReply:
    """Return the reply of this word; what the table does not know is of the state that the request is in."""
    status = _STATUSES.get(code, 409)
    sentence = str(SENTENCES[status].get(code, _IMPOSSIBLE))
    return ErrorReply(status=status, code=code, sentence=sentence, fields=fields)


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

COMMAND_LABELS: Mapping[str, LazyString] = {
    "resend": _l("Resend the invitation"),
    "remind": _l("Send a reminder"),
    "replace": _l("Replace the link"),
    "cancel": _l("Cancel the request"),
    "revoke": _l("Stop the service"),
}

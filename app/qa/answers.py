"""How a wish that cannot be granted is told: one table for buttons and programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.activations import ActionRefused, InvalidOrder, LinkUnavailable, OrderProblem
from app.bank.gateway import BankFault
from app.qa.wishes import InvalidField
from app.simulation.testing import NotPossibleNow, UnknownSandboxItem


@dataclass(frozen=True)
class ErrorReply:
    """A refusal: its status, a word for programs, and a sentence in English for whoever writes them."""

    status: int
    code: str
    sentence: str


def _action_refused_reply(error: Exception) -> ErrorReply:
    assert isinstance(error, ActionRefused)  # noqa: S101  # as the table has it
    return ErrorReply(
        _STATUSES.get(error.problem, 409),
        error.problem,
        f"The accountant would be refused as well: {error.problem}.",
    )


def _invalid_order_reply(error: Exception) -> ErrorReply:
    assert isinstance(error, InvalidOrder)  # noqa: S101
    faults = ", ".join(f"{name}: {problem}" for name, problem in error.faults.items())
    return ErrorReply(400, error.problem, f"These fields break their rules: {faults}.")


#: Most refusals are of the state that the request is in.
_STATUSES: Mapping[OrderProblem, int] = {
    OrderProblem.UNKNOWN_ACTIVATION: 404,
    OrderProblem.ADDRESS_MISSING: 400,
    OrderProblem.BAD_ADDRESS: 400,
}

#: In this order: the first kind that an error is of tells it.
_NOES: tuple[tuple[type[Exception], Callable[[Exception], ErrorReply]], ...] = (
    (InvalidField, lambda error: ErrorReply(400, f"bad_{getattr(error, 'name', '')}", str(error))),
    (InvalidOrder, _invalid_order_reply),
    (ActionRefused, _action_refused_reply),
    (UnknownSandboxItem, lambda error: ErrorReply(404, "unknown", "Your office has nothing of this name.")),
    (NotPossibleNow, lambda error: ErrorReply(409, str(getattr(error, "code", "")), str(error))),
    (LinkUnavailable, lambda error: ErrorReply(409, f"link_{error}", f"The link does not open: {error}.")),
    (
        BankFault,
        lambda error: ErrorReply(502, "bank_unreachable", f"The simulated bank does not answer: {error}."),
    ),
)

REFUSALS: Mapping[type[Exception], Callable[[Exception], ErrorReply]] = dict(_NOES)


def reply_to_error(error: Exception) -> ErrorReply:
    """Return how an error of the table is told."""
    return next(tell(error) for kind, tell in _NOES if isinstance(error, kind))

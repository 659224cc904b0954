"""How a wish that cannot be granted is told: one table for buttons and programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.activations import ActionRefused, InvalidOrder, LinkUnavailable, OrderProblem
from app.bank.gateway import BankFault
from app.qa.wishes import BadWish
from app.rehearsal import Impossible, Unknown


@dataclass(frozen=True)
class No:
    """A refusal: its status, a word for programs, and a sentence in English for whoever writes them."""

    status: int
    code: str
    sentence: str


def _refused(error: Exception) -> No:
    assert isinstance(error, ActionRefused)  # noqa: S101  # as the table has it
    return No(
        _STATUSES.get(error.problem, 409),
        error.problem,
        f"The accountant would be refused as well: {error.problem}.",
    )


def _wrong_fields(error: Exception) -> No:
    assert isinstance(error, InvalidOrder)  # noqa: S101
    faults = ", ".join(f"{name}: {problem}" for name, problem in error.faults.items())
    return No(400, error.problem, f"These fields break their rules: {faults}.")


#: Most refusals are of the state that the request is in.
_STATUSES: Mapping[OrderProblem, int] = {
    OrderProblem.UNKNOWN_ACTIVATION: 404,
    OrderProblem.ADDRESS_MISSING: 400,
    OrderProblem.BAD_ADDRESS: 400,
}

#: In this order: the first kind that an error is of tells it.
_NOES: tuple[tuple[type[Exception], Callable[[Exception], No]], ...] = (
    (BadWish, lambda error: No(400, f"bad_{getattr(error, 'name', '')}", str(error))),
    (InvalidOrder, _wrong_fields),
    (ActionRefused, _refused),
    (Unknown, lambda error: No(404, "unknown", "Your office has nothing of this name.")),
    (Impossible, lambda error: No(409, str(getattr(error, "code", "")), str(error))),
    (LinkUnavailable, lambda error: No(409, f"link_{error}", f"The link does not open: {error}.")),
    (BankFault, lambda error: No(502, "bank_unreachable", f"The simulated bank does not answer: {error}.")),
)

REFUSALS: Mapping[type[Exception], Callable[[Exception], No]] = dict(_NOES)


def no_to(error: Exception) -> No:
    """Return how an error of the table is told."""
    return next(tell(error) for kind, tell in _NOES if isinstance(error, kind))

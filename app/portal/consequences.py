"""What follows from each failure, asked of the verdicts themselves so that both cannot disagree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from flask_babel.speaklater import LazyString

from app.domain.failures import Failure
from app.domain.results import BankFaultKind, BankResult, CardVerification, RegisterRefusal, TransactionStatus
from app.domain.verdicts import REASONS, Verdict, judge_bank_fault, judge_register_refusal, judge_result
from app.i18n import _l


class Extent(StrEnum):
    """Whether something follows from a failure."""

    ALWAYS = "always"
    NEVER = "never"
    SOMETIMES = "sometimes"


#: The first may name the %(count)s at which the page closes.
COUNTS: Mapping[Extent, LazyString] = {
    Extent.ALWAYS: _l(
        "This failure counts: %(count)s such refusals within 24 hours close the page for the card details."
    ),
    Extent.NEVER: _l(
        "This failure does not count towards the refusals that close the page for the card details."
    ),
    Extent.SOMETIMES: _l(
        "Whether this failure counts towards the refusals that close the page for the card details depends "
        "on what the bank answered."
    ),
}
PROBLEM: Mapping[Extent, LazyString] = {
    Extent.ALWAYS: _l("The request then shows “Problem”."),
    Extent.NEVER: _l("The request does not show “Problem”."),
    Extent.SOMETIMES: _l("Whether the request shows “Problem” depends on what the bank answered."),
}


@dataclass(frozen=True)
class Consequences:
    """Whether a failure counts to the cap, and whether it is a *Problème*."""

    counts: Extent
    problem: Extent


#: A reason that no table knows: what the bank has reserved for itself.
_RESERVED = "87"
_REFUSED = (TransactionStatus.NOT_AUTHENTICATED, TransactionStatus.REJECTED)
_CANCELS = ("01", "04", "05")


def _results() -> Iterator[BankResult]:
    """Yield every kind of answer that the bank gives, with what refines it."""
    yield from (
        BankResult(status, reason) for status, reason in product(_REFUSED, (None, *REASONS, _RESERVED))
    )
    yield from (BankResult(TransactionStatus.NOT_AUTHENTICATED, cancel=cancel) for cancel in _CANCELS)
    yield from (BankResult(status, challenged=False) for status in TransactionStatus)
    yield from (
        BankResult(TransactionStatus.AUTHENTICATED, verification=verification)
        for verification in CardVerification
    )


def _verdicts() -> Iterator[Verdict]:
    yield from map(judge_register_refusal, RegisterRefusal)
    yield from map(judge_bank_fault, BankFaultKind)
    yield from (judge_result(result) for result in _results() if not result.approved)


def _extent(answers: set[bool]) -> Extent:
    if len(answers) > 1:
        return Extent.SOMETIMES
    return Extent.ALWAYS if True in answers else Extent.NEVER


def _found() -> Mapping[Failure, Consequences]:
    judged: defaultdict[Failure, list[Verdict]] = defaultdict(list)
    for verdict in _verdicts():
        judged[verdict.failure].append(verdict)
    return {
        failure: Consequences(
            counts=_extent({one.counts for one in verdicts}),
            problem=_extent({one.problem for one in verdicts}),
        )
        for failure, verdicts in judged.items()
    }


CONSEQUENCES = _found()

"""What follows from each failure, asked of the verdicts themselves so that both cannot disagree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from flask_babel.speaklater import LazyString

from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.failures import Failure
from app.domain.verdicts import REASONS, Verdict, judge_bank_fault, judge_register_refusal, judge_result
from app.i18n import _l


class Frequency(StrEnum):
    """Whether something follows from a failure."""

    ALWAYS = "always"
    NEVER = "never"
    SOMETIMES = "sometimes"


#: The first may name the %(count)s at which the page closes.
COUNTS: Mapping[Frequency, LazyString] = {
    Frequency.ALWAYS: _l(
        "This failure counts: %(count)s such refusals within 24 hours close the page for the card details."
    ),
    Frequency.NEVER: _l(
        "This failure does not count towards the refusals that close the page for the card details."
    ),
    Frequency.SOMETIMES: _l(
        "Whether this failure counts towards the refusals that close the page for the card details depends "
        "on what the bank answered."
    ),
}
PROBLEM: Mapping[Frequency, LazyString] = {
    Frequency.ALWAYS: _l("The request then shows “Problem”."),
    Frequency.NEVER: _l("The request does not show “Problem”."),
    Frequency.SOMETIMES: _l("Whether the request shows “Problem” depends on what the bank answered."),
}


@dataclass(frozen=True)
class FailureConsequences:
    """Whether a failure counts to the cap, and whether it is a *Problème*."""

    counts: Frequency
    problem: Frequency


#: A reason that no table knows: what the bank has reserved for itself.
_RESERVED = "87"
_REFUSED = (TransactionStatus.NOT_AUTHENTICATED, TransactionStatus.REJECTED)
_CANCELS = ("01", "04", "05")


def _all_results() -> Iterator[BankResult]:
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


def _all_verdicts() -> Iterator[Verdict]:
    yield from map(judge_register_refusal, RegisterRefusal)
    yield from map(judge_bank_fault, BankFaultKind)
    yield from (judge_result(result) for result in _all_results() if not result.approved)


def _frequency_of(answers: set[bool]) -> Frequency:
    if len(answers) > 1:
        return Frequency.SOMETIMES
    return Frequency.ALWAYS if True in answers else Frequency.NEVER


def _consequence_table() -> Mapping[Failure, FailureConsequences]:
    judged: defaultdict[Failure, list[Verdict]] = defaultdict(list)
    for verdict in _all_verdicts():
        judged[verdict.failure].append(verdict)
    return {
        failure: FailureConsequences(
            counts=_frequency_of({one.counts for one in verdicts}),
            problem=_frequency_of({one.problem for one in verdicts}),
        )
        for failure, verdicts in judged.items()
    }


CONSEQUENCES = _consequence_table()

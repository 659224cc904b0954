"""How the bank's answers are judged: which failure, whether it counts, whether it is a *Problème*."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import product

from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.cards import CardBrand
from app.domain.failures import Failure

REFUSALS: Mapping[RegisterRefusal, Failure] = {
    RegisterRefusal.NOT_LINKED: Failure.WRONG_CARD,
    RegisterRefusal.NOT_CREDIT: Failure.NOT_CREDIT,
}

#: A card of these brands is refused for its brand, whatever its kind; the register does not say so.
_OTHER_BRANDS = frozenset({CardBrand.AMEX, CardBrand.OTHER})

FAULTS: Mapping[BankFaultKind, Failure] = dict.fromkeys(BankFaultKind, Failure.TECHNICAL)

#: What mostly ends an attempt before the bank shows a page; the samples of these failures stop there.
BEFORE_BANK_PAGE = frozenset(
    {
        *REFUSALS.values(),
        *FAULTS.values(),
        Failure.BRAND_NOT_CARRIED,
        Failure.BANK_REFUSED,
        Failure.TOO_FREQUENT,
    }
)

#: The floor: for a non-payment request the reason is optional, so the status alone must suffice.
STATUSES: Mapping[TransactionStatus, Failure] = {
    TransactionStatus.AUTHENTICATED: Failure.BANK_REFUSED,  # without a challenge: no signature, no consent
    TransactionStatus.NOT_AUTHENTICATED: Failure.REFUSED,
    TransactionStatus.UNAVAILABLE: Failure.TECHNICAL,
    TransactionStatus.ATTEMPTED: Failure.TECHNICAL,
    TransactionStatus.REJECTED: Failure.BANK_REFUSED,
}

#: transStatusReason 01-26 refines N, U and R; 27 and above are reserved or scheme-specific.
REASONS: Mapping[str, Failure] = {
    "01": Failure.CARD_DATA,
    "02": Failure.DEVICE,
    "03": Failure.DEVICE,
    "04": Failure.TOO_FREQUENT,
    "05": Failure.CARD_EXPIRED,
    "06": Failure.CARD_DATA,
    "07": Failure.TECHNICAL,
    "08": Failure.CARD_DATA,
    "09": Failure.BANK_REFUSED,
    "10": Failure.BANK_REFUSED,
    "11": Failure.BANK_REFUSED,
    "12": Failure.NOT_PERMITTED,
    "13": Failure.BANK_REFUSED,
    "14": Failure.TIMED_OUT,
    "15": Failure.BANK_REFUSED,
    "16": Failure.REFUSED,
    "17": Failure.REFUSED,
    "18": Failure.REFUSED,
    "19": Failure.PIN,
    "20": Failure.BANK_REFUSED,
    "21": Failure.TECHNICAL,
    "22": Failure.TECHNICAL,
    "23": Failure.BANK_REFUSED,
    "24": Failure.TIMED_OUT,
    "25": Failure.TECHNICAL,
    "26": Failure.CANCELLED,
}
RESERVED = Failure.CARD_DATA

#: challengeCancel: pressed cancel, ten minutes passed, the bank never saw the browser in time.
_CANCELS: Mapping[str, Failure] = {
    "01": Failure.CANCELLED,
    "04": Failure.TIMED_OUT,
    "05": Failure.HANDOFF_LATE,
}

VERIFICATIONS: Mapping[CardVerification, Failure] = {
    CardVerification.APPROVED: Failure.BANK_REFUSED,  # reached only where the signature is missing
    CardVerification.WRONG_SECURITY_CODE: Failure.CARD_DATA,
    CardVerification.CARD_BLOCKED: Failure.CARD_BLOCKED,
    CardVerification.CARD_NEVER_USED: Failure.CARD_NEVER_USED,
    CardVerification.NOT_AVAILABLE: Failure.TECHNICAL,
}

_REFUSED = frozenset({TransactionStatus.NOT_AUTHENTICATED, TransactionStatus.REJECTED})
_UNCOUNTED_REASONS = frozenset({"04", "12", "13", "14", *(f"{code}" for code in range(20, 27))})
_PASSING_REASONS = frozenset({"14", "26"})


@dataclass(frozen=True)
class Verdict:
    """A failure and what follows from it: whether it counts to the cap, whether it is a *Problème*."""

    failure: Failure
    counts: bool
    problem: bool


def judge_register_refusal(refusal: RegisterRefusal, brand: CardBrand) -> Verdict:
    """Judge a card that the issuer's register refused before any bank page: always counted."""
    failure = REFUSALS[refusal]
    if failure is Failure.NOT_CREDIT and brand in _OTHER_BRANDS:
        failure = Failure.BRAND_NOT_CARRIED
    return Verdict(failure, counts=True, problem=True)


def judge_bank_fault(fault: BankFaultKind) -> Verdict:
    """Judge a broken conversation: it is nobody's refusal."""
    return Verdict(FAULTS[fault], counts=False, problem=False)


def judge_result(result: BankResult) -> Verdict:
    """Judge a fetched result that does not activate; raise ValueError for one that does."""
    if result.approved:
        raise ValueError("an approved result is not a failure")
    if result.status is TransactionStatus.AUTHENTICATED and result.challenged:
        return _judge_verification(result.verification)
    refused = result.status in _REFUSED and _failure_of_cancel(result) is None
    return Verdict(
        _failure_of(result),
        counts=refused and result.reason not in _UNCOUNTED_REASONS,
        problem=refused and result.reason not in _PASSING_REASONS,
    )


def _failure_of(result: BankResult) -> Failure:
    floor = STATUSES[result.status]
    unfinished = _failure_of_cancel(result)
    if unfinished is not None:
        return unfinished
    if result.reason is None or result.status not in (*_REFUSED, TransactionStatus.UNAVAILABLE):
        return floor
    return REASONS.get(result.reason, RESERVED if result.status in _REFUSED else floor)


def _failure_of_cancel(result: BankResult) -> Failure | None:
    """Say how the cardholder left, where no reason (they are optional) shows that the bank refused."""
    if result.status is TransactionStatus.AUTHENTICATED or result.reason not in (None, *_PASSING_REASONS):
        return None
    return _CANCELS.get(result.cancel or "")


def _judge_verification(verification: CardVerification | None) -> Verdict:
    if verification is None:
        return Verdict(Failure.TECHNICAL, counts=False, problem=False)
    unavailable = verification is CardVerification.NOT_AVAILABLE
    return Verdict(VERIFICATIONS[verification], counts=not unavailable, problem=True)


class Frequency(StrEnum):
    """Whether something follows from a failure."""

    ALWAYS = auto()
    NEVER = auto()
    SOMETIMES = auto()


@dataclass(frozen=True)
class FailureConsequences:
    """Whether a failure counts to the cap, and whether it is a *Problème*."""

    counts: Frequency
    problem: Frequency


def _all_results() -> Iterator[BankResult]:
    """Yield every kind of answer that the bank gives, with what refines it."""
    yield from (BankResult(status, reason) for status, reason in product(_REFUSED, (None, *REASONS)))
    yield from (BankResult(TransactionStatus.NOT_AUTHENTICATED, cancel=cancel) for cancel in _CANCELS)
    yield from (BankResult(status, challenged=False) for status in TransactionStatus)
    yield from (
        BankResult(TransactionStatus.AUTHENTICATED, verification=verification)
        for verification in CardVerification
    )


def _all_verdicts() -> Iterator[Verdict]:
    yield from (judge_register_refusal(*refused) for refused in product(RegisterRefusal, CardBrand))
    yield from map(judge_bank_fault, BankFaultKind)
    yield from (judge_result(result) for result in _all_results() if not result.approved)


def _frequency_of(answers: set[bool]) -> Frequency:
    if len(answers) > 1:
        return Frequency.SOMETIMES
    return Frequency.ALWAYS if True in answers else Frequency.NEVER


def _consequence_table() -> Mapping[Failure, FailureConsequences]:
    """Return what follows from each failure, asked of the verdicts so that both cannot disagree."""
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

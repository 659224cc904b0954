"""What a failed attempt shows, whether it counts, whether the accountant reads *Problème*."""

from itertools import product

import pytest

from app.domain.failures import CATALOGUE, Failure, Item, Message
from app.domain.results import Fault, Refusal, Result, Status, Verification
from app.domain.verdicts import (
    FAULTS,
    REASONS,
    REFUSALS,
    STATUSES,
    VERIFICATIONS,
    broken_by,
    judge,
    refused_by_register,
)

Y, N, U, A, R = Status
REASON_CODES = [None, *(f"{code:02d}" for code in range(1, 100))]


def signed(verification: Verification | None) -> Result:
    return Result(Y, verification=verification)


@pytest.mark.parametrize(
    ("refusal", "message", "items"),
    [
        (Refusal.NOT_LINKED, Message.E1, (Item.REFERENCE, Item.BANK_CONTACT)),
        (Refusal.NOT_CREDIT, Message.E2, (Item.KIND,)),
    ],
)
def test_refused_cards_always_count(refusal: Refusal, message: Message, items: tuple[Item, ...]) -> None:
    verdict = refused_by_register(refusal)
    assert (verdict.counts, verdict.problem) == (True, True)
    assert (CATALOGUE[verdict.failure].message, CATALOGUE[verdict.failure].items) == (message, items)


@pytest.mark.parametrize("fault", Fault)
def test_broken_bank_blames_nobody(fault: Fault) -> None:
    verdict = broken_by(fault)
    assert (verdict.counts, verdict.problem) == (False, False)
    page = CATALOGUE[verdict.failure]
    assert (page.message, page.items[0]) == (Message.E3, Item.LATER)


UNCOUNTED = {"04", "12", "13", "14", "20", "21", "22", "23", "24", "25", "26"}


@pytest.mark.parametrize("status", [N, R])
def test_refusals_count_but_for_listed_reasons(status: Status) -> None:
    verdicts = {reason: judge(Result(status, reason)) for reason in REASON_CODES}
    assert {reason for reason, verdict in verdicts.items() if not verdict.counts} == UNCOUNTED
    assert {reason for reason, verdict in verdicts.items() if not verdict.problem} == {"14", "26"}


@pytest.mark.parametrize(("status", "challenged"), product((U, A), (True, False)))
def test_undecided_answers_are_nobodys_refusal(status: Status, challenged: bool) -> None:
    verdicts = [judge(Result(status, reason, challenged=challenged)) for reason in REASON_CODES]
    assert not any(verdict.counts or verdict.problem for verdict in verdicts)


@pytest.mark.parametrize(
    ("verification", "counts", "problem"),
    [
        (Verification.WRONG_SECURITY_CODE, True, True),
        (Verification.CARD_BLOCKED, True, True),
        (Verification.CARD_NEVER_USED, True, True),
        (Verification.NOT_AVAILABLE, False, True),
        (None, False, False),
    ],
)
def test_verifications_count_when_the_card_failed(
    verification: Verification | None, counts: bool, problem: bool
) -> None:
    verdict = judge(signed(verification))
    assert (verdict.counts, verdict.problem) == (counts, problem)


@pytest.mark.parametrize("cancel", [None, "01", "04", "05", "08", "99"])
def test_any_answer_at_all_gets_a_page(cancel: str | None) -> None:
    answers = (
        Result(status, reason, cancel, challenged, verification)
        for status, reason, challenged, verification in product(
            Status, REASON_CODES, (True, False), (None, *Verification)
        )
    )
    assert {judge(answer).failure for answer in answers if not answer.approved} <= set(CATALOGUE)


@pytest.mark.parametrize("reason", [None, "14", "26"])
@pytest.mark.parametrize(
    ("cancel", "failure"),
    [("01", Failure.CANCELLED), ("04", Failure.TIMED_OUT), ("05", Failure.HANDOFF_LATE)],
)
def test_leaving_the_bank_is_no_refusal(cancel: str, failure: Failure, reason: str | None) -> None:
    verdict = judge(Result(N, reason, cancel))
    assert (verdict.failure, verdict.counts, verdict.problem) == (failure, False, False)


@pytest.mark.parametrize("cancel", ["01", "04", "05"])
def test_named_refusal_outranks_leaving(cancel: str) -> None:
    assert judge(Result(N, "19", cancel)) == judge(Result(N, "19"))
    assert judge(Result(R, "11", cancel)) == judge(Result(R, "11"))


def test_approved_results_are_no_failure() -> None:
    with pytest.raises(ValueError, match="approved"):
        judge(signed(Verification.APPROVED))


@pytest.mark.parametrize(
    ("status", "challenged", "verification"), product(Status, (True, False), (None, *Verification))
)
def test_only_signed_and_verified_activates(
    status: Status, challenged: bool, verification: Verification | None
) -> None:
    approved = Result(status, challenged=challenged, verification=verification).approved
    assert approved == ((status, challenged, verification) == (Y, True, Verification.APPROVED))


def test_tables_are_total() -> None:
    assert set(CATALOGUE) == set(Failure)
    assert set(REFUSALS) == set(Refusal)
    assert set(FAULTS) == set(Fault)
    assert set(STATUSES) == set(Status)
    assert set(VERIFICATIONS) == set(Verification)
    assert set(REASONS) == {f"{code:02d}" for code in range(1, 27)}


def test_every_message_and_item_is_used() -> None:
    pages = CATALOGUE.values()
    assert {page.message for page in pages} == set(Message)
    assert {item for page in pages for item in page.items} == set(Item)


def test_few_failures_have_a_message_of_their_own() -> None:
    assert {
        failure: page.message for failure, page in CATALOGUE.items() if page.message is not Message.E3
    } == {
        Failure.WRONG_CARD: Message.E1,
        Failure.NOT_CREDIT: Message.E2,
        Failure.CANCELLED: Message.CANCELLED,
        Failure.HANDOFF_LATE: Message.TOO_LATE,
    }


def test_every_failure_can_happen() -> None:
    answers = (
        Result(status, reason, cancel)
        for status in Status
        for reason in REASON_CODES
        for cancel in (None, "05")
    )
    reached = {judge(answer).failure for answer in answers if answer.status is not Y}
    reached |= {judge(signed(said)).failure for said in Verification if said is not Verification.APPROVED}
    assert reached | set(REFUSALS.values()) | set(FAULTS.values()) == set(Failure)


@pytest.mark.parametrize("failure", Failure)
def test_checklists_repeat_nothing_and_wait_forward(failure: Failure) -> None:
    page = CATALOGUE[failure]
    assert len(set(page.items)) == len(page.items) > 0
    assert page.wait is None or page.wait.total_seconds() > 0


def test_theft_and_fraud_stay_unsaid() -> None:
    pages = {CATALOGUE[judge(Result(R, reason)).failure] for reason in ("10", "11")}
    assert {page.items for page in pages} == {(Item.BANK,)}

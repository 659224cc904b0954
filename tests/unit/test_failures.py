"""What a failed attempt shows, whether it counts, whether the accountant reads *Problème*."""

from itertools import product

import pytest

from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.cards import CardBrand
from app.domain.failures import FAILURES, TONES, ChecklistItem, Failure, FailureMessage, FailureTone
from app.domain.verdicts import (
    FAULTS,
    REASONS,
    REFUSALS,
    STATUSES,
    VERIFICATIONS,
    judge_bank_fault,
    judge_register_refusal,
    judge_result,
)

Y, N, U, A, R = TransactionStatus
REASON_CODES = [None, *(f"{code:02d}" for code in range(1, 100))]


def signed(verification: CardVerification | None) -> BankResult:
    return BankResult(Y, verification=verification)


@pytest.mark.parametrize(
    ("refusal", "message", "items"),
    [
        (
            RegisterRefusal.NOT_LINKED,
            FailureMessage.WRONG_CARD,
            (ChecklistItem.REFERENCE, ChecklistItem.BANK_CONTACT),
        ),
        (
            RegisterRefusal.NOT_CREDIT,
            FailureMessage.CARD_NOT_USABLE,
            (ChecklistItem.KIND, ChecklistItem.REFERENCE),
        ),
    ],
)
@pytest.mark.parametrize("brand", [CardBrand.VISA, CardBrand.MASTERCARD, CardBrand.MAESTRO])
def test_refused_cards_always_count(
    refusal: RegisterRefusal, message: FailureMessage, items: tuple[ChecklistItem, ...], brand: CardBrand
) -> None:
    verdict = judge_register_refusal(refusal, brand)
    assert (verdict.counts, verdict.problem) == (True, True)
    assert (FAILURES[verdict.failure].message, FAILURES[verdict.failure].items) == (message, items)


@pytest.mark.parametrize("brand", [CardBrand.AMEX, CardBrand.OTHER])
def test_a_brand_that_is_not_carried_is_named_and_counts(brand: CardBrand) -> None:
    verdict = judge_register_refusal(RegisterRefusal.NOT_CREDIT, brand)
    assert (verdict.counts, verdict.problem) == (True, True)
    page = FAILURES[verdict.failure]
    assert (page.message, page.items) == (
        FailureMessage.CARD_NOT_USABLE,
        (ChecklistItem.BRAND, ChecklistItem.REFERENCE),
    )
    unknown = judge_register_refusal(RegisterRefusal.NOT_LINKED, brand)
    assert FAILURES[unknown.failure].message is FailureMessage.WRONG_CARD


@pytest.mark.parametrize("fault", BankFaultKind)
def test_broken_bank_blames_nobody(fault: BankFaultKind) -> None:
    verdict = judge_bank_fault(fault)
    assert (verdict.counts, verdict.problem) == (False, False)
    page = FAILURES[verdict.failure]
    assert (page.message, page.items) == (FailureMessage.SOMETHING_WRONG, (ChecklistItem.LATER,))


UNCOUNTED = {"04", "12", "13", "14", "20", "21", "22", "23", "24", "25", "26"}


@pytest.mark.parametrize("status", [N, R])
def test_refusals_count_but_for_listed_reasons(status: TransactionStatus) -> None:
    verdicts = {reason: judge_result(BankResult(status, reason)) for reason in REASON_CODES}
    assert {reason for reason, verdict in verdicts.items() if not verdict.counts} == UNCOUNTED
    assert {reason for reason, verdict in verdicts.items() if not verdict.problem} == {"14", "26"}


@pytest.mark.parametrize(("status", "challenged"), product((U, A), (True, False)))
def test_undecided_answers_are_nobodys_refusal(status: TransactionStatus, challenged: bool) -> None:
    verdicts = [judge_result(BankResult(status, reason, challenged=challenged)) for reason in REASON_CODES]
    assert not any(verdict.counts or verdict.problem for verdict in verdicts)


@pytest.mark.parametrize(
    ("verification", "counts", "problem"),
    [
        (CardVerification.WRONG_SECURITY_CODE, True, True),
        (CardVerification.CARD_BLOCKED, True, True),
        (CardVerification.CARD_NEVER_USED, True, True),
        (CardVerification.NOT_AVAILABLE, False, True),
        (None, False, False),
    ],
)
def test_verifications_count_when_the_card_failed(
    verification: CardVerification | None, counts: bool, problem: bool
) -> None:
    verdict = judge_result(signed(verification))
    assert (verdict.counts, verdict.problem) == (counts, problem)


@pytest.mark.parametrize("cancel", [None, "01", "04", "05", "08", "99"])
def test_any_answer_at_all_gets_a_page(cancel: str | None) -> None:
    answers = (
        BankResult(status, reason, cancel, challenged, verification)
        for status, reason, challenged, verification in product(
            TransactionStatus, REASON_CODES, (True, False), (None, *CardVerification)
        )
    )
    assert {judge_result(answer).failure for answer in answers if not answer.approved} <= set(FAILURES)


@pytest.mark.parametrize("reason", [None, "14", "26"])
@pytest.mark.parametrize(
    ("cancel", "failure"),
    [("01", Failure.CANCELLED), ("04", Failure.TIMED_OUT), ("05", Failure.HANDOFF_LATE)],
)
def test_leaving_the_bank_is_no_refusal(cancel: str, failure: Failure, reason: str | None) -> None:
    verdict = judge_result(BankResult(N, reason, cancel))
    assert (verdict.failure, verdict.counts, verdict.problem) == (failure, False, False)


@pytest.mark.parametrize("cancel", ["01", "04", "05"])
def test_named_refusal_outranks_leaving(cancel: str) -> None:
    assert judge_result(BankResult(N, "19", cancel)) == judge_result(BankResult(N, "19"))
    assert judge_result(BankResult(R, "11", cancel)) == judge_result(BankResult(R, "11"))


def test_approved_results_are_no_failure() -> None:
    with pytest.raises(ValueError, match="approved"):
        judge_result(signed(CardVerification.APPROVED))


@pytest.mark.parametrize(
    ("status", "challenged", "verification"),
    product(TransactionStatus, (True, False), (None, *CardVerification)),
)
def test_only_signed_and_verified_activates(
    status: TransactionStatus, challenged: bool, verification: CardVerification | None
) -> None:
    approved = BankResult(status, challenged=challenged, verification=verification).approved
    assert approved == ((status, challenged, verification) == (Y, True, CardVerification.APPROVED))


def test_tables_are_total() -> None:
    assert set(FAILURES) == set(Failure)
    assert set(TONES) == set(FailureMessage)
    assert set(REFUSALS) == set(RegisterRefusal)
    assert set(FAULTS) == set(BankFaultKind)
    assert set(STATUSES) == set(TransactionStatus)
    assert set(VERIFICATIONS) == set(CardVerification)
    assert set(REASONS) == {f"{code:02d}" for code in range(1, 27)}


def test_every_message_and_item_is_used() -> None:
    pages = FAILURES.values()
    assert {page.message for page in pages} == set(FailureMessage)
    assert {item for page in pages for item in page.items} == set(ChecklistItem)


def test_few_failures_have_a_message_of_their_own() -> None:
    assert {
        failure: page.message
        for failure, page in FAILURES.items()
        if page.message is not FailureMessage.SOMETHING_WRONG
    } == {
        Failure.WRONG_CARD: FailureMessage.WRONG_CARD,
        Failure.NOT_CREDIT: FailureMessage.CARD_NOT_USABLE,
        Failure.BRAND_NOT_CARRIED: FailureMessage.CARD_NOT_USABLE,
        Failure.TIMED_OUT: FailureMessage.TIME_OVER,
        Failure.CANCELLED: FailureMessage.CANCELLED,
        Failure.HANDOFF_LATE: FailureMessage.TOO_LATE,
    }


def test_every_failure_can_happen() -> None:
    answers = (
        BankResult(status, reason, cancel)
        for status in TransactionStatus
        for reason in REASON_CODES
        for cancel in (None, "05")
    )
    reached = {judge_result(answer).failure for answer in answers if answer.status is not Y}
    reached |= {
        judge_result(signed(said)).failure
        for said in CardVerification
        if said is not CardVerification.APPROVED
    }
    reached |= {judge_register_refusal(*refused).failure for refused in product(RegisterRefusal, CardBrand)}
    assert reached | set(FAULTS.values()) == set(Failure)


@pytest.mark.parametrize("failure", Failure)
def test_checklists_repeat_nothing_and_wait_forward(failure: Failure) -> None:
    page = FAILURES[failure]
    assert len(set(page.items)) == len(page.items)
    assert page.wait is None or page.wait.total_seconds() >= 0


@pytest.mark.parametrize("failure", Failure)
def test_only_an_alarm_has_something_to_check(failure: Failure) -> None:
    page = FAILURES[failure]
    assert bool(page.items) is (page.tone is FailureTone.ALARM)
    assert page.tone is FailureTone.ALARM or page.wait is None


def test_failures_in_rows_stay_readable() -> None:
    assert {
        "wrong_card", "not_credit", "card_data", "pin", "card_expired", "not_permitted", "refused",
        "bank_refused", "card_blocked", "card_never_used", "device", "technical", "too_frequent",
        "timed_out", "cancelled", "handoff_late",
    } <= set(Failure)  # fmt: skip


def test_theft_and_fraud_stay_unsaid() -> None:
    pages = {FAILURES[judge_result(BankResult(R, reason)).failure] for reason in ("10", "11")}
    assert {page.items for page in pages} == {(ChecklistItem.BANK,)}

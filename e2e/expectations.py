"""What must hold behind a page: rows, counts and mails."""

from collections.abc import Sequence

from app.domain.cards import brand_of
from app.domain.failures import FAILURES, Failure
from app.domain.history import AttemptOutcome, EventType
from app.domain.states import ActivationState, StatusLabel
from app.simulation.scenarios import Scenario
from e2e.api_models import AttemptModel
from e2e.pages import FailurePage, LinkClosedPage, SuccessPage
from e2e.product import PlacedActivation, Product


def expect_failure(
    product: Product, order: PlacedActivation, shown: FailurePage, row: Scenario, number: str
) -> None:
    """Expect the page and the record of one failed attempt to be what the table says."""
    assert isinstance(row.page, Failure)
    shown.reads(FAILURES[row.page].message, order.reference)
    assert set(shown.items[:1]) <= set(row.first_items)
    assert shown.items == list(FAILURES[row.page].items)
    evidence = product.evidence(order)
    assert evidence.state is ActivationState.TERMS_ACCEPTED
    assert evidence.label is (StatusLabel.PROBLEM if row.problem else StatusLabel.INVITATION_SENT)
    _expect_one_attempt(evidence.attempts, number)
    _expect_failed(evidence.attempt, row)
    assert [consent.bank_status for consent in evidence.consents] == [None]
    assert evidence.confirmations == 0


def expect_locked(
    product: Product, order: PlacedActivation, shown: LinkClosedPage, row: Scenario, number: str
) -> None:
    """Expect as many recorded refusals of one card as close the card page, and nothing else."""
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (ActivationState.TERMS_ACCEPTED, StatusLabel.PROBLEM)
    assert len(evidence.attempts) == product.caps.refusals_a_day
    for attempt in evidence.attempts:
        _expect_one_attempt([attempt], number)
        _expect_failed(attempt, row)
    assert [consent.bank_status for consent in evidence.consents] == [None]
    assert evidence.confirmations == 0


def expect_active(product: Product, order: PlacedActivation, shown: SuccessPage, number: str) -> None:
    """Expect the service to be active, once, on the evidence of one signature."""
    product.work(order.office)
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (ActivationState.ACTIVE, StatusLabel.ACTIVE)
    assert evidence.address is None
    _expect_one_attempt(evidence.attempts[-1:], number)
    attempt = evidence.attempts[-1]
    assert (attempt.outcome, attempt.failure, attempt.bank_status) == (AttemptOutcome.SUCCEEDED, None, "Y")
    assert (attempt.counted, attempt.problem) == (False, False)
    (consent,) = evidence.consents
    assert (consent.bank_status, consent.bank_transaction) == ("Y", attempt.transaction)
    assert (consent.reference_confirmed, consent.conditions_accepted) == (True, True)
    assert consent.client_reference == order.reference
    assert evidence.confirmations == 1


def expect_nothing_tried(
    product: Product,
    order: PlacedActivation,
    state: ActivationState = ActivationState.TERMS_ACCEPTED,
    label: StatusLabel = StatusLabel.INVITATION_SENT,
    *,
    consents: int = 1,
) -> None:
    """Expect no attempt, the bank never asked, and no more agreed to than was."""
    evidence = product.evidence(order)
    assert (evidence.state, evidence.label) == (state, label)
    assert not evidence.attempts
    assert [consent.bank_status for consent in evidence.consents] == [None] * consents
    assert evidence.confirmations == 0


def expect_address_kept(product: Product, order: PlacedActivation) -> None:
    """Expect the cardholder's address to be there still; on a server of our own it is found in files."""
    assert product.evidence(order).address == order.address
    assert product.own is None or product.own.traces(order.address)


def expect_address_erased(product: Product, order: PlacedActivation) -> None:
    """Expect the address to be forgotten; on a server of our own it is searched for byte by byte."""
    evidence = product.evidence(order)
    assert evidence.address is None
    assert EventType.ADDRESS_ERASED in evidence.event_types
    if product.own:
        # What is erased lives on in the write-ahead log until the worker has emptied it.
        product.own.work()
        assert product.own.traces(order.address) == []


def _expect_one_attempt(attempts: Sequence[AttemptModel], number: str) -> None:
    (attempt,) = attempts
    assert (attempt.brand, attempt.last_four) == (brand_of(number), number[-4:])


def _expect_failed(attempt: AttemptModel, row: Scenario) -> None:
    assert (attempt.outcome, attempt.failure) == (AttemptOutcome.FAILED, row.page)
    assert (attempt.counted, attempt.problem) == (row.counts, row.problem)
    assert (attempt.bank_status, attempt.bank_reason) == (row.status, row.reason)

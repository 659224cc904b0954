"""From the card to the verdict: whatever happens in between, one thing happens once."""

import pytest
from sqlalchemy import func, select

from app.bank.gateway import BankChallenge
from app.db import Database
from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.states import ActivationState, LinkCondition, StatusLabel
from app.domain.terms import NEWEST_VERSION
from app.models import Attempt, Consent, Event, OutboxMessage
from app.queries.activation_list import list_summaries
from app.services.links import LinkUnavailable
from tests.support.cardholder_steps import AGREEMENT, CARD, CardholderSteps
from tests.support.doubles import BROWSER_MESSAGES, FakeBank, MovableClock

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
REFUSED = BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19")


@pytest.fixture
def at_bank(cardholder_steps: CardholderSteps) -> CardholderSteps:
    cardholder_steps.accept()
    cardholder_steps.submit()
    return cardholder_steps


def events(database: Database) -> list[EventType]:
    with database.read_connection() as connection:
        return list(connection.execute(select(Event.event_type).order_by(Event.id)).scalars())


def confirmations(database: Database) -> int:
    with database.read_connection() as connection:
        query = select(func.count()).where(OutboxMessage.kind == MailKind.CONFIRMATION)
        return connection.execute(query).scalar_one()


def returned(transaction: str) -> dict[str, str]:
    """Return what a browser brings back from an attempt, as far as the product looks at it."""
    form = BROWSER_MESSAGES.challenge_form(transaction, BankChallenge("", transaction), "")
    return {"cres": form.fields["creq"]}


def test_accepting_twice_records_one_consent(cardholder_steps: CardholderSteps, database: Database) -> None:
    activation = cardholder_steps.activation
    cardholder_steps.accept()
    cardholder_steps.services.consents.accept_terms(activation, AGREEMENT)

    with database.read_connection() as connection:
        (consent,) = connection.execute(select(Consent.__table__)).all()
    assert consent.client_reference == activation.client_reference
    assert (consent.terms_version, consent.terms_sha256) == (NEWEST_VERSION, "a" * 64)
    assert consent.reference_confirmed
    assert consent.conditions_accepted
    assert events(database).count(EventType.TERMS_ACCEPTED) == 1


def test_a_card_before_the_terms_reaches_no_bank(cardholder_steps: CardholderSteps, bank: FakeBank) -> None:
    cardholder_steps.submit()

    assert bank.asked == []
    assert cardholder_steps.state() is ActivationState.INVITED


def test_a_card_is_kept_as_brand_and_last_four(at_bank: CardholderSteps, database: Database) -> None:
    with database.read_connection() as connection:
        row = str(connection.execute(select(Attempt.__table__)).one())
    assert "6391" in row
    assert "Visa" in row
    assert CARD.number not in row
    assert CARD.number[:6] not in row


def test_the_bank_is_called_with_no_transaction_open(
    cardholder_steps: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    cardholder_steps.accept()

    def write_meanwhile() -> None:
        with database.transaction() as session:
            assert session.execute(select(func.count()).select_from(Attempt)).scalar_one() == 1

    bank.during = write_meanwhile
    cardholder_steps.submit()

    assert cardholder_steps.state() is ActivationState.AWAITING_BANK


def test_a_double_click_makes_one_attempt(at_bank: CardholderSteps, bank: FakeBank) -> None:
    at_bank.submit()

    assert len(bank.asked) == 1


def test_the_returning_browser_activates_by_the_fetched_result(
    at_bank: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    bank.decides(SIGNED)

    assert at_bank.come_back(returned(bank.transaction)) == at_bank.public_id

    assert at_bank.state() is ActivationState.ACTIVE
    assert confirmations(database) == 1
    with database.read_connection() as connection:
        consent = connection.execute(select(Consent.bank_status, Consent.bank_transaction)).one()
    assert tuple(consent) == ("Y", bank.transaction)


def test_a_forged_yes_changes_nothing(at_bank: CardholderSteps, bank: FakeBank) -> None:
    at_bank.come_back(returned(bank.transaction))
    assert at_bank.state() is ActivationState.AWAITING_BANK

    bank.decides(REFUSED)
    at_bank.come_back(returned(bank.transaction))
    assert at_bank.state() is ActivationState.TERMS_ACCEPTED


def test_a_garbled_answer_finds_its_attempt_by_the_handle(at_bank: CardholderSteps, bank: FakeBank) -> None:
    bank.decides(SIGNED)
    handle = at_bank.services.context.tokens.sign_attempt_handle(bank.transaction)

    assert at_bank.come_back({"cres": "%%%", "threeDSSessionData": handle}) == at_bank.public_id
    assert at_bank.state() is ActivationState.ACTIVE


def test_an_answer_of_nobody_leads_nowhere(at_bank: CardholderSteps, bank: FakeBank) -> None:
    stranger = returned("11111111-2222-4333-8444-555555555555")

    assert at_bank.come_back(stranger) is None
    assert at_bank.come_back({}) is None
    assert at_bank.come_back({"cres": "", "threeDSSessionData": "forged.handle"}) is None


def test_returning_twice_activates_once(at_bank: CardholderSteps, bank: FakeBank, database: Database) -> None:
    bank.decides(SIGNED)
    for _ in range(3):
        assert at_bank.come_back(returned(bank.transaction)) == at_bank.public_id

    assert confirmations(database) == 1
    assert events(database).count(EventType.ACTIVATED) == 1


def test_a_closed_tab_still_activates_by_the_sweep(
    at_bank: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.decides(SIGNED)
    assert at_bank.services.attempt_results.check_due_attempts() == 0
    clock.advance(seconds=30)

    assert at_bank.services.attempt_results.check_due_attempts() == 1
    assert at_bank.state() is ActivationState.ACTIVE
    assert at_bank.services.attempt_results.check_due_attempts() == 0


def test_a_returned_browser_is_asked_about_every_five_seconds(
    at_bank: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    at_bank.come_back(returned(bank.transaction))
    for _ in range(3):
        clock.advance(seconds=5)
        assert at_bank.services.attempt_results.check_due_attempts() == 1

    assert len(bank.fetched) == 4


def test_an_attempt_without_a_verdict_ends_after_twelve_minutes(
    at_bank: CardholderSteps, clock: MovableClock
) -> None:
    clock.advance(minutes=11, seconds=59)
    at_bank.services.attempt_results.check_due_attempts()
    assert at_bank.state() is ActivationState.AWAITING_BANK

    clock.advance(seconds=31)
    at_bank.services.attempt_results.check_due_attempts()
    last = at_bank.services.links.last_attempt(at_bank.activation)
    assert at_bank.state() is ActivationState.TERMS_ACCEPTED
    assert last is not None
    assert last.failure is Failure.TIMED_OUT


def test_an_unreachable_bank_is_asked_again_until_the_end(
    at_bank: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.decides(BankFaultKind.UNREACHABLE)
    clock.advance(seconds=30)
    at_bank.services.attempt_results.check_due_attempts()
    assert at_bank.state() is ActivationState.AWAITING_BANK

    bank.decides(SIGNED)
    clock.advance(seconds=30)
    at_bank.services.attempt_results.check_due_attempts()
    assert at_bank.state() is ActivationState.ACTIVE


def test_an_attempt_the_bank_never_received_ends_after_a_minute(
    at_bank: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.decides(BankFaultKind.UNKNOWN_TRANSACTION)
    clock.advance(seconds=30)
    at_bank.services.attempt_results.check_due_attempts()
    assert at_bank.state() is ActivationState.AWAITING_BANK

    clock.advance(seconds=30)
    at_bank.services.attempt_results.check_due_attempts()
    assert at_bank.state() is ActivationState.TERMS_ACCEPTED


@pytest.mark.parametrize(
    ("answer", "failure", "counted", "problem"),
    [
        (RegisterRefusal.NOT_LINKED, Failure.WRONG_CARD, True, True),
        (RegisterRefusal.NOT_CREDIT, Failure.NOT_CREDIT, True, True),
        (BankFaultKind.UNREACHABLE, Failure.TECHNICAL, False, False),
        (BankFaultKind.TIMED_OUT, Failure.TECHNICAL, False, False),
        (BankFaultKind.FOREIGN_CHALLENGE, Failure.TECHNICAL, False, False),
        (BankResult(TransactionStatus.REJECTED, "11", challenged=False), Failure.BANK_REFUSED, True, True),
        (
            BankResult(TransactionStatus.NOT_AUTHENTICATED, "13", challenged=False),
            Failure.BANK_REFUSED,
            False,
            True,
        ),
        (BankResult(TransactionStatus.ATTEMPTED, challenged=False), Failure.TECHNICAL, False, False),
        (
            BankResult(
                TransactionStatus.AUTHENTICATED, challenged=False, verification=CardVerification.APPROVED
            ),
            Failure.BANK_REFUSED,
            False,
            False,
        ),
    ],
)
def test_a_refusal_without_a_challenge_ends_the_attempt(
    cardholder_steps: CardholderSteps,
    bank: FakeBank,
    database: Database,
    answer: RegisterRefusal | BankFaultKind | BankResult,
    failure: Failure,
    counted: bool,
    problem: bool,
) -> None:
    bank.answer = answer
    cardholder_steps.accept()
    cardholder_steps.submit()

    assert cardholder_steps.state() is ActivationState.TERMS_ACCEPTED
    with database.read_connection() as connection:
        row = connection.execute(
            select(Attempt.failure, Attempt.counted, Attempt.problem, Attempt.outcome)
        ).one()
    assert tuple(row) == (failure, counted, problem, AttemptOutcome.FAILED)
    expected = StatusLabel.PROBLEM if problem else StatusLabel.INVITATION_SENT
    assert list_summaries(cardholder_steps.services.context)[0].label is expected


def test_five_refusals_close_the_card_page_for_a_day(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    first = clock()
    for _ in range(5):
        cardholder_steps.submit()
        clock.advance(minutes=1)

    opens_at = cardholder_steps.services.card_attempts.card_page_opens_at(cardholder_steps.activation)
    assert opens_at is not None
    assert (opens_at - first).days == 1
    with pytest.raises(LinkUnavailable) as unavailable:
        cardholder_steps.submit()
    assert unavailable.value.condition is LinkCondition.LOCKED
    assert unavailable.value.opens_at == opens_at
    assert len(bank.asked) == 5

    clock.now = opens_at
    cardholder_steps.submit()
    assert len(bank.asked) == 6


def test_a_resend_opens_the_card_page_at_once_and_clears_the_problem(
    cardholder_steps: CardholderSteps, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_steps.accept()
    for _ in range(5):
        cardholder_steps.submit()
    clock.advance(minutes=1)

    cardholder_steps.services.invitations.resend_invitation(cardholder_steps.public_id, "test")

    assert cardholder_steps.services.card_attempts.card_page_opens_at(cardholder_steps.activation) is None
    assert list_summaries(cardholder_steps.services.context)[0].label is StatusLabel.INVITATION_SENT


def test_starting_over_asks_the_bank_first(at_bank: CardholderSteps, bank: FakeBank) -> None:
    bank.decides(SIGNED)

    at_bank.services.attempt_results.give_up_attempt(at_bank.activation)

    assert at_bank.state() is ActivationState.ACTIVE


def test_a_late_yes_for_a_given_up_attempt_is_only_evidence(
    at_bank: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    at_bank.services.attempt_results.give_up_attempt(at_bank.activation)
    assert at_bank.state() is ActivationState.TERMS_ACCEPTED

    bank.decides(SIGNED)
    assert at_bank.come_back(returned(bank.transaction)) == at_bank.public_id

    assert at_bank.state() is ActivationState.TERMS_ACCEPTED
    assert EventType.LATE_RESULT in events(database)
    assert confirmations(database) == 0


def test_a_withdrawal_at_the_bank_wins_over_a_later_yes(
    at_bank: CardholderSteps, bank: FakeBank, database: Database
) -> None:
    at_bank.services.invitations.cancel_activation(at_bank.public_id, "test")
    bank.decides(SIGNED)

    at_bank.come_back(returned(bank.transaction))

    assert list_summaries(at_bank.services.context)[0].state is ActivationState.CANCELLED
    assert confirmations(database) == 0


def test_a_failed_attempt_leads_back_to_the_card(at_bank: CardholderSteps, bank: FakeBank) -> None:
    bank.decides(REFUSED)
    at_bank.services.attempt_results.check_open_attempt(at_bank.activation)
    assert at_bank.state() is ActivationState.TERMS_ACCEPTED

    at_bank.submit()
    bank.decides(SIGNED)
    at_bank.services.attempt_results.check_open_attempt(at_bank.activation)
    assert at_bank.state() is ActivationState.ACTIVE


@pytest.mark.parametrize("decided", [REFUSED, SIGNED])
def test_a_bank_that_has_decided_is_asked_no_more(
    at_bank: CardholderSteps, bank: FakeBank, clock: MovableClock, decided: BankResult
) -> None:
    bank.decides(decided)
    at_bank.services.attempt_results.check_open_attempt(at_bank.activation)
    clock.advance(hours=1)
    assert at_bank.services.attempt_results.check_due_attempts() == 0
    assert len(bank.fetched) == 1

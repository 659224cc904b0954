"""Killed at any point: what was promised is there, what was not is not, and nothing happens twice."""

import pytest
from sqlalchemy import select

from app.domain.failures import Failure
from app.domain.history import AttemptOutcome, EventType, MailKind
from app.domain.order_rules import ActionRefused
from app.domain.states import ActivationState
from app.models import Activation, Attempt, BulkOrderRow, Consent, OutboxMessage
from tests.kills.bank import SIGNED
from tests.kills.killable import KillPoint, come_back
from tests.kills.scenario_steps import ScenarioSteps
from tests.support.cardholder import CardholderClient as OnThePages
from tests.support.cardholder_steps import CARD, CardholderSteps
from tests.support.office import ADDRESS, ANNE, ORDER, order_for
from tests.support.office_files import csv_file

STATE = select(Activation.state)
KEPT_ADDRESS = select(Activation.address)
LEASE = {"minutes": 5}
ORDER_HEADINGS = ("Code", "Bank", "Client reference", "Email", "Language")


@pytest.fixture
def link(story: ScenarioSteps) -> str:
    """An invitation that has arrived."""
    public_id = story.services.orders.place_order(ORDER).public_id
    story.work()
    return story.services.invitations.copy_link(public_id, "test")


@pytest.fixture
def agreed(story: ScenarioSteps, link: str) -> str:
    """The link of a cardholder who has accepted the terms."""
    CardholderSteps(story.services, link).accept()
    return link


@pytest.fixture
def transaction(story: ScenarioSteps, agreed: str) -> str:
    """A cardholder who is at the bank."""
    CardholderSteps(story.services, agreed).submit()
    return str(story.one(select(Attempt.transaction)))


def handle(story: ScenarioSteps, transaction: str) -> str:
    return story.services.context.tokens.sign_attempt_handle(transaction)


def assert_active_once(story: ScenarioSteps) -> None:
    assert story.one(STATE) is ActivationState.ACTIVE
    assert story.happened(EventType.ACTIVATED) == 1
    assert story.queued(MailKind.CONFIRMATION) == 1


def assert_confirmed_and_forgotten(story: ScenarioSteps) -> None:
    assert story.count(OutboxMessage, OutboxMessage.sent_at.is_(None)) == 0
    assert story.one(KEPT_ADDRESS) is None
    assert story.happened(EventType.ADDRESS_ERASED) == 1
    assert story.rows_with(ADDRESS) == story.copies(ADDRESS) == 0


def test_k01_an_order_killed_before_its_answer_is_there_once(story: ScenarioSteps) -> None:
    story.dies("order", at=KillPoint.AFTER_COMMIT)

    with pytest.raises(ActionRefused) as refused:
        story.services.orders.place_order(ORDER)
    assert refused.value.existing == story.one(select(Activation.public_id))


def test_k01_an_order_killed_before_its_commit_left_nothing(story: ScenarioSteps) -> None:
    story.dies("order", at=KillPoint.BEFORE_COMMIT)

    assert story.count(Activation) == story.count(OutboxMessage) == 0
    assert story.services.orders.place_order(ORDER).link


def test_k02_the_invitation_of_an_order_goes_out_after_the_kill(story: ScenarioSteps) -> None:
    story.dies("order", at=KillPoint.AFTER_COMMIT)

    story.work()

    (mail,) = story.mails(MailKind.INVITATION)
    assert mail["To"] == ADDRESS


def test_k03_a_mail_handed_over_but_not_marked_is_sent_once_more_with_the_same_id(
    story: ScenarioSteps,
) -> None:
    story.order()
    story.dies("deliver", at=KillPoint.AFTER_MAIL)

    story.work()
    assert len(story.mails(MailKind.INVITATION)) == 1, "the dead worker still holds its lease"
    story.work(**LEASE)
    story.work(**LEASE)

    first, second = story.mails(MailKind.INVITATION)
    assert first["Message-ID"] == second["Message-ID"]
    assert bytes(first) == bytes(second)


def test_k03_a_mail_claimed_but_not_handed_over_is_sent_once(story: ScenarioSteps) -> None:
    story.order()
    story.dies("deliver", at=KillPoint.BEFORE_MAIL)

    story.work(**LEASE)
    story.work(**LEASE)

    assert len(story.mails(MailKind.INVITATION)) == 1


@pytest.mark.parametrize(
    ("point", "consents", "state"),
    [
        (KillPoint.BEFORE_COMMIT, 0, ActivationState.INVITED),
        (KillPoint.AFTER_COMMIT, 1, ActivationState.TERMS_ACCEPTED),
    ],
)
def test_k04_terms_are_accepted_whole_or_not_at_all(
    story: ScenarioSteps, link: str, point: KillPoint, consents: int, state: ActivationState
) -> None:
    story.dies("accept", link, at=point)
    assert story.count(Consent) == consents
    assert story.one(STATE) is state

    CardholderSteps(story.services, link).accept()

    assert story.count(Consent) == 1
    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED


def test_k05_an_attempt_that_never_reached_the_bank_is_free_again_and_not_counted(
    story: ScenarioSteps, agreed: str
) -> None:
    story.dies("submit", agreed, at=KillPoint.AFTER_COMMIT)
    assert story.one(STATE) is ActivationState.AWAITING_BANK
    story.work(seconds=30)
    assert story.one(STATE) is ActivationState.AWAITING_BANK, (
        "the request may still be on its way to the bank"
    )

    story.work(seconds=30)

    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED
    assert story.one(select(Attempt.counted)) is False
    assert story.count(Attempt, Attempt.problem) == 0
    CardholderSteps(story.services, agreed).submit()
    assert story.one(STATE) is ActivationState.AWAITING_BANK


def test_k06_a_card_in_hand_at_the_kill_is_kept_nowhere_and_typed_again(
    story: ScenarioSteps, agreed: str
) -> None:
    story.dies("submit", agreed, at=KillPoint.BEFORE_BANK)
    assert story.copies(CARD.number) == story.copies(CARD.number[:12]) == 0
    assert story.rows_with(CARD.number) == 0

    story.work(seconds=60)
    holder = OnThePages(story.app.test_client(), agreed)
    holder.open_link()
    holder.visit("card")

    assert [field.get("value", "") for field in holder.soup().select("input[name=card_number]")] == [""]
    holder.type_card()
    assert story.one(STATE) is ActivationState.AWAITING_BANK


def test_k07_a_request_whose_answer_was_lost_is_given_up_and_a_late_signature_is_only_evidence(
    story: ScenarioSteps, agreed: str
) -> None:
    story.dies("submit", agreed, at=KillPoint.AFTER_BANK)
    (transaction,) = story.bank.transactions()
    assert story.one(select(Attempt.challenge_url)) is None
    holder = CardholderSteps(story.services, agreed)
    holder.services.attempt_results.give_up_attempt(holder.activation)
    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED

    story.bank.decides(transaction, SIGNED)
    story.work(minutes=1)

    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED
    assert story.one(select(Attempt.outcome)) is AttemptOutcome.SUPERSEDED
    assert story.happened(EventType.LATE_RESULT) == 1
    assert story.queued(MailKind.CONFIRMATION) == 0


def test_k07_a_request_whose_answer_was_lost_ends_by_itself(story: ScenarioSteps, agreed: str) -> None:
    story.dies("submit", agreed, at=KillPoint.AFTER_BANK)

    story.work(minutes=12)

    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED
    assert story.one(select(Attempt.failure)) is Failure.TIMED_OUT
    assert story.one(select(Attempt.counted)) is False


def test_k08_a_reload_leads_on_to_the_bank_for_half_a_minute_and_starts_over_afterwards(
    story: ScenarioSteps, agreed: str
) -> None:
    story.dies("submit", agreed, at=KillPoint.AFTER_COMMIT, passage=2)
    holder = OnThePages(story.app.test_client(), agreed)
    holder.open_link()
    holder.visit("bank")
    assert holder.value("creq")

    story.clock.advance(seconds=31)
    holder.visit("bank")
    assert holder.soup().select("[name=creq]") == []
    holder.follow(holder.send("start-over"))

    assert story.one(STATE) is ActivationState.TERMS_ACCEPTED
    holder.type_card()
    assert holder.value("creq")


@pytest.mark.parametrize("step", ["return", "sweep"])
@pytest.mark.parametrize("point", [KillPoint.AFTER_BANK, KillPoint.BEFORE_COMMIT])
def test_k09_a_verdict_read_but_not_committed_is_asked_again_and_applied_once(
    story: ScenarioSteps, transaction: str, step: str, point: KillPoint
) -> None:
    story.bank.decides(transaction, SIGNED)
    word = handle(story, transaction)
    story.clock.advance(seconds=30)
    # The first commit notes the return, or takes the turn to ask; the second is the verdict's.
    story.dies(step, word, at=point, passage=2 if point is KillPoint.BEFORE_COMMIT else 1)
    assert story.one(STATE) is ActivationState.AWAITING_BANK

    story.work(seconds=30)
    story.work(seconds=30)

    assert_active_once(story)


def test_k10_a_verdict_committed_before_the_browser_got_its_answer_is_applied_once(
    story: ScenarioSteps, transaction: str
) -> None:
    story.bank.decides(transaction, SIGNED)
    word = handle(story, transaction)
    story.dies("return", word, at=KillPoint.AFTER_COMMIT, passage=2)

    assert come_back(story.services, word) == story.one(select(Activation.public_id))
    story.work(minutes=1)

    assert_active_once(story)
    assert len(story.mails(MailKind.CONFIRMATION)) == 1


def test_k11_the_confirmation_goes_out_after_a_kill_behind_the_verdict(
    story: ScenarioSteps, transaction: str
) -> None:
    story.bank.decides(transaction, SIGNED)
    story.dies("return", handle(story, transaction), at=KillPoint.AFTER_COMMIT, passage=2)
    assert_active_once(story)
    assert story.one(KEPT_ADDRESS) == ADDRESS, "the confirmation still needs it"

    story.work()

    assert len(story.mails(MailKind.CONFIRMATION)) == 1
    assert_confirmed_and_forgotten(story)


@pytest.mark.parametrize("point", [KillPoint.AFTER_MAIL, KillPoint.BEFORE_COMMIT])
def test_k12_a_confirmation_that_left_before_the_erasure_is_repeated_and_the_address_goes(
    story: ScenarioSteps, transaction: str, point: KillPoint
) -> None:
    story.bank.decides(transaction, SIGNED)
    come_back(story.services, handle(story, transaction))
    # The first commit claims the mail; the second marks it as sent and erases.
    story.dies("deliver", at=point, passage=2 if point is KillPoint.BEFORE_COMMIT else 1)
    assert story.count(OutboxMessage, OutboxMessage.sent_at.is_(None)) == 1
    assert story.one(KEPT_ADDRESS) == ADDRESS, "it is erased with the mark, not before"

    story.work(**LEASE)
    story.work(**LEASE)

    first, second = story.mails(MailKind.CONFIRMATION)
    assert first["Message-ID"] == second["Message-ID"]
    assert_confirmed_and_forgotten(story)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("step", ["cancel", "deliver"])
def test_k13_bytes_of_an_erased_address_go_with_the_next_round_of_the_worker(
    story: ScenarioSteps, transaction: str, step: str
) -> None:
    public_id = str(story.one(select(Activation.public_id)))
    story.bank.decides(transaction, SIGNED)
    if step == "deliver":
        come_back(story.services, handle(story, transaction))
    story.dies(step, public_id, at=KillPoint.BEFORE_CHECKPOINT)
    assert story.copies(ADDRESS) > 0, "the log still has it"

    story.work()

    assert story.one(KEPT_ADDRESS) is None
    assert story.happened(EventType.ADDRESS_ERASED) == 1
    assert story.copies(ADDRESS) == 0


@pytest.mark.parametrize("point", [KillPoint.BEFORE_COMMIT, KillPoint.AFTER_COMMIT])
def test_k14_a_kill_amid_a_batch_of_reminders_repeats_none_and_loses_none(
    story: ScenarioSteps, point: KillPoint
) -> None:
    ids = [
        story.services.orders.place_order(order_for(client_reference=f"600000000{number}")).public_id
        for number in range(3)
    ]
    story.work()
    story.clock.advance(days=14)
    story.dies("remind", at=point, passage=2)
    assert story.queued(MailKind.FIRST_REMINDER) == (1 if point is KillPoint.BEFORE_COMMIT else 2)

    story.work()
    story.work(hours=1)

    reminded = sorted(str(mail["Message-ID"]) for mail in story.mails(MailKind.FIRST_REMINDER))
    assert reminded == sorted(f"<first_reminder.1.{one}@example.be>" for one in ids)


def test_k14_a_kill_amid_their_delivery_repeats_only_the_mail_in_hand(story: ScenarioSteps) -> None:
    for number in range(3):
        story.services.orders.place_order(order_for(client_reference=f"600000000{number}"))
    story.work()
    story.clock.advance(days=14)
    story.services.reminders.queue_due_reminders()
    story.dies("deliver", at=KillPoint.AFTER_MAIL, passage=2)

    story.work(**LEASE)

    reminded = [str(mail["Message-ID"]) for mail in story.mails(MailKind.FIRST_REMINDER)]
    assert (len(reminded), len(set(reminded))) == (4, 3)


@pytest.mark.parametrize(("point", "passage"), [(KillPoint.BEFORE_COMMIT, 3), (KillPoint.AFTER_COMMIT, 3)])
def test_an_order_for_many_killed_amid_its_rows_loses_and_doubles_none(
    story: ScenarioSteps, point: KillPoint, passage: int
) -> None:
    rows = [("ACME", "Belfius", str(6_300_000_000 + n), ADDRESS, "fr") for n in range(4)]
    office = story.services.for_office(1).bulk_orders
    kept = office.keep_file(csv_file(*rows, headings=ORDER_HEADINGS), ANNE, "fr")
    order = office.read_order(kept)
    assert order
    office.confirm_order(kept, ANNE, order.mark)

    story.dies("bulk", at=point, passage=passage)
    # One row, or two, of the four.
    assert 0 < story.count(Activation) < len(rows)
    story.work(**LEASE)

    assert story.count(Activation) == story.count(OutboxMessage) == len(rows)
    assert story.count(BulkOrderRow, BulkOrderRow.outcome == "done") == len(rows)
    assert story.count(BulkOrderRow, BulkOrderRow.address.is_not(None)) == 0

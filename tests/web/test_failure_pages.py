"""Each failure has its message, its checklist with the likeliest cause first, and its time to try again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.failures import FAILURES, ChecklistItem, Failure, FailureMessage
from app.mail.rendering import plain_spaces
from app.web.extensions import Services
from app.web.failure_pages import build_failure_page
from app.wording import CHECKS, HEADINGS, NOW, OUTCOMES, UNDER
from tests.support.activation_factory import let_mails_leave
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, MovableClock

CONCLUDED = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
REFERENCE = "6123456789"

ENDINGS = [
    (
        BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19"),
        "Something went wrong.",
        ChecklistItem.PIN_BLOCKED,
    ),
    (BankResult(TransactionStatus.NOT_AUTHENTICATED), "Something went wrong.", ChecklistItem.ONLINE),
    (
        BankResult(TransactionStatus.REJECTED, reason="11", challenged=False),
        "Something went wrong.",
        ChecklistItem.BANK,
    ),
    (
        BankResult(TransactionStatus.UNAVAILABLE, reason="22", challenged=False),
        "Something went wrong.",
        ChecklistItem.LATER,
    ),
    (
        BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.CARD_NEVER_USED),
        "Something went wrong.",
        ChecklistItem.NEW_CARD,
    ),
    (
        BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.WRONG_SECURITY_CODE),
        "Something went wrong.",
        ChecklistItem.DATA,
    ),
]

CALM = [
    ("26", "01", "You cancelled at your bank", "Nothing was signed"),
    ("14", "05", "It took too long to reach your bank", "Nothing was signed"),
    ("14", "04", "Your bank's time to sign is over", "No signature reached us"),
]


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context("?lang=en"):
        app.preprocess_request()
        yield


def items(cardholder_client: CardholderClient) -> list[str]:
    return [str(line["data-item"]) for line in cardholder_client.soup().select("[data-item]")]


@pytest.mark.parametrize(("result", "heading", "first"), ENDINGS)
def test_an_ending_has_its_page(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    result: BankResult,
    heading: str,
    first: ChecklistItem,
) -> None:
    cardholder_client.reach_bank()
    bank.decides(result)
    cardholder_client.follow(cardholder_client.come_back())

    assert cardholder_client.page.status_code == 200
    assert cardholder_client.heading() == heading
    assert items(cardholder_client)[0] == first
    assert "nothing was charged" in cardholder_client.words(".failed")
    assert cardholder_client.words(".actions a") == "Try again"
    assert cardholder_client.soup().select(".calm") == []


@pytest.mark.parametrize(("reason", "cancel", "heading", "outcome"), CALM)
def test_leaving_the_bank_is_told_calmly(
    cardholder_client: CardholderClient, bank: FakeBank, reason: str, cancel: str, heading: str, outcome: str
) -> None:
    cardholder_client.reach_bank()
    bank.decides(BankResult(TransactionStatus.NOT_AUTHENTICATED, reason, cancel))
    cardholder_client.follow(cardholder_client.come_back())

    assert cardholder_client.heading() == heading
    assert outcome in cardholder_client.words(".calm")
    assert "nothing was charged" in cardholder_client.words(".calm")
    assert items(cardholder_client) == []
    assert "What to check" not in cardholder_client.words()
    assert cardholder_client.words(".actions a") == "Try again"


@pytest.mark.parametrize(
    "answer",
    [
        *RegisterRefusal,
        BankFaultKind.UNREACHABLE,
        BankResult(TransactionStatus.REJECTED, reason="04", challenged=False),
    ],
)
def test_the_progress_stops_at_the_card_before_the_page_of_the_bank(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    answer: RegisterRefusal | BankFaultKind | BankResult,
) -> None:
    bank.answer = answer
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert cardholder_client.words(".progress[data-step='2']") == "Step 2 of 4"


@pytest.mark.parametrize(
    "result",
    [
        BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19"),
        BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="14", cancel="05"),
        BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.NOT_AVAILABLE),
    ],
)
def test_the_progress_stops_at_the_bank_once_its_page_was_open(
    cardholder_client: CardholderClient, bank: FakeBank, result: BankResult
) -> None:
    cardholder_client.reach_bank()
    bank.decides(result)
    cardholder_client.follow(cardholder_client.come_back())

    assert cardholder_client.words(".progress[data-step='3']") == "Step 3 of 4"


@pytest.mark.parametrize(
    ("answer", "heading", "shown"),
    [
        (
            RegisterRefusal.NOT_LINKED,
            "Your CARO credit card is not linked to 6123456789. Try again with the right credit card.",
            [ChecklistItem.REFERENCE, ChecklistItem.BANK_CONTACT],
        ),
        (
            RegisterRefusal.NOT_CREDIT,
            "A problem during activation. Check your card.",
            [ChecklistItem.KIND, ChecklistItem.REFERENCE],
        ),
        (BankFaultKind.UNREACHABLE, "Something went wrong.", [ChecklistItem.LATER]),
        (BankFaultKind.FOREIGN_CHALLENGE, "Something went wrong.", [ChecklistItem.LATER]),
    ],
)
def test_a_card_refused_before_the_bank(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    answer: RegisterRefusal | BankFaultKind,
    heading: str,
    shown: list[ChecklistItem],
) -> None:
    bank.answer = answer
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert cardholder_client.heading() == heading
    assert items(cardholder_client) == shown


def test_a_brand_that_is_not_carried_is_named_first(
    cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    bank.answer = RegisterRefusal.NOT_CREDIT
    cardholder_client.reach_card()
    cardholder_client.type_card(card_number="3782 822463 10005", security_code="1234")

    assert cardholder_client.heading() == "A problem during activation. Check your card."
    assert items(cardholder_client) == [ChecklistItem.BRAND, ChecklistItem.REFERENCE]
    assert "Visa and Mastercard credit cards" in cardholder_client.words(".checks")


def test_a_single_cause_is_a_sentence(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    bank.answer = BankFaultKind.UNREACHABLE
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert cardholder_client.soup().select("main :is(ol, ul)") == []
    assert "What to check" not in cardholder_client.words()
    assert cardholder_client.words("p[data-item=later]").startswith(
        "This may be a problem at your bank or with us"
    )


@pytest.mark.parametrize(
    ("answer", "heading", "under"),
    [
        (
            RegisterRefusal.NOT_LINKED,
            "Votre carte de crédit CARO n'est pas lié à 6123456789. Réessayez avec la bonne carte de crédit.",
            None,
        ),
        (RegisterRefusal.NOT_CREDIT, "Un problème lors de l'activation. Contrôlez votre carte.", None),
        (
            BankFaultKind.BAD_ANSWER,
            "Une erreur s'est produite.",
            "Erreur de technique ou de données lors de l'activation de CARO de CodaBox",
        ),
    ],
)
def test_the_french_messages_are_exact(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    answer: RegisterRefusal | BankFaultKind,
    heading: str,
    under: str | None,
) -> None:
    bank.answer = answer
    cardholder_client.reach_card()
    cardholder_client.type_card()
    cardholder_client.visit("result?lang=fr")

    assert cardholder_client.heading() == heading
    assert [line.text for line in cardholder_client.soup().select(".under")] == ([under] if under else [])


def test_the_technical_message_has_two_lines(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    bank.answer = BankFaultKind.TIMED_OUT
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert (
        cardholder_client.words(".under") == "Technical or data error during the activation of CodaBox CARO"
    )


def test_the_page_names_the_hour(
    cardholder_client: CardholderClient, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = BankFaultKind.TIMED_OUT
    cardholder_client.reach_card()
    cardholder_client.type_card()
    assert cardholder_client.words(".again") == "It is best to wait until 10:15."
    assert cardholder_client.words(".actions a") == "Try again"

    clock.advance(minutes=15)
    cardholder_client.visit("result")
    assert cardholder_client.words(".again") == "You can try again now."


def test_one_refusal_too_many_names_the_way_on(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    clock: MovableClock,
    services: Services,
    public_id: str,
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_client.reach_card()
    for attempt in range(5):
        assert attempt == 0 or cardholder_client.words(".actions a") == "Try again"
        cardholder_client.visit("card")
        cardholder_client.type_card()

    assert "is not linked to 6123456789." in cardholder_client.heading()
    assert "five attempts were refused within 24 hours" in cardholder_client.words()
    assert cardholder_client.words(".failed > .again:first-child").endswith(
        "It opens again tomorrow at 10:00."
    )
    assert "ask Bureau Dupont to send the invitation again" in cardholder_client.words()
    assert "You do not have to wait" not in cardholder_client.words()
    assert cardholder_client.soup().select(".actions a") == []

    clock.advance(seconds=1)
    let_mails_leave(services)
    services.invitations.resend_invitation(public_id, "test")
    cardholder_client.visit("card")
    assert cardholder_client.heading() == "Your credit card"


def test_a_day_later_the_button_is_back(
    cardholder_client: CardholderClient, bank: FakeBank, clock: MovableClock
) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_client.reach_card()
    for _ in range(5):
        cardholder_client.visit("card")
        cardholder_client.type_card()
    clock.advance(days=1)
    cardholder_client.visit("result")

    assert cardholder_client.words(".actions a") == "Try again"


def test_fraud_and_theft_are_not_told(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    pages = set()
    cardholder_client.reach_card()
    for reason in ("09", "10", "11"):
        cardholder_client.visit("card")
        cardholder_client.type_card()
        bank.decides(BankResult(TransactionStatus.REJECTED, reason=reason, challenged=False))
        cardholder_client.follow(cardholder_client.come_back())
        pages.add(cardholder_client.words())

    assert len(pages) == 1
    assert not {"fraud", "stolen", "lost", "theft"} & set(pages.pop().lower().split())


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_is_told(failure: Failure) -> None:
    page = build_failure_page(failure, REFERENCE, CONCLUDED, CONCLUDED)

    assert page.heading
    assert "%" not in page.heading
    assert [item for item, _ in page.checks] == list(FAILURES[failure].items)
    assert str(page.now)
    assert page.outcome


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("failure", "later", "told"),
    [
        (Failure.NOT_PERMITTED, timedelta(), "It is best to wait until 14:35."),
        (Failure.TECHNICAL, timedelta(minutes=14), "It is best to wait until 14:45."),
        (Failure.TECHNICAL, timedelta(minutes=15), "You can try again now."),
        (Failure.TOO_FREQUENT, timedelta(), "It is best to wait until 14:30 tomorrow."),
        (Failure.NOT_CREDIT, timedelta(), "You do not have to wait: try again as soon as this is done."),
        (Failure.PIN, timedelta(), ""),
        (Failure.BANK_REFUSED, timedelta(), ""),
    ],
)
def test_every_wait_has_its_sentence(failure: Failure, later: timedelta, told: str) -> None:
    page = build_failure_page(failure, REFERENCE, CONCLUDED, CONCLUDED + later)
    assert plain_spaces(page.again) == told


def test_nothing_is_left_without_words() -> None:
    assert set(HEADINGS) == set(UNDER) == set(OUTCOMES) == set(FailureMessage)
    assert set(CHECKS) == set(ChecklistItem)
    assert set(NOW) == set(Failure)

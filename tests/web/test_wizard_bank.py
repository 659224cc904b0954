"""Around the bank's page: the way there, the way back without a cookie, the wait, the second thoughts."""

import base64
import json

import pytest
from flask import Flask

from app.domain.bank_results import BankFaultKind, BankResult, CardVerification, TransactionStatus
from app.i18n import LANGUAGES, override_locale
from app.web.errors import PAGES
from tests.support.cardholder import CARD, CardholderClient
from tests.support.doubles import FakeBank, MovableClock

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def unpacked(creq: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(creq + "=" * (-len(creq) % 4)))
    return found


def test_the_hand_over_carries_the_challenge(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()

    form = cardholder_client.soup().select_one("form[data-auto-submit]")
    assert form is not None
    assert form["action"] == "http://127.0.0.1:8001/acs/challenge"
    assert form.select("button")
    assert "=" not in cardholder_client.value("creq")
    assert unpacked(cardholder_client.value("creq"))["threeDSServerTransID"] == bank.transaction
    assert len(cardholder_client.value("threeDSSessionData")) <= 512


def test_only_the_hand_over_posts_to_the_bank(cardholder_client: CardholderClient) -> None:
    allowed = []
    for reach in (cardholder_client.open_link, cardholder_client.accept, cardholder_client.type_card):
        policy = reach().headers["Content-Security-Policy"]
        allowed.append("form-action 'self' http://127.0.0.1:8001;" in policy)

    assert allowed == [False, False, True]


def test_a_late_hand_over_is_not_tried(cardholder_client: CardholderClient, clock: MovableClock) -> None:
    cardholder_client.reach_bank()
    clock.advance(seconds=31)
    cardholder_client.visit("bank")

    assert cardholder_client.heading() == "We are waiting for your bank"
    assert "Continue to my bank" not in cardholder_client.words()


def test_while_the_bank_is_asked_others_wait(
    app: Flask, cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    other_tab = CardholderClient(app.test_client(), cardholder_client.path)
    seen = []

    def second_click() -> None:
        other_tab.type_card()
        seen.append(other_tab.heading())

    cardholder_client.reach_card()
    other_tab.open_link()
    bank.during = second_click
    cardholder_client.type_card()

    assert seen == ["We are contacting your bank"]
    assert len(bank.asked) == 1
    assert cardholder_client.heading() == "Going to your bank"


def test_another_card_is_told_which_one_is_being_asked_about(
    app: Flask, cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    cardholder_client.reach_card()
    other_tab = CardholderClient(app.test_client(), cardholder_client.path)
    other_tab.open_link()
    cardholder_client.type_card()
    for typed in ({"card_number": "5399 9999 9999 9999"}, {"card_number": "4000"}):
        other_tab.follow(other_tab.send("card", **{**CARD, **typed}))
        assert other_tab.heading() == "We are waiting for your bank"
        assert "another card: Visa •••• 6391." in other_tab.words(".note span")
        assert "9999" not in other_tab.page.text

    other_tab.follow(other_tab.send("card", **CARD))
    assert other_tab.heading() == "Going to your bank"
    assert not other_tab.soup().select(".note")
    assert len(bank.asked) == 1


def test_two_cards_at_the_same_moment_are_told_apart(
    app: Flask, cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    cardholder_client.reach_card()
    other_tab = CardholderClient(app.test_client(), cardholder_client.path)
    other_tab.open_link()

    def second_card() -> None:
        bank.during = None
        other_tab.follow(other_tab.send("card", **{**CARD, "card_number": "5399 9999 9999 9999"}))

    bank.during = second_card
    cardholder_client.type_card()

    assert "another card: Visa •••• 6391." in other_tab.words(".note span")
    assert cardholder_client.heading() == "Going to your bank"


def test_the_return_needs_and_sets_no_cookie(
    app: Flask, cardholder_client: CardholderClient, public_id: str
) -> None:
    cardholder_client.reach_bank()
    fields = {"cres": "", "threeDSSessionData": cardholder_client.value("threeDSSessionData")}
    answer = app.test_client().post("/3ds/return?lang=nl", data=fields, headers={"Origin": "null"})

    assert answer.status_code == 303
    assert answer.location == f"/activation/{public_id}/return/{fields['threeDSSessionData']}"
    assert "Set-Cookie" not in answer.headers


def test_a_signed_return_leaves_cookies_alone(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    bank.decides(SIGNED)

    assert "Set-Cookie" not in cardholder_client.come_back().headers


def test_an_unknown_return_is_told_nothing(cardholder_client: CardholderClient) -> None:
    for fields in (
        {},
        {"cres": "e30", "threeDSSessionData": "x"},
        {"cres": ["a", "b"]},
        {"cres": "\ufffd" * 99},
    ):
        english = {"Accept-Language": "en"}
        cardholder_client.page = cardholder_client.client.post("/3ds/return", data=fields, headers=english)
        assert cardholder_client.page.status_code == 200
        assert cardholder_client.heading() == "You are back from your bank"
        assert "Set-Cookie" not in cardholder_client.page.headers


def test_reloading_the_return_is_harmless(cardholder_client: CardholderClient) -> None:
    cardholder_client.follow(cardholder_client.client.get("/3ds/return"))

    assert cardholder_client.heading() == "You are back from your bank"


def test_a_huge_return_is_refused(cardholder_client: CardholderClient) -> None:
    answer = cardholder_client.client.post("/3ds/return", data={"cres": "x" * 1_000_000})

    assert answer.status_code == 413
    assert "Set-Cookie" not in answer.headers


def test_a_forged_success_stays_pending(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    forged = {"messageType": "CRes", "transStatus": "Y", "threeDSServerTransID": bank.transaction}
    cres = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    cardholder_client.follow(cardholder_client.come_back(cres))

    assert cardholder_client.heading() == "We are waiting for your bank"


def test_waiting_is_honest_and_patient(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_bank()
    cardholder_client.visit("result")

    assert "has not answered yet" in cardholder_client.words("[role=status]")
    assert cardholder_client.soup().select("main[data-poll]")
    assert [button.text for button in cardholder_client.soup().select("button")] == [
        "Check now",
        "Start over",
    ]
    assert "Continue to my bank" in cardholder_client.words(".actions")
    assert "ends by itself at 10:12" in cardholder_client.words()


def test_checking_asks_the_bank(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    cardholder_client.visit("result")
    bank.decides(SIGNED)
    cardholder_client.follow(cardholder_client.send("check"))

    assert cardholder_client.heading() == "Your service is active"


def test_checking_survives_an_unreachable_bank(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    cardholder_client.visit("result")
    bank.decides(BankFaultKind.UNREACHABLE)
    cardholder_client.follow(cardholder_client.send("check"))

    assert cardholder_client.heading() == "We are waiting for your bank"


def test_starting_over_leads_to_the_card(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    cardholder_client.visit("result")
    cardholder_client.follow(cardholder_client.send("start-over"))

    assert cardholder_client.heading() == "Your credit card"
    assert cardholder_client.soup().select(".note") == []


def test_starting_over_too_late_is_success(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    cardholder_client.visit("result")
    bank.decides(SIGNED)
    waiting = cardholder_client.page
    for _ in range(2):
        cardholder_client.page = waiting
        cardholder_client.follow(cardholder_client.send("start-over"))
        assert cardholder_client.heading() == "Your service is active"


def test_another_attempt_follows_a_failure(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    bank.decides(BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19"))
    cardholder_client.follow(cardholder_client.come_back())
    assert cardholder_client.heading() == "Something went wrong."
    cardholder_client.visit("card")
    cardholder_client.follow(cardholder_client.send("card", **CARD))

    assert cardholder_client.heading() == "Going to your bank"


def test_opening_the_link_again_finds_the_attempt(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_bank()
    cardholder_client.open_link()

    assert cardholder_client.heading() == "We are waiting for your bank"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_bank_that_answers_nobody_is_told_at_once_and_the_card_page_stays_open(
    app: Flask, cardholder_client: CardholderClient, bank: FakeBank, language: str
) -> None:
    bank.answer = BankFaultKind.NOT_ASKED
    cardholder_client.reach_card()
    cardholder_client.client.set_cookie("language", language)
    card_page = f"{cardholder_client.home}/card"
    page = cardholder_client.send("card", **CARD)

    with app.test_request_context(), override_locale(language):
        told = str(PAGES[503].title)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert told in page.text
    assert f'href="{card_page}"' in page.text
    assert cardholder_client.visit("card").status_code == 200

"""Around the bank's page: the way there, the way back without a cookie, the wait, the second thoughts."""

import base64
import json

from flask import Flask

from app.domain.bank_results import BankFaultKind, BankResult, CardVerification, TransactionStatus
from tests.support.cardholder import CARD, CardholderClient
from tests.support.world import FakeBank, MovableClock

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def unpacked(creq: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(base64.urlsafe_b64decode(creq + "=" * (-len(creq) % 4)))
    return found


def test_the_hand_over_carries_the_challenge(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()

    form = cardholder.soup().select_one("form[data-auto-submit]")
    assert form is not None
    assert form["action"] == "http://127.0.0.1:8001/acs/challenge"
    assert form.select("button")
    assert "=" not in cardholder.value("creq")
    assert unpacked(cardholder.value("creq"))["threeDSServerTransID"] == bank.transaction
    assert len(cardholder.value("threeDSSessionData")) <= 512


def test_only_the_hand_over_posts_to_the_bank(cardholder: CardholderClient) -> None:
    allowed = []
    for reach in (cardholder.open_link, cardholder.accept, cardholder.type_card):
        policy = reach().headers["Content-Security-Policy"]
        allowed.append("form-action 'self' http://127.0.0.1:8001;" in policy)

    assert allowed == [False, False, True]


def test_a_late_hand_over_is_not_tried(cardholder: CardholderClient, clock: MovableClock) -> None:
    cardholder.reach_bank()
    clock.advance(seconds=31)
    cardholder.visit("bank")

    assert cardholder.heading() == "We are waiting for your bank"
    assert "Continue to my bank" not in cardholder.words()


def test_while_the_bank_is_asked_others_wait(
    app: Flask, cardholder: CardholderClient, bank: FakeBank
) -> None:
    other_tab = CardholderClient(app.test_client(), cardholder.path)
    seen = []

    def second_click() -> None:
        other_tab.type_card()
        seen.append(other_tab.heading())

    cardholder.reach_card()
    other_tab.open_link()
    bank.during = second_click
    cardholder.type_card()

    assert seen == ["We are contacting your bank"]
    assert len(bank.asked) == 1
    assert cardholder.heading() == "Going to your bank"


def test_the_return_needs_and_sets_no_cookie(
    app: Flask, cardholder: CardholderClient, public_id: str
) -> None:
    cardholder.reach_bank()
    fields = {"cres": "", "threeDSSessionData": cardholder.value("threeDSSessionData")}
    answer = app.test_client().post("/3ds/return?lang=nl", data=fields, headers={"Origin": "null"})

    assert answer.status_code == 303
    assert answer.location == f"/activation/{public_id}/result"
    assert "Set-Cookie" not in answer.headers


def test_a_signed_return_leaves_cookies_alone(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    bank.decides(SIGNED)

    assert "Set-Cookie" not in cardholder.come_back().headers


def test_an_unknown_return_is_told_nothing(cardholder: CardholderClient) -> None:
    for fields in (
        {},
        {"cres": "e30", "threeDSSessionData": "x"},
        {"cres": ["a", "b"]},
        {"cres": "\ufffd" * 99},
    ):
        english = {"Accept-Language": "en"}
        cardholder.page = cardholder.client.post("/3ds/return", data=fields, headers=english)
        assert cardholder.page.status_code == 200
        assert cardholder.heading() == "You are back from your bank"
        assert "Set-Cookie" not in cardholder.page.headers


def test_reloading_the_return_is_harmless(cardholder: CardholderClient) -> None:
    cardholder.follow(cardholder.client.get("/3ds/return"))

    assert cardholder.heading() == "You are back from your bank"


def test_a_huge_return_is_refused(cardholder: CardholderClient) -> None:
    answer = cardholder.client.post("/3ds/return", data={"cres": "x" * 1_000_000})

    assert answer.status_code == 413
    assert "Set-Cookie" not in answer.headers


def test_a_forged_success_stays_pending(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    forged = {"messageType": "CRes", "transStatus": "Y", "threeDSServerTransID": bank.transaction}
    cres = base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")
    cardholder.follow(cardholder.come_back(cres))

    assert cardholder.heading() == "We are waiting for your bank"


def test_waiting_is_honest_and_patient(cardholder: CardholderClient) -> None:
    cardholder.reach_bank()
    cardholder.visit("result")

    assert "has not answered yet" in cardholder.words("[role=status]")
    assert cardholder.soup().select("main[data-poll]")
    assert [button.text for button in cardholder.soup().select("button")] == ["Check now", "Start over"]
    assert "Continue to my bank" in cardholder.words(".actions")
    assert "ends by itself at 10:12" in cardholder.words()


def test_checking_asks_the_bank(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    cardholder.visit("result")
    bank.decides(SIGNED)
    cardholder.follow(cardholder.send("check"))

    assert cardholder.heading() == "Your service is active"


def test_checking_survives_an_unreachable_bank(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    cardholder.visit("result")
    bank.decides(BankFaultKind.UNREACHABLE)
    cardholder.follow(cardholder.send("check"))

    assert cardholder.heading() == "We are waiting for your bank"


def test_starting_over_leads_to_the_card(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    cardholder.visit("result")
    cardholder.follow(cardholder.send("start-over"))

    assert cardholder.heading() == "Your credit card"
    assert cardholder.soup().select(".note") == []


def test_starting_over_too_late_is_success(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    cardholder.visit("result")
    bank.decides(SIGNED)
    waiting = cardholder.page
    for _ in range(2):
        cardholder.page = waiting
        cardholder.follow(cardholder.send("start-over"))
        assert cardholder.heading() == "Your service is active"


def test_another_attempt_follows_a_failure(cardholder: CardholderClient, bank: FakeBank) -> None:
    cardholder.reach_bank()
    bank.decides(BankResult(TransactionStatus.NOT_AUTHENTICATED, reason="19"))
    cardholder.follow(cardholder.come_back())
    assert cardholder.heading() == "Something went wrong."
    cardholder.visit("card")
    cardholder.follow(cardholder.send("card", **CARD))

    assert cardholder.heading() == "Going to your bank"


def test_opening_the_link_again_finds_the_attempt(cardholder: CardholderClient) -> None:
    cardholder.reach_bank()
    cardholder.open_link()

    assert cardholder.heading() == "We are waiting for your bank"

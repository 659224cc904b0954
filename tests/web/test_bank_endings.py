"""Every scenario that a card leads to, played through the bank's server and its pages."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from app.domain.banks import BANKS, ActivationRoute, RefusalStyle
from app.domain.cards import CardBrand, brand_of
from app.i18n import LANGUAGES, override_locale
from app.simulation.bank.protocol import decode_base64url
from app.simulation.scenarios import (
    GOOD_CARDS,
    SCENARIOS,
    SECURITY_CODE,
    BankPageRoute,
    ReturnFault,
    Scenario,
    ScenarioSection,
    ServerReply,
)
from tests.support.bank import RETURN_URL, SESSION_DATA, BankVisit, SimulatedBank, returned, text_of

PLAYED = [
    row for row in SCENARIOS.values() if row.section not in (ScenarioSection.LINK, ScenarioSection.BANK_APP)
]
SIGNED = [row for row in PLAYED if row.cards and row.route is BankPageRoute.SIGN]
FINAL = [row for row in PLAYED if row.reply is ServerReply.FINAL]
REFUSED = [row for row in PLAYED if row.reply in (ServerReply.NOT_LINKED, ServerReply.NOT_CREDIT)]
EXPLAINED = [row for row in SIGNED if row.bank_says is not None]


@pytest.fixture
def simulated_bank(tmp_path: Path) -> SimulatedBank:
    return SimulatedBank(tmp_path)


def key_of(row: Scenario) -> str:
    return row.key


@pytest.mark.parametrize("row", SIGNED, ids=key_of)
def test_signed_scenario_gives_its_verdicts(simulated_bank: SimulatedBank, row: Scenario) -> None:
    visit = simulated_bank.play(row.key)
    assert simulated_bank.result(visit.transaction).status_code == 202
    visit.sign()
    simulated_bank.clock.move(seconds=20)
    result = visit.result()
    assert (result["transStatus"], result.get("transStatusReason")) == (row.status, row.reason)
    assert (result["verification"], result["challenged"]) == (row.verification, True)
    assert (result["interactionCounter"], "challengeCancel" in result) == ("01", False)


@pytest.mark.parametrize("row", FINAL, ids=key_of)
def test_final_scenario_answers_at_once(simulated_bank: SimulatedBank, row: Scenario) -> None:
    answer = simulated_bank.ask(row.cards[0]).get_json()
    assert (answer["transStatus"], answer.get("transStatusReason")) == (row.status, row.reason)
    result = simulated_bank.result(answer["threeDSServerTransID"]).get_json()
    assert (result["transStatus"], result.get("transStatusReason")) == (row.status, row.reason)
    assert (result["challenged"], result["verification"]) == (False, None)
    assert "acsURL" not in answer


@pytest.mark.parametrize("row", REFUSED, ids=key_of)
def test_register_refuses_and_keeps_nothing(simulated_bank: SimulatedBank, row: Scenario) -> None:
    for card in row.cards:
        code = f"{SECURITY_CODE}4" if brand_of(card) is CardBrand.AMEX else SECURITY_CODE
        answer = simulated_bank.ask(card, cardSecurityCode=code).get_json()
        assert answer["cardCheck"] == row.reply
        assert simulated_bank.result(answer["threeDSServerTransID"]).status_code == 404


def test_unavailable_bank_answers_with_error(simulated_bank: SimulatedBank) -> None:
    assert simulated_bank.ask(SCENARIOS["bank_unavailable"].cards[0]).status_code == 500


def test_hanging_bank_stays_silent(tmp_path: Path) -> None:
    simulated_bank = SimulatedBank(tmp_path, hang_seconds=3)
    assert simulated_bank.ask(SCENARIOS["bank_hangs"].cards[0]).status_code == 500
    assert simulated_bank.silences == [3]


def test_foreign_challenge_is_elsewhere(simulated_bank: SimulatedBank) -> None:
    answer = simulated_bank.ask(SCENARIOS["foreign_acs"].cards[0]).get_json()
    assert answer["acsURL"].startswith("http://acs.elsewhere.invalid/")


def test_three_wrong_responses_end_it(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    seen = {visit.challenge()}
    for words in ("two tries left", "one try left"):
        assert words in text_of(visit.confirm("0000 0000"), "#problem")
        seen.add(visit.challenge())
    assert len(seen) == 3
    ended = visit.confirm("0000 0000")
    assert "blocked after three wrong tries" in ended.get_text()
    result = visit.result()
    assert (result["transStatus"], result["transStatusReason"]) == ("N", "19")
    assert result["interactionCounter"] == "03"
    assert cres_of(ended)["transStatus"] == "N"


def test_cancelling_is_told_as_such(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    page = visit.cancel()
    result = visit.result()
    assert (result["transStatus"], result["transStatusReason"]) == ("N", "26")
    assert result["challengeCancel"] == "01"
    assert (cres_of(page)["transStatus"], page.select_one("script") is not None) == ("N", True)


def test_abandoned_challenge_ends_after_ten_minutes(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    simulated_bank.clock.move(minutes=9, seconds=59)
    assert simulated_bank.result(visit.transaction).status_code == 202
    simulated_bank.clock.move(seconds=1)
    result = visit.result()
    assert (result["transStatusReason"], result["challengeCancel"]) == ("14", "04")
    assert "expired" in text_of(visit.page(), "h1")


def test_signature_after_ten_minutes_is_ignored(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    response = visit.read()
    simulated_bank.clock.move(minutes=10)
    assert "expired" in text_of(visit.confirm(response), "h1")
    assert visit.result()["transStatus"] == "N"


def test_late_browser_finds_expired_page(simulated_bank: SimulatedBank) -> None:
    answer = simulated_bank.ask(GOOD_CARDS[0]).get_json()
    simulated_bank.clock.move(seconds=31)
    visit = BankVisit(
        simulated_bank, answer["threeDSServerTransID"], simulated_bank.hand_over(answer).headers["Location"]
    )
    page = visit.page()
    assert "expired" in text_of(page, "h1")
    assert (cres_of(page)["transStatus"], returned(page)["threeDSSessionData"]) == ("N", SESSION_DATA)
    result = visit.result()
    assert (result["challengeCancel"], result["challenged"]) == ("05", False)


def test_browser_that_never_comes_times_out(simulated_bank: SimulatedBank) -> None:
    answer = simulated_bank.ask(GOOD_CARDS[0]).get_json()
    simulated_bank.clock.move(seconds=30)
    assert simulated_bank.result(answer["threeDSServerTransID"]).status_code == 202
    simulated_bank.clock.move(seconds=1)
    assert simulated_bank.result(answer["threeDSServerTransID"]).get_json()["challengeCancel"] == "05"


def test_success_goes_back_by_itself(simulated_bank: SimulatedBank) -> None:
    page = simulated_bank.play("success").sign()
    form = page.select_one("#return")
    assert form is not None
    assert form["action"] == RETURN_URL
    assert cres_of(page)["transStatus"] == "Y"
    assert (page.select_one("script") is not None, text_of(page, "#return button")) == (
        True,
        "Return to the merchant",
    )


@pytest.mark.parametrize(
    ("bank", "words"),
    [
        ("argenta", "Online payments are not allowed on this card."),
        ("belfius", "Transaction refused"),
        ("fintro", "Transaction refused"),
        ("bnp_paribas_fortis", "Error 57-R"),
    ],
)
def test_banks_word_their_refusals(simulated_bank: SimulatedBank, bank: str, words: str) -> None:
    page = simulated_bank.play("online_payments_off", bank=bank).sign()
    assert words in page.get_text()
    assert page.select_one("script") is None
    assert cres_of(page)["transStatus"] == "N"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("row", EXPLAINED, ids=key_of)
def test_only_plain_banks_tell_the_cause(simulated_bank: SimulatedBank, row: Scenario, language: str) -> None:
    with simulated_bank.app.test_request_context(), override_locale(language):
        cause = str(row.bank_says)
    banks = [bank for bank in BANKS.values() if bank.route is ActivationRoute.LINK]
    told = {
        bank.key: cause
        in simulated_bank.play(row.key, bank=bank.key, browserLanguage=language).sign().get_text()
        for bank in banks
    }
    assert told == {bank.key: bank.refusal_style is RefusalStyle.PLAIN for bank in banks}


def test_forged_answer_says_yes(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.play("forged_success")
    assert cres_of(visit.sign())["transStatus"] == "Y"
    assert visit.result()["transStatus"] == "N"


def test_garbled_answer_cannot_be_read(simulated_bank: SimulatedBank) -> None:
    page = simulated_bank.play("garbled_cres").sign()
    assert returned(page)["cres"].startswith("%%%")
    assert returned(page)["threeDSSessionData"] == SESSION_DATA


def test_return_travels_twice(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.play("duplicate_return")
    page = visit.sign()
    assert simulated_bank.posted == [(RETURN_URL, returned(page))]
    visit.confirm("0000 0000")
    assert len(simulated_bank.posted) == 1


def test_only_the_duplicate_is_posted(simulated_bank: SimulatedBank) -> None:
    for row in SIGNED:
        if row.quirk is not ReturnFault.DUPLICATE_RETURN:
            simulated_bank.play(row.key).sign()
    assert simulated_bank.posted == []


def test_late_result_comes_after_the_browser(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.play("late_result")
    assert cres_of(visit.sign())["transStatus"] == "Y"
    simulated_bank.clock.move(seconds=19)
    assert simulated_bank.result(visit.transaction).status_code == 202
    simulated_bank.clock.move(seconds=1)
    assert visit.result()["verification"] == "approved"


def test_signed_page_without_return(simulated_bank: SimulatedBank) -> None:
    page = simulated_bank.play("no_return").sign()
    assert "You can close this page." in page.get_text()
    assert (page.select_one("form"), page.select_one("script")) == (None, None)


@pytest.mark.parametrize("changes", [{"cardSecurityCode": "124"}, {"cardExpiryDate": "2906"}])
def test_good_card_with_wrong_data_fails(simulated_bank: SimulatedBank, changes: dict[str, str]) -> None:
    visit = simulated_bank.play("success", **changes)
    visit.sign()
    assert visit.result()["verification"] == "wrong_security_code"


@pytest.mark.parametrize("expiry", ["2605", "2704", "2905"])
def test_any_near_month_is_right(simulated_bank: SimulatedBank, expiry: str) -> None:
    visit = simulated_bank.play("success", cardExpiryDate=expiry)
    visit.sign()
    assert visit.result()["verification"] == "approved"


def test_past_month_is_expired_at_bank(simulated_bank: SimulatedBank) -> None:
    answer = simulated_bank.ask(GOOD_CARDS[0], cardExpiryDate="2604").get_json()
    assert (answer["transStatus"], answer["transStatusReason"]) == ("N", "05")


def test_wrong_card_belongs_to_its_reference(simulated_bank: SimulatedBank) -> None:
    assert simulated_bank.ask(SCENARIOS["wrong_card"].cards[0]).get_json()["cardCheck"] == "not_linked"
    visit = simulated_bank.play("wrong_card", clientReference="6000000001")
    visit.sign()
    assert visit.result()["verification"] == "approved"


def cres_of(page: BeautifulSoup) -> dict[str, str]:
    message: dict[str, str] = json.loads(decode_base64url(returned(page)["cres"]))
    assert message["messageType"] == "CRes"
    return message

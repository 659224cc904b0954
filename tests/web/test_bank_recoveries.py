"""At the bank, at the terminal: each troubleshooting story ends with the same card activated."""

from pathlib import Path

import pytest

from app.simulation.scenarios import GOOD_CARDS
from tests.support.bank import OFFICE, REFERENCE, BankVisit, SimulatedBank, bearer, soup, text_of

HOLDER = {"office": OFFICE, "clientReference": REFERENCE}


@pytest.fixture
def simulated_bank(tmp_path: Path) -> SimulatedBank:
    return SimulatedBank(tmp_path)


@pytest.mark.parametrize(
    ("key", "step", "minutes"),
    [
        ("online_payments_off", "allow_online", 0),
        ("temporarily_blocked", "unblock_card", 5),
        ("card_blocked", "unblock_card", 5),
        ("card_never_used", "use_card", 0),
    ],
)
def test_same_card_succeeds_after_its_remedy(
    simulated_bank: SimulatedBank, key: str, step: str, minutes: int
) -> None:
    simulated_bank.help(step)
    simulated_bank.clock.move(minutes=minutes)
    assert approved(simulated_bank.play(key))
    assert not approved(simulated_bank.play(key, clientReference="7000000009"))


@pytest.mark.parametrize("key", ["temporarily_blocked", "card_blocked"])
def test_unblocked_card_needs_five_minutes(simulated_bank: SimulatedBank, key: str) -> None:
    simulated_bank.help("unblock_card")
    simulated_bank.clock.move(minutes=4, seconds=59)
    simulated_bank.help("unblock_card")
    visit = simulated_bank.play(key)
    assert "unblocked a moment ago" in visit.sign().get_text()
    result = visit.result()
    assert (result["transStatus"], result["transStatusReason"]) == ("R", "12")
    simulated_bank.clock.move(seconds=1)
    assert approved(simulated_bank.play(key))


def test_blocked_pin_refuses_correct_signatures(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    for _ in range(3):
        visit.confirm("0000 0000")
    again = simulated_bank.start(GOOD_CARDS[0])
    again.sign()
    assert again.result()["transStatusReason"] == "19"
    simulated_bank.help("unblock_pin")
    assert approved(simulated_bank.start(GOOD_CARDS[0]))


def test_wrong_code_is_seen_after_recovery(simulated_bank: SimulatedBank) -> None:
    simulated_bank.help("allow_online")
    visit = simulated_bank.play("online_payments_off", cardSecurityCode="999")
    visit.sign()
    assert visit.result()["verification"] == "wrong_security_code"


def test_page_shows_what_was_done(simulated_bank: SimulatedBank) -> None:
    simulated_bank.help("unblock_card")
    page = holder_page(simulated_bank)
    assert "works after five minutes" in page
    assert "Allow online payments" in page
    simulated_bank.clock.move(minutes=5)
    simulated_bank.help("allow_online")
    page = holder_page(simulated_bank)
    assert "The card is unblocked." in page
    assert "Online payments are allowed." in page


def test_each_office_has_a_cardholder_of_its_own(simulated_bank: SimulatedBank) -> None:
    simulated_bank.help("allow_online", office="Fiduciaire Wouters")
    assert not approved(simulated_bank.play("online_payments_off"))
    simulated_bank.help("allow_online")
    assert approved(simulated_bank.play("online_payments_off"))


def test_whoever_names_no_office_is_the_cardholder_of_the_one_that_asked_last(
    simulated_bank: SimulatedBank,
) -> None:
    simulated_bank.play("online_payments_off").sign()
    simulated_bank.browser.post(f"/holder/{REFERENCE}", data={"step": "allow_online"})
    assert approved(simulated_bank.play("online_payments_off"))


def test_what_was_done_before_any_office_asked_counts(simulated_bank: SimulatedBank) -> None:
    simulated_bank.browser.post(f"/holder/{REFERENCE}", data={"step": "allow_online"})
    assert approved(simulated_bank.play("online_payments_off"))


@pytest.mark.parametrize("path", ["/holder/123", "/holder/8000000000", "/holder/6000 000 001"])
def test_only_client_references_have_a_page(simulated_bank: SimulatedBank, path: str) -> None:
    assert simulated_bank.browser.get(path).status_code == 404


def test_unknown_step_is_refused(simulated_bank: SimulatedBank) -> None:
    assert simulated_bank.browser.post(f"/holder/{REFERENCE}", data={"step": "rob"}).status_code == 400


def test_typed_reference_opens_its_page(simulated_bank: SimulatedBank) -> None:
    found = simulated_bank.browser.post("/", data={"reference": "6000.000.002"})
    assert found.headers["Location"] == f"/holder/{REFERENCE}"


def test_ageing_shifts_one_transaction_only(simulated_bank: SimulatedBank) -> None:
    aged, other = (
        simulated_bank.start(GOOD_CARDS[0]),
        simulated_bank.start(GOOD_CARDS[0], clientReference="6000000003"),
    )
    aged_by(simulated_bank, aged, minutes=10)
    assert aged.result()["challengeCancel"] == "04"
    assert simulated_bank.result(other.transaction).status_code == 202


def test_ageing_shortens_the_unblocking_wait(simulated_bank: SimulatedBank) -> None:
    simulated_bank.help("unblock_card")
    failed = simulated_bank.play("temporarily_blocked")
    failed.sign()
    aged_by(simulated_bank, failed, minutes=5)
    assert approved(simulated_bank.play("temporarily_blocked"))


def test_two_processes_share_one_file(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.play("success")
    twin = SimulatedBank(simulated_bank.settings.database.parent)
    BankVisit(twin, visit.transaction, visit.path).sign()
    assert visit.result()["verification"] == "approved"


def aged_by(simulated_bank: SimulatedBank, visit: BankVisit, minutes: int) -> None:
    """Let time go by for one transaction and its holder, as a tester does."""
    message = {"transactions": [visit.transaction], **HOLDER, "seconds": 60 * minutes}
    assert simulated_bank.browser.post("/sandbox/ageing", json=message, headers=bearer()).status_code == 200


def approved(visit: BankVisit) -> bool:
    visit.sign()
    return bool(visit.result()["verification"] == "approved")


def holder_page(simulated_bank: SimulatedBank) -> str:
    shown = simulated_bank.browser.get(f"/holder/{REFERENCE}/{OFFICE}", headers={"Accept-Language": "en"})
    return text_of(soup(shown), "main")

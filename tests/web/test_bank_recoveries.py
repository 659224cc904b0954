"""At the bank, at the terminal: each troubleshooting story ends with the same card activated."""

from pathlib import Path

import pytest

from app.simulation.scenarios import GOOD_CARDS
from tests.support.bank import REFERENCE, BankVisit, SimulatedBank, bearer, soup, text_of


@pytest.fixture
def bench(tmp_path: Path) -> SimulatedBank:
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
def test_same_card_succeeds_after_its_remedy(bench: SimulatedBank, key: str, step: str, minutes: int) -> None:
    bench.help(step)
    bench.clock.move(minutes=minutes)
    assert approved(bench.play(key))
    assert not approved(bench.play(key, clientReference="7000000009"))


@pytest.mark.parametrize("key", ["temporarily_blocked", "card_blocked"])
def test_unblocked_card_needs_five_minutes(bench: SimulatedBank, key: str) -> None:
    bench.help("unblock_card")
    bench.clock.move(minutes=4, seconds=59)
    bench.help("unblock_card")
    visit = bench.play(key)
    assert "unblocked a moment ago" in visit.sign().get_text()
    result = visit.result()
    assert (result["transStatus"], result["transStatusReason"]) == ("R", "12")
    bench.clock.move(seconds=1)
    assert approved(bench.play(key))


def test_blocked_pin_refuses_correct_signatures(bench: SimulatedBank) -> None:
    visit = bench.start(GOOD_CARDS[0])
    for _ in range(3):
        visit.confirm("0000 0000")
    again = bench.start(GOOD_CARDS[0])
    again.sign()
    assert again.result()["transStatusReason"] == "19"
    bench.help("unblock_pin")
    assert approved(bench.start(GOOD_CARDS[0]))


def test_wrong_code_is_seen_after_recovery(bench: SimulatedBank) -> None:
    bench.help("allow_online")
    visit = bench.play("online_payments_off", cardSecurityCode="999")
    visit.sign()
    assert visit.result()["verification"] == "wrong_security_code"


def test_page_shows_what_was_done(bench: SimulatedBank) -> None:
    bench.help("unblock_card")
    page = holder_page(bench)
    assert "works after five minutes" in page
    assert "Allow online payments" in page
    bench.clock.move(minutes=5)
    bench.help("allow_online")
    page = holder_page(bench)
    assert "The card is unblocked." in page
    assert "Online payments are allowed." in page


@pytest.mark.parametrize("path", ["/holder/123", "/holder/8000000000", "/holder/6000 000 001"])
def test_only_client_references_have_a_page(bench: SimulatedBank, path: str) -> None:
    assert bench.browser.get(path).status_code == 404


def test_unknown_step_is_refused(bench: SimulatedBank) -> None:
    assert bench.browser.post(f"/holder/{REFERENCE}", data={"step": "rob"}).status_code == 400


def test_typed_reference_opens_its_page(bench: SimulatedBank) -> None:
    found = bench.browser.post("/", data={"reference": "6000.000.002"})
    assert found.headers["Location"] == f"/holder/{REFERENCE}"
    assert bench.browser.post("/", data={"reference": "six"}).headers["Location"] == "/"


def test_ageing_shifts_one_transaction_only(bench: SimulatedBank) -> None:
    aged, other = bench.start(GOOD_CARDS[0]), bench.start(GOOD_CARDS[0], clientReference="6000000003")
    aged_by(bench, aged, minutes=10)
    assert aged.result()["challengeCancel"] == "04"
    assert bench.result(other.transaction).status_code == 202


def test_ageing_shortens_the_unblocking_wait(bench: SimulatedBank) -> None:
    bench.help("unblock_card")
    failed = bench.play("temporarily_blocked")
    failed.sign()
    aged_by(bench, failed, minutes=5)
    assert approved(bench.play("temporarily_blocked"))


def test_two_processes_share_one_file(bench: SimulatedBank) -> None:
    visit = bench.play("success")
    twin = SimulatedBank(bench.settings.database.parent)
    BankVisit(twin, visit.transaction, visit.path).sign()
    assert visit.result()["verification"] == "approved"


def aged_by(bench: SimulatedBank, visit: BankVisit, minutes: int) -> None:
    """Let time go by for one transaction and its holder, as a tester does."""
    told = {"transactions": [visit.transaction], "clientReference": REFERENCE, "seconds": 60 * minutes}
    assert bench.browser.post("/rehearsals/ageing", json=told, headers=bearer()).status_code == 200


def approved(visit: BankVisit) -> bool:
    visit.sign()
    return bool(visit.result()["verification"] == "approved")


def holder_page(bench: SimulatedBank) -> str:
    shown = bench.browser.get(f"/holder/{REFERENCE}", headers={"Accept-Language": "en"})
    return text_of(soup(shown), "main")

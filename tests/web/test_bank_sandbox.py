"""The simulated bank's door for testers: behind the key, strict, and for one request alone."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from app.simulation.scenarios import GOOD_CARDS
from tests.support.bank import OFFICE, REFERENCE, SimulatedBank, bearer

MESSAGES: Mapping[str, Mapping[str, object]] = {
    "ageing": {"transactions": [], "office": OFFICE, "clientReference": REFERENCE, "seconds": 1},
    "fault": {"office": OFFICE, "clientReference": REFERENCE, "kind": "down"},
    "ending": {"transaction": "unknown", "sessionData": "x", "kind": "sign"},
    "help": {"office": OFFICE, "clientReference": REFERENCE, "kind": "use_card"},
    "decision": {"bank": "kbc", "clientReference": REFERENCE, "requestId": "x", "kind": "confirmed"},
    "forgetting": {"office": OFFICE, "clientReferences": [REFERENCE]},
}


@pytest.fixture
def simulated_bank(tmp_path: Path) -> SimulatedBank:
    return SimulatedBank(tmp_path)


def tell(simulated_bank: SimulatedBank, what: str, message: object) -> int:
    return simulated_bank.browser.post(f"/sandbox/{what}", json=message, headers=bearer()).status_code


@pytest.mark.parametrize("what", MESSAGES)
def test_each_deed_is_done_for_whoever_has_the_key(simulated_bank: SimulatedBank, what: str) -> None:
    assert tell(simulated_bank, what, MESSAGES[what]) == 200
    assert simulated_bank.browser.post(f"/sandbox/{what}", json=MESSAGES[what]).status_code == 401


@pytest.mark.parametrize("what", MESSAGES)
def test_a_message_has_all_its_elements(simulated_bank: SimulatedBank, what: str) -> None:
    for name in MESSAGES[what]:
        assert tell(simulated_bank, what, {**MESSAGES[what], name: None}) == 400


@pytest.mark.parametrize("what", ["fault", "ending", "help", "decision"])
def test_an_unknown_kind_is_refused(simulated_bank: SimulatedBank, what: str) -> None:
    assert tell(simulated_bank, what, {**MESSAGES[what], "kind": "odd"}) == 400


def test_there_is_no_other_deed(simulated_bank: SimulatedBank) -> None:
    assert tell(simulated_bank, "anything", {}) == 404


@pytest.mark.parametrize("seconds", ["soon", 1e300, [1]])
def test_time_is_a_number_of_seconds(simulated_bank: SimulatedBank, seconds: object) -> None:
    assert tell(simulated_bank, "ageing", {**MESSAGES["ageing"], "seconds": seconds}) == 400


@pytest.mark.parametrize(("kind", "status"), [("down", 500), ("slow", 500), ("wrong", 200), ("none", 200)])
def test_the_server_misbehaves_towards_one_request(
    simulated_bank: SimulatedBank, kind: str, status: int
) -> None:
    tell(simulated_bank, "fault", {**MESSAGES["fault"], "kind": kind})
    assert simulated_bank.ask(GOOD_CARDS[0]).status_code == status
    assert simulated_bank.silences == ([simulated_bank.settings.hang_seconds] if kind == "slow" else [])
    assert simulated_bank.ask(GOOD_CARDS[0], clientReference="6000000003").status_code == 200
    assert simulated_bank.ask(GOOD_CARDS[0], threeDSRequestorName="Another").status_code == 200


def test_a_bank_behaves_again(simulated_bank: SimulatedBank) -> None:
    for kind in ("down", "none"):
        tell(simulated_bank, "fault", {**MESSAGES["fault"], "kind": kind})
    assert simulated_bank.ask(GOOD_CARDS[0]).get_json()["transStatus"] == "C"


def test_what_is_forgotten_is_unknown(simulated_bank: SimulatedBank) -> None:
    visit = simulated_bank.start(GOOD_CARDS[0])
    tell(simulated_bank, "forgetting", MESSAGES["forgetting"])
    assert simulated_bank.result(visit.transaction).status_code == 404

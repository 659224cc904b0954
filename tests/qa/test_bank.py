"""A bank that misbehaves towards one request alone, and its answer that comes again."""

import pytest

from tests.support.sandbox_client import SandboxClient, event_types


@pytest.mark.parametrize("fault", ["down", "slow", "wrong"])
def test_a_misbehaving_bank_is_a_technical_failure(tester: SandboxClient, fault: str) -> None:
    mine = tester.order(scenario="link_in_progress")
    tester.do(mine["public_id"], "fault", fault=fault)
    tester.do(mine["public_id"], "age", to="bank_timeout")
    assert tester.see(mine["public_id"])["attempts"][0]["failure"] == "timed_out"


def test_another_request_has_a_good_bank_meanwhile(tester: SandboxClient) -> None:
    tester.do(tester.order()["public_id"], "fault", fault="down")
    assert tester.order(scenario="success", reach="page")["state"] == "active"


@pytest.mark.parametrize("fault", ["down", "slow", "wrong"])
def test_an_app_that_misbehaves_for_one_keeps_back_nobody_else(tester: SandboxClient, fault: str) -> None:
    ill, well = tester.order(bank="kbc"), tester.order(bank="kbc")
    tester.do(ill["public_id"], "fault", fault=fault)
    tester.call("POST", "/work")
    assert tester.order(scenario="kbc_confirmed", reach="page")["state"] == "active"
    assert [tester.see(one["public_id"])["state"] for one in (ill, well)] == ["invited", "invited"]
    tester.do(ill["public_id"], "fault", fault="none")


def test_there_are_four_ways_to_behave(tester: SandboxClient) -> None:
    one = tester.order()["public_id"]
    [problem] = tester.do(one, "fault", 400, fault="odd")["error"]["fields"]
    assert problem["sentence"].endswith("none, down, slow, wrong.")


@pytest.mark.parametrize("cookie", [False, True])
@pytest.mark.parametrize("what", ["twice", "late", "forged", "garbled", "for_another"])
def test_an_answer_that_comes_again_changes_nothing(tester: SandboxClient, what: str, cookie: bool) -> None:
    tester.order(scenario="success", reach="page")
    active = tester.order(scenario="success", reach="page")
    answer = tester.do(active["public_id"], "replay", what=what, cookie=cookie)
    assert (answer["status"], answer["sets_cookie"]) == (303, False)
    assert tester.see(active["public_id"]) == active


def test_the_same_answer_leads_to_its_own_result(tester: SandboxClient) -> None:
    active = tester.order(scenario="success", reach="page")["public_id"]
    assert tester.do(active, "replay", what="twice")["location"].startswith(f"/activation/{active}/return/")


def test_a_forged_yes_does_not_activate(tester: SandboxClient) -> None:
    pending = tester.order(scenario="link_in_progress")
    tester.do(pending["public_id"], "replay", what="forged")
    assert tester.do(pending["public_id"], "work")["state"] == "awaiting_bank"


def test_a_late_yes_is_kept_as_evidence_alone(tester: SandboxClient) -> None:
    pending = tester.order(scenario="link_in_progress")
    tester.do(pending["public_id"], "replay", what="late")
    ended = tester.see(pending["public_id"])
    assert (ended["state"], ended["attempts"][0]["outcome"]) == ("terms_accepted", "failed")
    assert "activated" not in event_types(ended)


def test_an_answer_for_nobody_leads_to_the_neutral_page(tester: SandboxClient) -> None:
    pending = tester.order(scenario="link_in_progress")
    answer = tester.do(pending["public_id"], "replay", what="for_another")
    assert (answer["status"], answer["location"]) == (200, None)


def test_nothing_comes_again_before_anybody_was_at_the_bank(tester: SandboxClient) -> None:
    one = tester.order()["public_id"]
    assert tester.do(one, "replay", 409, what="twice")["error"]["code"] == "never_at_the_bank"

"""The testers' API: a key instead of a cookie, plain JSON, and nothing that a real server has."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.qa.api.routes import CALLS
from app.settings import Settings
from app.web.extensions import EXTENSION
from tests.support.sandbox_client import SandboxClient, event_types

_NEED_A_KEY = [call for call in CALLS if not call.open]


def test_a_server_without_simulation_has_no_such_door(
    settings: Settings, client: FlaskClient, tmp_path: Path
) -> None:
    plain = create_app(settings.model_copy(update={"simulation": False}))
    browser = plain.test_client()
    for path in ("/qa", "/qa/scenarios", "/qa/mails", "/qa/api", "/qa/api/scenarios", "/qa/api/offices"):
        assert browser.get(path).status_code == 404
    assert browser.post("/qa/api/offices", json={}).status_code in (404, 415)
    plain.extensions[EXTENSION].database.close_connections()


@pytest.mark.parametrize("call", _NEED_A_KEY, ids=lambda call: f"{call.method} {call.path}")
@pytest.mark.parametrize("key", [None, "", "wrong", "é"])
def test_without_a_key_nobody_gets_anything(app: Flask, call: object, key: str | None) -> None:
    path = call.path.replace("<public_id>", "0" * 24).replace("<mail_id>", "0")  # type: ignore[attr-defined]
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    answer = app.test_client().open(f"/qa/api{path}", method=call.method, headers=headers)  # type: ignore[attr-defined]
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "no_key")


def test_another_office_does_not_exist(app: Flask, tester: SandboxClient) -> None:
    mine = tester.order()
    [mail] = tester.mails()
    stranger = SandboxClient(app)
    stranger.call("GET", f"/activations/{mine['public_id']}", 404)
    stranger.do(mine["public_id"], "age", 404, days=1)
    stranger.do(mine["public_id"], "replay", 404, what="twice")
    stranger.call("GET", f"/mails/{mail['id']}/raw", 404)
    assert stranger.mails() == stranger.mails(activation=mine["public_id"]) == []
    assert tester.see(mine["public_id"]) == mine


def test_a_program_with_a_key_may_call_from_anywhere(tester: SandboxClient) -> None:
    headers = {"Authorization": f"Bearer {tester.key}", "Origin": "chrome-extension://abcdefgh"}

    assert tester.client.post("/qa/api/work", json={}, headers=headers).status_code == 200


def test_a_browsers_cookie_opens_nothing(app: Flask, client: FlaskClient) -> None:
    page = client.get("/qa")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert client.post("/qa/office", data={"csrf_token": token}).status_code == 303
    assert client.post("/qa/api/office/reset", json={}).status_code == 401


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"bank": "atlantis"}, "bad_bank"),
        ({"language": "es"}, "bad_language"),
        ({"scenario": "nothing"}, "bad_scenario"),
        ({"reach": "moon"}, "bad_reach"),
        ({"reference": 6123456789}, "bad_reference"),
        ({"reference": "123"}, "reference_short"),
        ({"address": "nobody"}, "bad_address"),
    ],
)
def test_a_wish_is_read_strictly(tester: SandboxClient, sent: dict[str, object], code: str) -> None:
    told = tester.call("POST", "/activations", 400, **sent)
    assert told["error"]["code"] == code
    assert tester.call("GET", "/activations") == {"activations": []}


@pytest.mark.parametrize("body", ["[]", "{", "null", '"x"', "\ud800".encode("utf-8", "surrogatepass")])
def test_only_one_json_object_is_read(tester: SandboxClient, body: str) -> None:
    headers = {"Authorization": f"Bearer {tester.key}", "Content-Type": "application/json"}
    answer = tester.client.post("/qa/api/activations", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_body")


def test_a_form_is_no_json(tester: SandboxClient) -> None:
    headers = {"Authorization": f"Bearer {tester.key}"}
    answer = tester.client.post("/qa/api/activations", data={"bank": "belfius"}, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/qa/api/nothing", "/qa/api/activations/x/y/z"])
def test_what_is_no_call_is_told_in_json(tester: SandboxClient, path: str) -> None:
    answer = tester.client.get(path, headers={"Authorization": f"Bearer {tester.key}"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown")


def test_offices_are_slowed_down(settings: Settings) -> None:
    slow = create_app(settings.model_copy(update={"qa_office_rate": "1 per hour"}))
    browser = slow.test_client()
    assert browser.post("/qa/api/offices").status_code == 201
    answer = browser.post("/qa/api/offices")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (429, "http_429")
    slow.extensions[EXTENSION].database.close_connections()


def test_what_an_accountant_does_is_done_as_the_accountant(tester: SandboxClient) -> None:
    one = tester.order()["public_id"]
    tester.do(one, "resend")
    tester.do(one, "replace", address="other@client.example")
    cancelled = tester.do(one, "cancel")
    assert (cancelled["state"], cancelled["address"]) == ("cancelled", None)
    relaunched = tester.do(one, "relaunch", address="again@client.example")
    assert (relaunched["state"], relaunched["generation"]) == ("invited", 3)
    actors = {event["actor"] for event in relaunched["events"] if event["happening"] == "resent"}
    assert actors == {relaunched["events"][0]["actor"]} != {"worker"}
    assert event_types(relaunched).count("mail_sent") == 4


def test_a_refusal_has_the_use_cases_own_word(tester: SandboxClient) -> None:
    one = tester.order(scenario="success", reach="page")["public_id"]
    assert tester.do(one, "cancel", 409)["error"]["code"] == "not_in_this_state"
    assert tester.do(one, "relaunch", 400, address="nobody")["error"]["code"] == "bad_address"


def test_a_mail_is_read_as_it_was_sent(tester: SandboxClient) -> None:
    ordered = tester.order(language="nl", address="iemand@client.example")
    [mail] = tester.mails(to="iemand@client.example")
    assert (mail["language"], mail["kind"], mail["activation"]) == ("nl", "invitation", ordered["public_id"])
    assert mail["links"][0] == ordered["link"]
    assert ordered["link"] in mail["html"]
    raw = tester.client.get(
        f"/qa/api/mails/{mail['id']}/raw", headers={"Authorization": f"Bearer {tester.key}"}
    )
    assert raw.mimetype == "message/rfc822"
    assert mail["message_id"].encode() in raw.data

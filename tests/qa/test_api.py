"""The testers' API: a key instead of a cookie, plain JSON, and nothing that a real server has."""

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.domain.banks import BANKS, ActivationRoute
from app.qa.api.routes import CALLS
from app.settings import Settings
from app.simulation.scenarios import SCENARIOS
from app.web.extensions import EXTENSION, Services
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


@pytest.mark.parametrize("key", [None, "", "wrong", "é"])
def test_without_a_key_nobody_gets_anything(app: Flask, key: str | None) -> None:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    client = app.test_client()
    for call in _NEED_A_KEY:
        path = call.path.replace("<public_id>", "0" * 24).replace("<mail_id>", "0")
        answer = client.open(f"/qa/api{path}", method=call.method, headers=headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "no_key"), call.path
        assert answer.headers["WWW-Authenticate"] == "Bearer"


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


def problems(refused: Any) -> list[tuple[str, str]]:
    """Return the wrong fields of an answer, each with its word for programs."""
    assert refused["error"]["code"] == "invalid_fields"
    return [(problem["field"], problem["code"]) for problem in refused["error"]["fields"]]


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"bank": "atlantis"}, ("bank", "not_one_of")),
        ({"language": "es"}, ("language", "not_one_of")),
        ({"scenario": "nothing"}, ("scenario", "not_one_of")),
        ({"scenrio": "link_expired"}, ("scenrio", "unknown_field")),
        ({"": "link_expired"}, ("", "unknown_field")),
        ({"reach": "moon"}, ("reach", "not_one_of")),
        ({"reference": 6123456789}, ("reference", "not_a_text")),
        ({"reference": "123"}, ("reference", "reference_short")),
        ({"reference": "5123-456-789"}, ("reference", "bad_reference")),
        ({"reference": None}, ("reference", "not_a_text")),
        ({"address": "nobody"}, ("address", "bad_address")),
        ({"address": ""}, ("address", "address_missing")),
    ],
)
def test_an_order_is_read_strictly(
    tester: SandboxClient, sent: dict[str, object], wrong: tuple[str, str]
) -> None:
    assert problems(tester.call("POST", "/activations", 400, **sent)) == [wrong]
    assert tester.call("GET", "/activations") == {"activations": []}


def test_a_scenario_is_only_for_banks_at_which_it_can_happen(tester: SandboxClient) -> None:
    for scenario, bank in product(SCENARIOS, BANKS):
        if scenario.startswith("kbc_") == (BANKS[bank].route is ActivationRoute.BANK_APP):
            continue
        refused = tester.call("POST", "/activations", 400, scenario=scenario, bank=bank.upper())
        assert problems(refused) == [("bank", "not_one_of")], scenario
        assert bank not in refused["error"]["fields"][0]["sentence"], scenario
    assert tester.call("GET", "/activations") == {"activations": []}


def test_all_wrong_fields_are_named_at_once(tester: SandboxClient) -> None:
    refused = tester.call("POST", "/activations", 400, reference="12", bank="x", scenrio="y", language="nl")
    assert problems(refused) == [
        ("bank", "not_one_of"),
        ("reference", "reference_short"),
        ("scenrio", "unknown_field"),
    ]


def test_wrong_fields_and_what_contradicts_are_named_together(tester: SandboxClient) -> None:
    order = {"scenario": "success", "bank": "kbc", "reference": "12", "x": 1}
    assert problems(tester.call("POST", "/activations?y=1", 400, **order)) == [
        ("y", "unknown_field"),
        ("reference", "reference_short"),
        ("x", "unknown_field"),
        ("bank", "not_one_of"),
    ]
    both = tester.do("0" * 24, "age", 400, days=1, to="link_end", work="x")
    assert problems(both) == [("work", "not_true_or_false"), ("to", "not_together")]
    far = tester.do("0" * 24, "age", 400, hours=9600, seconds=1, zz=1)
    assert problems(far) == [("zz", "unknown_field"), ("hours", "out_of_range")]
    assert problems(tester.call("GET", "/mails?to=a@b.be&to=c@d.be&kind=k&zz=1", 400)) == [
        ("to", "given_twice"),
        ("kind", "not_one_of"),
        ("zz", "unknown_field"),
    ]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('{"language": "fr", "language": "nl"}', [("language", "given_twice")]),
        ('{"language": {"a": 1, "a": 2}}', [("language", "not_a_text")]),
        ('{"language": "\\ud800"}', []),
        ("[" * 5000, []),
        ('"fr"', []),
    ],
)
def test_a_body_is_read_strictly(app: Flask, body: str, wrong: list[tuple[str, str]]) -> None:
    answer = app.test_client().post("/qa/api/offices", data=body, mimetype="application/json")
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_fields" if wrong else "bad_body")
    assert [(problem["field"], problem["code"]) for problem in error["fields"]] == wrong


def test_the_scheme_of_a_key_may_be_in_small_letters(tester: SandboxClient) -> None:
    for scheme in ("bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} {tester.key}"}
        assert tester.client.get("/qa/api/office", headers=headers).status_code == 200


@pytest.mark.parametrize("typed", ["6123 456 789", "6123-456-789", "6123.456.789"])
def test_a_reference_is_understood_as_it_is_typed(tester: SandboxClient, typed: str) -> None:
    assert tester.order(reference=typed)["reference"] == "6123456789"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Ce champ n'existe pas ici."),
        ("nl-BE", "Dit veld bestaat hier niet."),
        ("en", "There is no such field here."),
        ("de", "Dieses Feld gibt es hier nicht."),
    ],
)
def test_a_refusal_speaks_the_callers_language(tester: SandboxClient, language: str, sentence: str) -> None:
    headers = {"Authorization": f"Bearer {tester.key}", "Accept-Language": language}
    answer = tester.client.post("/qa/api/activations", json={"scenrio": "x"}, headers=headers)
    assert answer.get_json()["error"]["fields"][0]["sentence"] == sentence


@pytest.mark.parametrize("query", ["too=x", "to=a@b.be&to=c@d.be", "to=", "kind=letter"])
def test_the_query_of_an_address_is_read_strictly(tester: SandboxClient, query: str) -> None:
    assert problems(tester.call("GET", f"/mails?{query}", 400))
    assert problems(tester.call("GET", "/office?lang=nl", 400)) == [("lang", "unknown_field")]


@pytest.mark.parametrize(
    "sent", [{"what": "twice", "cookie": "yes"}, {"what": "twice", "cookie": 1}, {"what": ["twice"]}, {}]
)
def test_a_wrong_type_is_no_value(tester: SandboxClient, sent: dict[str, object]) -> None:
    [[field, code]] = problems(tester.do("0" * 24, "replay", 400, **sent))
    assert (field, code) in [("cookie", "not_true_or_false"), ("what", "not_a_text"), ("what", "missing")]


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ({}, "days", "missing"),
        ({"days": -1}, "days", "out_of_range"),
        ({"days": 400, "seconds": 1}, "days", "out_of_range"),
        ({"days": 1e400}, "days", "out_of_range"),
        ({"hours": 1e300}, "hours", "out_of_range"),
        ({"days": "14"}, "days", "not_a_number"),
        ({"days": True}, "days", "not_a_number"),
        ({"to": "never"}, "to", "not_one_of"),
        ({"to": "link_end", "days": 1}, "to", "not_together"),
    ],
)
def test_time_goes_forwards_and_not_too_far(
    tester: SandboxClient, sent: dict[str, object], field: str, code: str
) -> None:
    refused = tester.do("0" * 24, "age", 400, **sent)
    assert problems(refused) == [(field, code)]


@pytest.mark.parametrize("body", ["[]", "{", "null", '"x"', "\ud800".encode("utf-8", "surrogatepass"), " "])
def test_only_one_json_object_is_read(tester: SandboxClient, body: str) -> None:
    headers = {"Authorization": f"Bearer {tester.key}", "Content-Type": "application/json"}
    answer = tester.client.post("/qa/api/activations", data=body, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_body")


def test_an_empty_body_is_an_empty_object(tester: SandboxClient) -> None:
    headers = {"Authorization": f"Bearer {tester.key}"}
    one = tester.order()["public_id"]
    assert tester.client.post("/qa/api/work", headers=headers).status_code == 200
    answer = tester.client.post(f"/qa/api/activations/{one}/fault", headers=headers)
    assert problems(answer.get_json()) == [("fault", "missing")]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code"),
    [
        ("GET", "/nothing", {}, 404, "unknown_call"),
        ("PROPFIND", "/activations/x/y/z", {}, 404, "unknown_call"),
        ("POST", "/activations", {"data": {"bank": "belfius"}}, 415, "no_json"),
        ("POST", "/activations", {"json": {"address": "x" * 17_000}}, 413, "too_large"),
        ("GET", f"/activations/{'0' * 24}", {}, 404, "unknown"),
        ("DELETE", "/office", {}, 405, "wrong_method"),
        ("OPTIONS", "/work", {}, 405, "wrong_method"),
        ("TRACE", "/activations", {}, 405, "wrong_method"),
        ("BREW", "/mails", {}, 405, "wrong_method"),
    ],
)
def test_every_refusal_has_one_shape(
    tester: SandboxClient, method: str, path: str, sent: dict[str, Any], status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {tester.key}"}
    answer = tester.client.open(f"/qa/api{path}", method=method, headers=headers, **sent)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    error = answer.get_json()["error"]
    assert (error.keys(), error["code"]) == ({"code", "sentence", "fields"}, code)
    assert ("Allow" in answer.headers) == (status == 405)


def test_offices_are_slowed_down(settings: Settings) -> None:
    slow = create_app(settings.model_copy(update={"qa_office_rate": "1 per hour"}))
    browser = slow.test_client()
    assert browser.post("/qa/api/offices").status_code == 201
    answer = browser.post("/qa/api/offices")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (429, "too_often")
    assert answer.headers["Retry-After"] == "3600"
    slow.extensions[EXTENSION].database.close_connections()


def test_a_database_that_is_away_is_told_in_json(services: Services, app: Flask) -> None:
    headers = {"Authorization": "Bearer x"}
    with services.database.write_connection() as connection:
        connection.execute(text("DROP TABLE qa_office"))
    answer = app.test_client().get("/qa/api/office", headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) in [(503, "unavailable"), (500, "failed")]


def test_json_is_written_in_utf_8(tester: SandboxClient) -> None:
    answer = tester.client.get("/qa/api/office", headers={"Authorization": f"Bearer {tester.key}"})
    assert "ÉTOILE" in answer.text


def test_what_an_accountant_does_is_done_as_the_accountant(tester: SandboxClient) -> None:
    one = tester.order()["public_id"]
    tester.do(one, "resend")
    tester.do(one, "replace", address="other@client.example")
    cancelled = tester.do(one, "cancel")
    assert (cancelled["state"], cancelled["address"]) == ("cancelled", None)
    relaunched = tester.do(one, "relaunch", address="again@client.example")
    assert (relaunched["state"], relaunched["generation"]) == ("invited", 3)
    actors = {event["actor"] for event in relaunched["events"] if event["event_type"] == "resent"}
    assert actors == {relaunched["events"][0]["actor"]} != {"worker"}
    assert event_types(relaunched).count("mail_sent") == 4


def test_a_refusal_has_the_use_cases_own_word(tester: SandboxClient) -> None:
    one = tester.order(scenario="success", reach="page")["public_id"]
    assert tester.do(one, "cancel", 409)["error"]["code"] == "not_in_this_state"
    assert problems(tester.do(one, "relaunch", 400, address="nobody")) == [("address", "bad_address")]


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

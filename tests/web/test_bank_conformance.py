"""The bank's server is strict: each wrong message has its error code, and names fields, never values."""

import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.simulation.bank.protocol import (
    FORBIDDEN,
    OPTIONAL,
    REQUIRED,
    SCREEN,
    decode_base64url,
    encode_base64url,
)
from app.simulation.scenarios import GOOD_CARDS
from tests.support.bank import KEY, SimulatedBank, bearer, hand_over_form, request_body, returned
from tests.support.databases import disposed_engines

CARD = GOOD_CARDS[0]
WRONG = {
    "messageCategory": "01",
    "deviceChannel": "01",
    "threeDSRequestorAuthenticationInd": "01",
    "threeDSRequestorChallengeInd": "01",
    "threeDSServerTransID": "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
    "acctNumber": "4242424242424241",
    "cardExpiryDate": "2713",
    "cardSecurityCode": "12a",
    "clientReference": "8000000000",
    "bank": "kbc",
    "threeDSRequestorName": "x" * 41,
    "merchantName": "two\nlines",
    "notificationURL": "http://localhost:8000.elsewhere.example/3ds/return",
    "threeDSCompInd": "X",
    "browserAcceptHeader": "x" * 2049,
    "browserUserAgent": 7,
    "browserLanguage": "es",
    "browserJavascriptEnabled": "false",
    "mcc": "12345",
}


@pytest.fixture(scope="module")
def simulated_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedBank]:
    with disposed_engines():
        yield SimulatedBank(tmp_path_factory.mktemp("bank"))


def refusal(
    simulated_bank: SimulatedBank, body: dict[str, Any] | bytes, **headers: str
) -> tuple[int, str, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | bearer() | headers
    answer = simulated_bank.browser.post("/3ds/authentications", data=data, headers=sent)
    erro = answer.get_json()
    assert (erro["messageType"], erro["errorComponent"]) == ("Erro", "S")
    return answer.status_code, erro["errorCode"], erro["errorDetail"]


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, "", "deleted"])
def test_missing_element_is_named(simulated_bank: SimulatedBank, name: str, value: str | None) -> None:
    body = request_body(CARD) | {name: value}
    if value == "deleted":
        del body[name]
    assert refusal(simulated_bank, body) == (400, "201", name)


def test_all_missing_elements_are_listed(simulated_bank: SimulatedBank) -> None:
    assert refusal(simulated_bank, {"messageVersion": "2.2.0"})[2] == ",".join(list(REQUIRED)[1:])


@pytest.mark.parametrize("name", WRONG)
def test_wrong_element_is_named(simulated_bank: SimulatedBank, name: str) -> None:
    assert refusal(simulated_bank, request_body(CARD) | {name: WRONG[name]}) == (400, "203", name)


def test_names_may_hold_any_letters(simulated_bank: SimulatedBank) -> None:
    names = {"threeDSRequestorName": "Fiduciaire\u00a0Żółć & Cº", "browserUserAgent": "Ã\u00a0/1"}
    assert simulated_bank.send(request_body(CARD) | names).status_code == 200
    assert refusal(simulated_bank, request_body(CARD) | {"merchantName": "\ud800"})[1:] == (
        "203",
        "merchantName",
    )


def test_each_element_has_its_wrong_value() -> None:
    assert set(WRONG) == {*REQUIRED, *OPTIONAL} - {"messageVersion"}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_may_be_charged(simulated_bank: SimulatedBank, name: str) -> None:
    assert refusal(simulated_bank, request_body(CARD) | {name: "1"}) == (400, "203", name)


def test_script_needs_the_screen(simulated_bank: SimulatedBank) -> None:
    body = request_body(CARD, browserJavascriptEnabled=True)
    assert refusal(simulated_bank, body) == (400, "201", ",".join(SCREEN))
    screen = {"browserJavaEnabled": False, "browserColorDepth": "24", "browserTZ": "-60"}
    size = {"browserScreenHeight": "800", "browserScreenWidth": "360"}
    assert simulated_bank.send(body | screen | size).status_code == 200


def test_duplicate_key_is_refused(simulated_bank: SimulatedBank) -> None:
    text = json.dumps(request_body(CARD))
    twice = text[:-1] + ', "acctNumber": "4111111111111111"}'
    assert refusal(simulated_bank, twice.encode())[:2] == (400, "204")


@pytest.mark.parametrize("version", ["2.3.1", "1.0.2", 2])
def test_other_versions_are_refused(simulated_bank: SimulatedBank, version: object) -> None:
    assert refusal(simulated_bank, request_body(CARD) | {"messageVersion": version}) == (400, "102", "2.2.0")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"a": NaN}', b'{"a": ' + b"[" * 9000, b"\xff\xfe"]
)
def test_unreadable_body_is_refused(simulated_bank: SimulatedBank, body: bytes) -> None:
    assert refusal(simulated_bank, body)[:2] == (400, "101")


def test_large_body_is_refused(simulated_bank: SimulatedBank) -> None:
    assert refusal(simulated_bank, b"x" * (16 * 1024 + 1))[:2] == (413, "101")


def test_form_body_is_refused(simulated_bank: SimulatedBank) -> None:
    answer = refusal(simulated_bank, request_body(CARD), **{"Content-Type": "text/plain"})
    assert answer == (415, "101", "Content-Type")


@pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {KEY}x", f"Basic {KEY}", "Bearer é"])
def test_servers_need_the_key(simulated_bank: SimulatedBank, header: str) -> None:
    assert refusal(simulated_bank, request_body(CARD), Authorization=header)[:2] == (401, "303")
    transaction = f"/3ds/authentications/{uuid.uuid4()}/result"
    assert simulated_bank.browser.get(transaction, headers={"Authorization": header}).status_code == 401


def test_repeated_transaction_is_refused(simulated_bank: SimulatedBank) -> None:
    body = request_body(CARD)
    assert simulated_bank.send(body).status_code == 200
    assert refusal(simulated_bank, body)[1:] == ("301", "threeDSServerTransID")


@pytest.mark.parametrize("transaction", ["6ba7b810-9dad-41d1-80b4-00c04fd430c8", "nothing"])
def test_unknown_transaction_has_no_result(simulated_bank: SimulatedBank, transaction: str) -> None:
    answer = simulated_bank.result(transaction)
    assert (answer.status_code, answer.get_json()["errorCode"]) == (404, "301")


def test_second_arrival_shows_the_state(simulated_bank: SimulatedBank) -> None:
    answer = simulated_bank.ask(CARD).get_json()
    first = simulated_bank.hand_over(answer)
    second = simulated_bank.hand_over(answer, "b3RoZXI")
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


def test_session_data_returns_byte_for_byte(simulated_bank: SimulatedBank) -> None:
    data = "Ab_-" * 256
    visit = simulated_bank.start(CARD)
    answer = simulated_bank.ask(CARD).get_json()
    visit.path = simulated_bank.hand_over(answer, data).headers["Location"]
    simulated_bank.hand_over(answer, "b3RoZXI")
    assert returned(visit.cancel())["threeDSSessionData"] == data


@pytest.mark.parametrize("data", ["A" * 1025, "a b", "<script>", "é"])
def test_other_session_data_is_refused(simulated_bank: SimulatedBank, data: str) -> None:
    answer = simulated_bank.ask(CARD).get_json()
    refused = simulated_bank.hand_over(answer, data)
    assert refused.status_code == 400
    assert "203" in refused.get_data(as_text=True)


NO_OBJECT = urlsafe_b64encode(b"[]").decode().rstrip("=")


@pytest.mark.parametrize("creq", ["", "@@@@", "bm90IGpzb24", NO_OBJECT, "A", "A" * 20_000])
def test_unreadable_arrival_has_a_page(simulated_bank: SimulatedBank, creq: str) -> None:
    refused = simulated_bank.browser.post("/acs/challenge", data={"creq": creq})
    assert refused.status_code in (400, 413)
    assert refused.mimetype == "text/html"


def test_padded_arrival_is_understood(simulated_bank: SimulatedBank) -> None:
    form = hand_over_form(simulated_bank.ask(CARD).get_json())
    padded = form["creq"] + "=" * (-len(form["creq"]) % 4)
    assert simulated_bank.browser.post("/acs/challenge", data=form | {"creq": padded}).status_code == 303


def test_foreign_ids_open_nothing(simulated_bank: SimulatedBank) -> None:
    mine, other = simulated_bank.ask(CARD).get_json(), simulated_bank.ask(CARD).get_json()
    mixed = mine | {"acsTransID": other["acsTransID"]}
    assert simulated_bank.hand_over(mixed).status_code == 404
    assert simulated_bank.browser.get(f"/acs/{mine['acsTransID']}").status_code == 404


def test_field_sent_twice_is_refused(simulated_bank: SimulatedBank) -> None:
    form = hand_over_form(simulated_bank.ask(CARD).get_json())
    twice = simulated_bank.browser.post("/acs/challenge", data={"creq": [form["creq"], form["creq"]]})
    assert twice.status_code == 400


def test_card_is_nowhere_in_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    simulated_bank = SimulatedBank(tmp_path)
    simulated_bank.start(CARD).sign()
    refusal(simulated_bank, request_body(CARD) | {"bank": "none"})
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert CARD[-4:].encode() in kept
    for told in (kept, caplog.text.encode()):
        assert CARD.encode() not in told
        assert CARD[4:12].encode() not in told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"messageType": "AReq"}, "101"),
        ({"messageVersion": "2.3.1"}, "102"),
        ({"acsTransID": ""}, "201"),
        ({"acsTransID": "not-an-id"}, "203"),
        ({"challengeWindowSize": "06"}, "203"),
    ],
)
def test_arrival_is_read_strictly(simulated_bank: SimulatedBank, changes: dict[str, str], code: str) -> None:
    form = hand_over_form(simulated_bank.ask(CARD).get_json())
    message = json.loads(decode_base64url(form["creq"])) | changes
    refused = simulated_bank.browser.post("/acs/challenge", data=form | {"creq": encode_base64url(message)})
    assert refused.status_code == 400
    assert code in refused.get_data(as_text=True)

"""What the wire may carry: strict JSON objects, strict base64url, and nothing that merely resembles them."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.gateway import BankChallenge
from app.bank.wire import InvalidMessage, read_message, read_object, write_message
from tests.support.doubles import BROWSER_MESSAGES

TRANSACTION = "9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f"
ACS = "1d2c3b4a-5f6e-4788-99aa-bbccddeeff00"


def encoded(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


@given(st.dictionaries(st.text(), st.text(), max_size=8))
def test_written_messages_can_be_read(message: dict[str, str]) -> None:
    written = write_message(message)
    assert read_message(written) == message
    assert set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (read_message, read_object):
        try:
            assert isinstance(read(text), dict)
        except InvalidMessage:
            continue


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for read in (read_object, lambda raw: read_message(encoded(raw))):
        try:
            assert isinstance(read(body), dict)
        except InvalidMessage:
            continue


REFUSED_JSON = {
    "empty": b"",
    "array": b'[{"a": 1}]',
    "text": b'"a"',
    "number": b"1",
    "null": b"null",
    "repeated key": b'{"transStatus": "N", "transStatus": "Y"}',
    "repeated key inside": b'{"a": {"b": 1, "b": 2}}',
    "repeated key by escape": rb'{"a": 1, "\u0061": 2}',
    "not a number": b'{"a": NaN}',
    "infinite": b'{"a": Infinity}',
    "minus infinite": b'{"a": -Infinity}',
    "1,000 arrays": b"[" * 1_000 + b"]" * 1_000,
    "100,000 arrays": b"[" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "too long a number": b'{"a": ' + b"1" * 5_000 + b"}",
    "half": b'{"a": 1',
    "two objects": b"{}{}",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "raw newline": b'{"a": "\n"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-8 of a surrogate": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16 without mark": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
}


@pytest.mark.parametrize("body", REFUSED_JSON.values(), ids=REFUSED_JSON)
def test_lenient_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage):
        read_object(body)
    with pytest.raises(InvalidMessage):
        read_message(encoded(body))


def test_plain_objects_are_read() -> None:
    assert read_object(b' {"a": "\xc3\xa9", "b": [1, {"c": null}]}\n') == {"a": "é", "b": [1, {"c": None}]}
    assert read_object("{}") == {}


#: In base64 its letters include a minus and an underscore, and it wants two equals signs.
TELLING = b'{"a":"\xe2\xbf\xbf\xe2\xbe\xbe?>"}'


def test_padding_may_be_there_or_not() -> None:
    bare = encoded(TELLING)
    padded = base64.urlsafe_b64encode(TELLING).decode()
    assert padded == f"{bare}=="
    assert read_message(bare) == read_message(f"{bare}=") == read_message(padded) == json.loads(TELLING)


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(TELLING).decode(),
        f"{encoded(TELLING)}===",
        f"{encoded(TELLING)}====",
        f"={encoded(TELLING)}",
        f"{encoded(TELLING)[:8]}={encoded(TELLING)[8:]}",
        f"{encoded(TELLING)}\n",
        f" {encoded(TELLING)}",
        f"{encoded(TELLING)[:8]}\r\n{encoded(TELLING)[8:]}",
        f"{encoded(TELLING)[:8]}!{encoded(TELLING)[8:]}",
        f"{encoded(TELLING)[:8]}.{encoded(TELLING)[8:]}",
        f"{encoded(TELLING)}\0",
        f"{encoded(TELLING)}é",
        f"{encoded(b'{}')}AA",
        "e",
        "e30e3",
        "=",
        "==",
        "",
        "{}",
        encoded(b"{" + b" " * 4_096 + b"}"),
    ],
)
def test_lenient_base64_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage):
        read_message(text)


def transaction_in(challenge_response: str) -> str | None:
    return BROWSER_MESSAGES.read_return({"cres": challenge_response}).transaction


def test_challenge_request_is_the_protocols() -> None:
    form = BROWSER_MESSAGES.challenge_form(TRANSACTION, BankChallenge("https://bank.example", ACS), "handle")
    assert (form.url, form.fields["threeDSSessionData"]) == ("https://bank.example", "handle")
    assert read_message(form.fields["creq"]) == {
        "messageType": "CReq",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": TRANSACTION,
        "acsTransID": ACS,
        "challengeWindowSize": "05",
    }


@pytest.mark.parametrize("status", ["Y", "N", "nonsense", ""])
def test_browsers_verdict_is_never_read(status: str) -> None:
    response = write_message({"threeDSServerTransID": TRANSACTION, "transStatus": status})
    assert transaction_in(response) == TRANSACTION


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b'{"threeDSServerTransID": null}',
        b'{"threeDSServerTransID": 7}',
        b'{"threeDSServerTransID": ["9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f"]}',
        b'{"threeDSServerTransID": ""}',
        b'{"threeDSServerTransID": "9f1c7d6e3b2a4c5d8e9f0a1b2c3d4e5f"}',
        b'{"threeDSServerTransID": "9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f\\n"}',
        b'{"threeDSServerTransID": "\\ud800"}',
        b'{"threeDSServerTransID": "\\u0000"}',
        b"\xff\xfe",
    ],
)
def test_garbled_responses_name_no_transaction(body: bytes) -> None:
    assert transaction_in(encoded(body)) is None


def test_unencoded_responses_name_no_transaction() -> None:
    assert transaction_in(f'{{"threeDSServerTransID": "{TRANSACTION}"}}') is None
    assert transaction_in("%%%") is None

"""What the client tells the bank's app, and how it takes every answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Thread

import pytest
from werkzeug.serving import make_server

from app.bank.app_client import BankAppClient
from app.bank.gateway import BankAppRequest, BankFault
from app.bank.http import HttpAnswer, HttpEndpoint
from app.domain.bank_results import AppDecision, BankFaultKind
from tests.support.bank import KEY, SimulatedBank
from tests.support.waiting import PATIENCE

BANK = "http://127.0.0.1:8001"
REQUEST = BankAppRequest(
    public_id="0123456789abcdef01234567",
    round=1,
    bank="kbc",
    client_reference="6123456789",
    iban="BE78735000000186",
    office="Bureau Dupont",
    open=True,
)
OTHER = replace(REQUEST, public_id="89abcdef0123456789abcdef", round=2, bank="cbc", open=False)
PENDING = {"requestId": REQUEST.public_id, "round": 1, "decision": "pending"}


@dataclass(frozen=True)
class CannedEndpoint(HttpEndpoint):
    """A bank that gives one answer and keeps what it was sent."""

    answer: HttpAnswer
    sent: list[tuple[str, str, dict[str, str], bytes | None]] = field(default_factory=list)

    def send_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        self.sent.append((method, path, headers, body))
        return self.answer


def bank_saying(message: object, status: int = 200) -> BankAppClient:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return BankAppClient(CannedEndpoint(BANK, 1, 1, HttpAnswer(status, body)), KEY)


def answering(*answers: object) -> BankAppClient:
    return bank_saying({"answers": answers})


def fault_of(client: BankAppClient) -> BankFaultKind:
    with pytest.raises(BankFault) as broken:
        client.exchange_requests([REQUEST])
    assert broken.value.__suppress_context__ or broken.value.__context__ is None
    return broken.value.fault


def test_bank_is_told_what_waits_and_what_is_withdrawn() -> None:
    client = answering(PENDING, {"requestId": OTHER.public_id, "round": 2, "decision": "pending"})
    client.exchange_requests([REQUEST, OTHER])
    assert isinstance(client.endpoint, CannedEndpoint)
    ((method, path, headers, body),) = client.endpoint.sent
    assert (method, path, headers["Authorization"]) == ("POST", "/bank-app/requests", f"Bearer {KEY}")
    shared = {"clientReference": "6123456789", "iban": "BE78735000000186", "office": "Bureau Dupont"}
    assert json.loads(body or b"") == {
        "requests": [
            {"requestId": REQUEST.public_id, "round": 1, "bank": "kbc", "open": True} | shared,
            {"requestId": OTHER.public_id, "round": 2, "bank": "cbc", "open": False} | shared,
        ]
    }


@pytest.mark.parametrize(
    ("word", "decision"), zip(("pending", "confirmed", "refused"), AppDecision, strict=True)
)
def test_each_decision_arrives(word: str, decision: AppDecision) -> None:
    client = answering(PENDING | {"decision": word})
    assert client.exchange_requests([REQUEST]) == {REQUEST.public_id: decision}


def test_answers_come_in_any_order() -> None:
    client = answering({"requestId": OTHER.public_id, "round": 2, "decision": "refused"}, PENDING)
    assert client.exchange_requests([REQUEST, OTHER]) == {
        REQUEST.public_id: AppDecision.PENDING,
        OTHER.public_id: AppDecision.REFUSED,
    }


UNUSABLE = {
    "unknown decision": answering(PENDING | {"decision": "perhaps"}),
    "decision in capitals": answering(PENDING | {"decision": "CONFIRMED"}),
    "decision null": answering(PENDING | {"decision": None}),
    "decision array": answering(PENDING | {"decision": ["confirmed"]}),
    "no decision": answering({"requestId": REQUEST.public_id, "round": 1}),
    "round as text": answering(PENDING | {"round": "1"}),
    "round as fraction": answering(PENDING | {"round": 1.0}),
    "round true": answering(PENDING | {"round": True}),
    "round of another send": answering(PENDING | {"round": 2}),
    "id in capitals": answering(PENDING | {"requestId": REQUEST.public_id.upper()}),
    "id as number": answering(PENDING | {"requestId": 7}),
    "missing answer": answering(),
    "answer that was not asked": answering(PENDING, PENDING | {"requestId": OTHER.public_id}),
    "answered twice": answering(PENDING, PENDING),
    "answered twice, differently": answering(PENDING, PENDING | {"decision": "confirmed"}),
    "answer null": answering(None),
    "answer text": answering("confirmed"),
    "answers as object": bank_saying({"answers": PENDING}),
    "answers null": bank_saying({"answers": None}),
    "no answers": bank_saying({}),
    "array": bank_saying([PENDING]),
    "empty": bank_saying(b""),
    "page": bank_saying(b"<html>"),
    "repeated key": bank_saying(b'{"answers": [], "answers": []}'),
    "not UTF-8": bank_saying(b'{"a": "\xff"}'),
    "created": bank_saying({"answers": [PENDING]}, 201),
    "accepted": bank_saying({"answers": [PENDING]}, 202),
    "redirect": bank_saying({"answers": [PENDING]}, 302),
    "Erro": bank_saying({"messageType": "Erro", "errorCode": "203"}, 400),
    "wrong key": bank_saying({}, 401),
}


@pytest.mark.parametrize("client", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_answers_are_bad(client: BankAppClient) -> None:
    assert fault_of(client) is BankFaultKind.BAD_ANSWER


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_broken_banks_are_unreachable(status: int) -> None:
    assert fault_of(bank_saying({"answers": [PENDING]}, status)) is BankFaultKind.UNREACHABLE


@pytest.fixture
def simulated_bank(tmp_path_factory: pytest.TempPathFactory) -> SimulatedBank:
    return SimulatedBank(tmp_path_factory.mktemp("bank"))


@pytest.fixture
def simulated(simulated_bank: SimulatedBank) -> Iterator[BankAppClient]:
    """The client, and the simulated bank at the other end of a real socket."""
    server = make_server("127.0.0.1", 0, simulated_bank.app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield BankAppClient(HttpEndpoint(f"http://127.0.0.1:{server.port}", PATIENCE, PATIENCE), KEY)
    server.shutdown()
    thread.join(PATIENCE)
    server.server_close()


def press(simulated_bank: SimulatedBank, decision: str, request: BankAppRequest = REQUEST) -> None:
    form = {"request": f"{request.public_id}-{request.round}", "decision": decision}
    simulated_bank.browser.post(f"/bank-app/{request.bank}/{request.client_reference}", data=form)


def test_simulated_holder_decides_for_one_round(
    simulated_bank: SimulatedBank, simulated: BankAppClient
) -> None:
    assert simulated.exchange_requests([REQUEST]) == {REQUEST.public_id: AppDecision.PENDING}
    press(simulated_bank, "refused")
    assert simulated.exchange_requests([REQUEST]) == {REQUEST.public_id: AppDecision.REFUSED}
    again = replace(REQUEST, round=2)
    assert simulated.exchange_requests([again]) == {REQUEST.public_id: AppDecision.PENDING}
    press(simulated_bank, "confirmed", again)
    assert simulated.exchange_requests([again]) == {REQUEST.public_id: AppDecision.CONFIRMED}


def test_simulated_bank_takes_the_largest_batch(simulated: BankAppClient) -> None:
    batch = [replace(REQUEST, public_id=f"{number:024x}", office="𝔈" * 120) for number in range(100)]
    assert simulated.exchange_requests(batch) == {request.public_id: AppDecision.PENDING for request in batch}


def test_simulated_bank_has_nothing_to_say_to_nobody(simulated: BankAppClient) -> None:
    assert simulated.exchange_requests([]) == {}


def test_simulated_bank_knows_no_strangers(simulated: BankAppClient) -> None:
    assert (
        fault_of(replace(simulated, api_key="not-the-key-0123456789-abcdefghij")) is BankFaultKind.BAD_ANSWER
    )


def test_absent_bank_is_unreachable() -> None:
    assert fault_of(BankAppClient(HttpEndpoint("http://127.0.0.1:9", 1, 1), KEY)) is BankFaultKind.UNREACHABLE

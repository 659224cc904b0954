"""What the client says to the bank, and how it takes every answer."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from app.bank.gateway import BankChallenge, BankFault, BankReturn, CardAuthenticationRequest
from app.bank.http import HttpAnswer, HttpEndpoint
from app.bank.three_d_secure import ThreeDSecureClient
from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.cards import Card
from app.simulation.scenarios import SCENARIOS, ServerReply
from tests.support.bank import KEY, RETURN_URL, SESSION_DATA, BankVisit, SimulatedBank, returned
from tests.support.databases import disposed_engines
from tests.support.waiting import PATIENCE

TRANSACTION = "9f1c7d6e-3b2a-4c5d-8e9f-0a1b2c3d4e5f"
ACS = "1d2c3b4a-5f6e-4788-99aa-bbccddeeff00"
BANK = "http://127.0.0.1:8001"
CARD = Card("4000024329596391", "2712", "123")
REQUEST = CardAuthenticationRequest(
    transaction=TRANSACTION,
    client_reference="6000000002",
    bank="belfius",
    office="Fiduciaire Dupont",
    language="nl",
    return_url=RETURN_URL,
    user_agent="Browser/1.0",
    accept="text/html",
)


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


def bank_saying(message: object, status: int = 200) -> ThreeDSecureClient:
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    return ThreeDSecureClient(CannedEndpoint(BANK, 1, 1, HttpAnswer(status, body)), KEY, (BANK,))


def answering(**elements: object) -> ThreeDSecureClient:
    return bank_saying(
        {"messageVersion": "2.2.0", "threeDSServerTransID": TRANSACTION, "acsTransID": ACS} | elements
    )


def challenging(**changes: object) -> ThreeDSecureClient:
    return answering(**{"transStatus": "C", "acsURL": f"{BANK}/acs/challenge"} | changes)


def sent_by(request: CardAuthenticationRequest) -> dict[str, Any]:
    client = challenging()
    client.authenticate_card(CARD, request)
    assert isinstance(client.endpoint, CannedEndpoint)
    ((_, _, _, body),) = client.endpoint.sent
    found: dict[str, Any] = json.loads(body or b"")
    return found


def test_request_is_the_protocols_and_charges_nothing() -> None:
    assert sent_by(REQUEST) == {
        "messageVersion": "2.2.0",
        "messageCategory": "02",
        "deviceChannel": "02",
        "threeDSRequestorAuthenticationInd": "04",
        "threeDSRequestorChallengeInd": "04",
        "threeDSServerTransID": TRANSACTION,
        "threeDSRequestorName": "Fiduciaire Dupont",
        "merchantName": "CODABOX CARO",
        "acctNumber": "4000024329596391",
        "cardExpiryDate": "2712",
        "cardSecurityCode": "123",
        "clientReference": "6000000002",
        "bank": "belfius",
        "notificationURL": RETURN_URL,
        "threeDSCompInd": "U",
        "browserAcceptHeader": "text/html",
        "browserUserAgent": "Browser/1.0",
        "browserLanguage": "nl",
        "browserJavascriptEnabled": False,
    }


def test_requests_go_out_with_the_key() -> None:
    client = answering(transStatus="N")
    client.authenticate_card(CARD, REQUEST)
    client.fetch_result(TRANSACTION)
    assert isinstance(client.endpoint, CannedEndpoint)
    (ask, fetch) = client.endpoint.sent
    assert ask[:2] == ("POST", "/3ds/authentications")
    assert fetch[:2] == ("GET", f"/3ds/authentications/{TRANSACTION}/result")
    assert [headers for _, _, headers, _ in client.endpoint.sent] == [
        {
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        }
    ] * 2
    assert fetch[3] is None


def test_long_names_are_cut() -> None:
    sent = sent_by(replace(REQUEST, office="o" * 60, user_agent="u" * 3_000, accept="a" * 3_000))
    lengths = [
        len(sent[name]) for name in ("threeDSRequestorName", "browserUserAgent", "browserAcceptHeader")
    ]
    assert lengths == [40, 2048, 2048]


def test_absent_browser_headers_are_made_up() -> None:
    sent = sent_by(replace(REQUEST, user_agent="", accept=""))
    assert (sent["browserUserAgent"], sent["browserAcceptHeader"]) == ("unknown", "*/*")


def test_unprintable_letters_never_stop_a_cardholder() -> None:
    sent = sent_by(replace(REQUEST, office="Dupont\u00a0& Fils", user_agent="A\tB\x00\x85", accept="a\r\nb"))
    assert sent["threeDSRequestorName"] == "Dupont & Fils"
    assert (sent["browserUserAgent"], sent["browserAcceptHeader"]) == ("A B  ", "a  b")


def test_challenge_leads_to_the_bank() -> None:
    assert challenging().authenticate_card(CARD, REQUEST) == BankChallenge(f"{BANK}/acs/challenge", ACS)


@pytest.mark.parametrize(("word", "refusal"), zip(("not_linked", "not_credit"), RegisterRefusal, strict=True))
def test_register_may_refuse_the_card(word: str, refusal: RegisterRefusal) -> None:
    assert answering(cardCheck=word).authenticate_card(CARD, REQUEST) is refusal


@pytest.mark.parametrize(("word", "status"), zip("YNUAR", TransactionStatus, strict=True))
def test_verdict_at_once_is_unsigned(word: str, status: TransactionStatus) -> None:
    client = answering(transStatus=word, transStatusReason="11", challenged=True)
    assert client.authenticate_card(CARD, REQUEST) == BankResult(status, "11", challenged=False)


@pytest.mark.parametrize(
    ("word", "verification"),
    zip(
        ("approved", "wrong_security_code", "card_blocked", "card_never_used", "not_available"),
        CardVerification,
        strict=True,
    ),
)
def test_fetched_result_holds_two_verdicts(word: str, verification: CardVerification) -> None:
    client = answering(transStatus="Y", challenged=True, interactionCounter="01", verification=word)
    assert client.fetch_result(TRANSACTION) == BankResult(
        TransactionStatus.AUTHENTICATED, verification=verification
    )


def test_fetched_refusal_tells_reason_and_cancel() -> None:
    client = answering(
        transStatus="N", transStatusReason="26", challengeCancel="01", challenged=True, verification=None
    )
    assert client.fetch_result(TRANSACTION) == BankResult(TransactionStatus.NOT_AUTHENTICATED, "26", "01")


@pytest.mark.parametrize("challenged", [False, None, "true", 1, "Y"])
def test_signature_must_be_said_plainly(challenged: object) -> None:
    result = answering(transStatus="Y", challenged=challenged, verification="approved").fetch_result(
        TRANSACTION
    )
    assert result is not None
    assert not result.approved


@pytest.mark.parametrize("code", ["1", "123", "ab", "", "１２", "12\n", 12, None, ["12"], {}])
def test_malformed_codes_are_left_out(code: object) -> None:
    client = answering(transStatus="N", transStatusReason=code, challengeCancel=code, challenged=True)
    assert client.fetch_result(TRANSACTION) == BankResult(TransactionStatus.NOT_AUTHENTICATED)


def fault_of(client: ThreeDSecureClient, *, asking: bool) -> BankFaultKind:
    with pytest.raises(BankFault) as broken:
        client.authenticate_card(CARD, REQUEST) if asking else client.fetch_result(TRANSACTION)
    assert broken.value.__suppress_context__ or broken.value.__context__ is None
    return broken.value.fault


UNUSABLE = {
    "other transaction": answering(transStatus="Y", threeDSServerTransID=ACS),
    "transaction in capitals": answering(transStatus="Y", threeDSServerTransID=TRANSACTION.upper()),
    "no transaction": bank_saying({"transStatus": "Y"}),
    "no status": answering(),
    "status D": answering(transStatus="D"),
    "status I": answering(transStatus="I"),
    "status y": answering(transStatus="y"),
    "status null": answering(transStatus=None),
    "status array": answering(transStatus=["Y"]),
    "verification unknown": answering(transStatus="Y", verification="perhaps"),
    "verification empty": answering(transStatus="Y", verification=""),
    "verification true": answering(transStatus="Y", verification=True),
    "array": bank_saying([]),
    "null": bank_saying(None),
    "empty": bank_saying(b""),
    "page": bank_saying(b"<html>"),
    "repeated key": bank_saying(b'{"transStatus": "N", "transStatus": "Y"}'),
    "not UTF-8": bank_saying(b'{"a": "\xff"}'),
    "created": bank_saying({}, 201),
    "redirect": bank_saying({}, 302),
    "Erro": bank_saying({"messageType": "Erro", "errorCode": "203"}, 400),
    "wrong key": bank_saying({}, 401),
}


@pytest.mark.parametrize("asking", [True, False], ids=["asked", "fetched"])
@pytest.mark.parametrize("client", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_answers_are_bad(client: ThreeDSecureClient, asking: bool) -> None:
    assert fault_of(client, asking=asking) is BankFaultKind.BAD_ANSWER


@pytest.mark.parametrize("changes", [{"cardCheck": "maybe"}, {"cardCheck": None}, {"cardCheck": True}])
def test_unknown_card_checks_are_bad(changes: dict[str, object]) -> None:
    assert fault_of(challenging(**changes), asking=True) is BankFaultKind.BAD_ANSWER


@pytest.mark.parametrize(
    "changes",
    [
        {"acsURL": None},
        {"acsURL": 7},
        {"acsURL": "http://[::1/acs"},
        {"acsURL": "http://[bank]/acs"},
        {"acsTransID": None},
        {"acsTransID": ""},
        {"acsTransID": "x" * 36},
        {"acsTransID": f"{ACS}\n"},
        {"acsTransID": "\ud800" * 36},
    ],
)
def test_malformed_challenges_are_bad(changes: dict[str, object]) -> None:
    assert fault_of(challenging(**changes), asking=True) is BankFaultKind.BAD_ANSWER


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/acs/challenge",
        "//127.0.0.1:8001/acs",
        "https://127.0.0.1:8001/acs",
        "http://127.0.0.1/acs",
        "http://127.0.0.1:80011/acs",
        "http://localhost:8001/acs",
        "http://acs.elsewhere.invalid/acs",
        "http://127.0.0.1:8001@elsewhere.invalid/acs",
        "http://elsewhere.invalid@127.0.0.1:8001/acs",
        "http://127.0.0.1:8001.elsewhere.invalid/acs",
        "http://127.0.0.1:8001\\@elsewhere.invalid/acs",
        "javascript:alert(1)",
        "data:text/html,x",
    ],
)
def test_browser_is_never_sent_elsewhere(url: str) -> None:
    assert fault_of(challenging(acsURL=url), asking=True) is BankFaultKind.FOREIGN_CHALLENGE


@pytest.mark.parametrize("asking", [True, False], ids=["asked", "fetched"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_broken_banks_are_unreachable(status: int, asking: bool) -> None:
    assert fault_of(bank_saying(b"<html>", status), asking=asking) is BankFaultKind.UNREACHABLE


def test_undecided_results_are_none() -> None:
    assert bank_saying({}, 202).fetch_result(TRANSACTION) is None


def test_unknown_transactions_say_so() -> None:
    assert fault_of(bank_saying({}, 404), asking=False) is BankFaultKind.UNKNOWN_TRANSACTION


@pytest.fixture(scope="module")
def simulated_bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedBank]:
    with disposed_engines():
        yield SimulatedBank(tmp_path_factory.mktemp("bank"))


@pytest.fixture(scope="module")
def simulated(simulated_bank: SimulatedBank) -> Iterator[ThreeDSecureClient]:
    """The client, and the simulated bank at the other end of a real socket."""
    server = make_server("127.0.0.1", 0, simulated_bank.app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield ThreeDSecureClient(
        HttpEndpoint(f"http://127.0.0.1:{server.port}", PATIENCE, PATIENCE), KEY, (BANK,)
    )
    server.shutdown()
    thread.join(PATIENCE)
    server.server_close()


def new_request() -> CardAuthenticationRequest:
    return replace(REQUEST, transaction=str(uuid.uuid4()), office="Dupont\u00a0& Fils", user_agent="\x85")


@pytest.mark.parametrize(
    "key", [row.key for row in SCENARIOS.values() if row.cards and row.reply is ServerReply.FINAL]
)
def test_simulated_verdicts_arrive_as_listed(simulated: ThreeDSecureClient, key: str) -> None:
    row, request = SCENARIOS[key], new_request()
    verdict = BankResult(
        row.status or TransactionStatus.UNAVAILABLE, row.reason, row.cancel, challenged=False
    )
    assert asked(simulated, request, key) == verdict
    fetched = simulated.fetch_result(request.transaction)
    assert fetched is not None
    assert (fetched.status, fetched.reason, fetched.challenged) == (row.status, row.reason, False)


def asked(
    client: ThreeDSecureClient, request: CardAuthenticationRequest, key: str
) -> BankChallenge | RegisterRefusal | BankResult | BankFaultKind:
    try:
        return client.authenticate_card(replace(CARD, number=SCENARIOS[key].cards[0]), request)
    except BankFault as broken:
        return broken.fault


@pytest.mark.parametrize(
    ("key", "outcome"),
    [
        ("wrong_card", RegisterRefusal.NOT_LINKED),
        ("visa_debit", RegisterRefusal.NOT_CREDIT),
        ("foreign_acs", BankFaultKind.FOREIGN_CHALLENGE),
        ("bank_unavailable", BankFaultKind.UNREACHABLE),
    ],
)
def test_simulated_refusals_arrive_as_listed(
    simulated: ThreeDSecureClient, key: str, outcome: RegisterRefusal | BankFaultKind
) -> None:
    assert asked(simulated, new_request(), key) is outcome


@pytest.mark.parametrize(
    ("key", "verification"),
    [
        ("success", CardVerification.APPROVED),
        ("wrong_security_code", CardVerification.WRONG_SECURITY_CODE),
    ],
)
def test_simulated_signature_decides_when_fetched(
    simulated_bank: SimulatedBank, simulated: ThreeDSecureClient, key: str, verification: CardVerification
) -> None:
    request = new_request()
    challenge = asked(simulated, request, key)
    assert isinstance(challenge, BankChallenge)
    form = simulated.challenge_form(request.transaction, challenge, SESSION_DATA)
    page = simulated_bank.browser.post(form.url, data=form.fields)
    visit = BankVisit(simulated_bank, request.transaction, page.headers["Location"])
    assert simulated.fetch_result(request.transaction) is None
    fields = returned(visit.sign())
    assert simulated.read_return(fields) == BankReturn(request.transaction, SESSION_DATA)
    assert simulated.fetch_result(request.transaction) == BankResult(
        TransactionStatus.AUTHENTICATED, verification=verification
    )


def test_simulated_bank_knows_no_strangers(simulated: ThreeDSecureClient) -> None:
    assert fault_of(simulated, asking=False) is BankFaultKind.UNKNOWN_TRANSACTION
    stranger = replace(simulated, api_key="not-the-key-0123456789-abcdefghij")
    assert fault_of(stranger, asking=True) is BankFaultKind.BAD_ANSWER

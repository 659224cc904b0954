"""The bank over HTTP, shaped like a 3-D Secure server's public API (EMV 3DS 2.2.0, non-payment)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

from app.bank.gateway import BankChallenge, BankFault, BankReturn, CardAuthenticationRequest, ChallengeForm
from app.bank.http import HttpAnswer, HttpEndpoint, json_headers
from app.bank.wire import InvalidMessage, read_message, read_object, write_message
from app.domain.bank_results import (
    BankFaultKind,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.cards import Card

_Kind = TypeVar("_Kind", TransactionStatus, RegisterRefusal, CardVerification)
_VERSION = "2.2.0"
_MERCHANT = "CODABOX CARO"
_REASON = re.compile(r"[0-9]{2}")
_TRANSACTION = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_CHALLENGE = "C"
#: EMV 3DS field lengths: what is longer is cut, as the protocol allows for these.
_NAME, _HEADER = 40, 2048


@dataclass(frozen=True)
class ThreeDSecureClient:
    """The gateway to a 3-D Secure server; challenges are accepted on configured origins alone."""

    endpoint: HttpEndpoint
    api_key: str
    challenge_origins: Sequence[str]

    def authenticate_card(
        self, card: Card, request: CardAuthenticationRequest
    ) -> BankChallenge | RegisterRefusal | BankResult:
        """Start an attempt; raise BankFault where no usable answer comes within the deadline."""
        body = json.dumps(_authentication_message(card, request)).encode()
        answer = self._parse_answer(
            self._send_json("POST", "/3ds/authentications", body), request.transaction
        )
        if "cardCheck" in answer:
            return _parse_member(RegisterRefusal, answer["cardCheck"])
        if answer.get("transStatus") == _CHALLENGE:
            return self._parse_challenge(answer)
        return _parse_result(answer, challenged=False)

    def fetch_result(self, transaction: str) -> BankResult | None:
        """Fetch what the bank decided, None while it has not; raise BankFault."""
        answer = self._ask_result(transaction)
        if answer.status == 202:
            return None
        if answer.status == 404:
            raise BankFault(BankFaultKind.UNKNOWN_TRANSACTION)
        message = self._parse_answer(answer, transaction)
        return _parse_result(message, challenged=message.get("challenged") is True)

    def probe_server(self) -> HttpAnswer:
        """Ask for a transaction that nobody has: its status says whether our key counts; raise BankFault."""
        return self._ask_result(str(UUID(int=0)))

    def challenge_form(self, transaction: str, challenge: BankChallenge, handle: str) -> ChallengeForm:
        """Return the form with the CReq that the browser carries to the bank, whose page is full screen."""
        request = {
            "messageType": "CReq",
            "messageVersion": _VERSION,
            "threeDSServerTransID": transaction,
            "acsTransID": challenge.acs_transaction,
            "challengeWindowSize": "05",
        }
        return ChallengeForm(challenge.url, {"creq": write_message(request), "threeDSSessionData": handle})

    def read_return(self, fields: Mapping[str, str]) -> BankReturn:
        """Return the transaction that a CRes names, None where it is unreadable; its verdict is ignored."""
        try:
            message = read_message(fields.get("cres", ""))
        except InvalidMessage:
            message = {}
        return BankReturn(
            _transaction_id(message.get("threeDSServerTransID")), fields.get("threeDSSessionData")
        )

    def _ask_result(self, transaction: str) -> HttpAnswer:
        return self._send_json("GET", f"/3ds/authentications/{quote(transaction, safe='')}/result")

    def _send_json(self, method: str, path: str, body: bytes | None = None) -> HttpAnswer:
        return self.endpoint.send_request(method, path, json_headers(self.api_key), body)

    def _parse_answer(self, answer: HttpAnswer, transaction: str) -> dict[str, object]:
        if answer.status != 200:
            raise BankFault(BankFaultKind.UNREACHABLE if answer.status >= 500 else BankFaultKind.BAD_ANSWER)
        try:
            message = read_object(answer.body)
        except InvalidMessage:
            raise BankFault(BankFaultKind.BAD_ANSWER) from None
        if message.get("threeDSServerTransID") != transaction:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        return message

    def _parse_challenge(self, answer: dict[str, object]) -> BankChallenge:
        url, acs_transaction = answer.get("acsURL"), _transaction_id(answer.get("acsTransID"))
        if not isinstance(url, str) or acs_transaction is None:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        if _url_origin(url) not in self.challenge_origins:
            raise BankFault(BankFaultKind.FOREIGN_CHALLENGE)
        return BankChallenge(url, acs_transaction)


def _authentication_message(card: Card, request: CardAuthenticationRequest) -> dict[str, object]:
    return {
        "messageVersion": _VERSION,
        "messageCategory": "02",  # non-payment: there is no amount to charge
        "deviceChannel": "02",
        "threeDSRequestorAuthenticationInd": "04",
        "threeDSRequestorChallengeInd": "04",
        "threeDSServerTransID": request.transaction,
        "threeDSRequestorName": _clean_text(request.office, _NAME),
        "merchantName": _MERCHANT,
        "acctNumber": card.number,
        "cardExpiryDate": card.expiry,
        "cardSecurityCode": card.code,
        "clientReference": request.client_reference,
        "bank": request.bank,
        "notificationURL": request.return_url,
        "threeDSCompInd": "U",
        "browserAcceptHeader": _clean_text(request.accept, _HEADER) or "*/*",
        "browserUserAgent": _clean_text(request.user_agent, _HEADER) or "unknown",
        "browserLanguage": request.language,
        "browserJavascriptEnabled": False,
    }


def _clean_text(text: str, longest: int) -> str:
    """Blank what the protocol refuses, such as the no-break space in a pasted office name."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:longest])


def _url_origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BankFault(BankFaultKind.BAD_ANSWER) from None
    return f"{parts.scheme}://{parts.netloc}"


def _transaction_id(value: object) -> str | None:
    return value if isinstance(value, str) and _TRANSACTION.fullmatch(value) else None


def _parse_result(answer: dict[str, object], *, challenged: bool) -> BankResult:
    verification = answer.get("verification")
    return BankResult(
        status=_parse_member(TransactionStatus, answer.get("transStatus")),
        reason=_parse_code(answer.get("transStatusReason")),
        cancel=_parse_code(answer.get("challengeCancel")),
        challenged=challenged,
        verification=None if verification is None else _parse_member(CardVerification, verification),
    )


def _parse_member(kind: type[_Kind], value: object) -> _Kind:
    try:
        return kind(str(value))
    except ValueError:
        raise BankFault(BankFaultKind.BAD_ANSWER) from None


def _parse_code(value: object) -> str | None:
    return value if isinstance(value, str) and _REASON.fullmatch(value) else None

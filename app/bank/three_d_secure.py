"""The bank over HTTP, shaped like a 3-D Secure server's public API (EMV 3DS 2.2.0, non-payment)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlsplit

from app.bank.gateway import Authentication, BankFault, Challenge
from app.bank.http import Answer, Endpoint
from app.bank.wire import Unreadable, read_message, read_object, write_message
from app.domain.cards import Card
from app.domain.results import BankFaultKind, BankResult, CardVerification, RegisterRefusal, TransactionStatus

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

    endpoint: Endpoint
    api_key: str
    challenge_origins: Sequence[str]

    def authenticate(self, card: Card, request: Authentication) -> Challenge | RegisterRefusal | BankResult:
        """Start an attempt; raise BankFault where no usable answer comes within the deadline."""
        body = json.dumps(_authentication(card, request)).encode()
        answer = self._object(self._send("POST", "/3ds/authentications", body), request.transaction)
        if "cardCheck" in answer:
            return _member(RegisterRefusal, answer["cardCheck"])
        if answer.get("transStatus") == _CHALLENGE:
            return self._challenge(answer)
        return _result(answer, challenged=False)

    def result(self, transaction: str) -> BankResult | None:
        """Fetch what the bank decided, None while it has not; raise BankFault."""
        answer = self._send("GET", f"/3ds/authentications/{quote(transaction, safe='')}/result")
        if answer.status == 202:
            return None
        if answer.status == 404:
            raise BankFault(BankFaultKind.UNKNOWN_TRANSACTION)
        found = self._object(answer, transaction)
        return _result(found, challenged=found.get("challenged") is True)

    def _send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {
            "Authorization": f"Bearer {self.api_key}",
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
        }
        return self.endpoint.send(method, path, headers, body)

    def _object(self, answer: Answer, transaction: str) -> dict[str, object]:
        if answer.status != 200:
            raise BankFault(BankFaultKind.UNREACHABLE if answer.status >= 500 else BankFaultKind.BAD_ANSWER)
        try:
            found = read_object(answer.body)
        except Unreadable:
            raise BankFault(BankFaultKind.BAD_ANSWER) from None
        if found.get("threeDSServerTransID") != transaction:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        return found

    def _challenge(self, answer: dict[str, object]) -> Challenge:
        url, acs_transaction = answer.get("acsURL"), _transaction(answer.get("acsTransID"))
        if not isinstance(url, str) or acs_transaction is None:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        if _origin(url) not in self.challenge_origins:
            raise BankFault(BankFaultKind.FOREIGN_CHALLENGE)
        return Challenge(url, acs_transaction)


def challenge_request(transaction: str, acs_transaction: str) -> str:
    """Return the CReq that the browser carries to the bank; the page is shown full screen."""
    return write_message(
        {
            "messageType": "CReq",
            "messageVersion": _VERSION,
            "threeDSServerTransID": transaction,
            "acsTransID": acs_transaction,
            "challengeWindowSize": "05",
        }
    )


def transaction_in(challenge_response: str) -> str | None:
    """Return the transaction that a CRes names, None where it is unreadable; its verdict is ignored."""
    try:
        return _transaction(read_message(challenge_response).get("threeDSServerTransID"))
    except Unreadable:
        return None


def _authentication(card: Card, request: Authentication) -> dict[str, object]:
    return {
        "messageVersion": _VERSION,
        "messageCategory": "02",  # non-payment: there is no amount to charge
        "deviceChannel": "02",
        "threeDSRequestorAuthenticationInd": "04",
        "threeDSRequestorChallengeInd": "04",
        "threeDSServerTransID": request.transaction,
        "threeDSRequestorName": _printable(request.office, _NAME),
        "merchantName": _MERCHANT,
        "acctNumber": card.number,
        "cardExpiryDate": card.expiry,
        "cardSecurityCode": card.code,
        "clientReference": request.client_reference,
        "bank": request.bank,
        "notificationURL": request.return_url,
        "threeDSCompInd": "U",
        "browserAcceptHeader": _printable(request.accept, _HEADER) or "*/*",
        "browserUserAgent": _printable(request.user_agent, _HEADER) or "unknown",
        "browserLanguage": request.language,
        "browserJavascriptEnabled": False,
    }


def _printable(text: str, longest: int) -> str:
    """Blank what the protocol refuses, such as the no-break space in a pasted office name."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:longest])


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BankFault(BankFaultKind.BAD_ANSWER) from None
    return f"{parts.scheme}://{parts.netloc}"


def _transaction(value: object) -> str | None:
    return value if isinstance(value, str) and _TRANSACTION.fullmatch(value) else None


def _result(answer: dict[str, object], *, challenged: bool) -> BankResult:
    verification = answer.get("verification")
    return BankResult(
        status=_member(TransactionStatus, answer.get("transStatus")),
        reason=_code(answer.get("transStatusReason")),
        cancel=_code(answer.get("challengeCancel")),
        challenged=challenged,
        verification=None if verification is None else _member(CardVerification, verification),
    )


def _member(kind: type[_Kind], value: object) -> _Kind:
    try:
        return kind(str(value))
    except ValueError:
        raise BankFault(BankFaultKind.BAD_ANSWER) from None


def _code(value: object) -> str | None:
    return value if isinstance(value, str) and _REASON.fullmatch(value) else None

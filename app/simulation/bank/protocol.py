"""Messages of the scheme, read strictly (EMV 3DS 2.2.0: AReq, CReq, CRes, Erro)."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from werkzeug.datastructures import MultiDict

from app.domain.banks import BANKS, ActivationRoute
from app.domain.cards import InvalidCard, parse_card_number
from app.i18n import LANGUAGES
from app.simulation.bank.bank_settings import url_origin

VERSION = "2.2.0"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")

Message = Mapping[str, Any]


def parse_message(body: bytes) -> Message:
    """Parse one JSON object of the protocol's version; raise Erro 101, 102 or 204."""
    duplicates: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        message = dict(items)
        if len(message) < len(items):
            duplicates.append("duplicate")
        return message

    try:
        message = json.loads(body.decode(), object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Erro(ErroCode.NOT_A_MESSAGE) from None
    if not isinstance(message, dict):
        raise Erro(ErroCode.NOT_A_MESSAGE)
    if message.get("messageVersion") not in (None, "", VERSION):
        raise Erro(ErroCode.VERSION, VERSION)
    if duplicates:
        raise Erro(ErroCode.DUPLICATE)
    return message


def require_elements(message: Message, names: tuple[str, ...]) -> None:
    """Raise Erro 201 that lists every element that is absent, empty or null."""
    missing = [name for name in names if message.get(name) in (None, "")]
    if missing:
        raise Erro(ErroCode.MISSING, ",".join(missing))


def decode_base64url(text: str) -> bytes:
    """Decode base64url with or without padding; raise Erro 101 on any other letter."""
    if not _BASE64URL.fullmatch(text):
        raise Erro(ErroCode.NOT_A_MESSAGE)
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        raise Erro(ErroCode.NOT_A_MESSAGE) from None


def encode_base64url(message: Message) -> str:
    """Encode a message as the browser carries it: JSON, base64url, no padding."""
    return base64.urlsafe_b64encode(json.dumps(message).encode()).rstrip(b"=").decode()


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(constant)


Check = Callable[[object], bool]


@dataclass(frozen=True)
class AuthenticationRequest:
    """What the bank reads of a valid request; card data stays out of its repr."""

    transaction: str
    number: str = field(repr=False)
    expiry: str = field(repr=False)
    code: str = field(repr=False)
    client_reference: str
    bank: str
    office: str
    merchant: str
    language: str
    return_url: str


def _matches_pattern(pattern: str) -> Check:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _one_of(*allowed: str) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def _is_text(longest: int) -> Check:
    return _matches_pattern(rf"[^\x00-\x1f\x7f\ud800-\udfff]{{1,{longest}}}")


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_card_number(value: object) -> bool:
    try:
        return isinstance(value, str) and value.isalnum() and parse_card_number(value) == value
    except InvalidCard:
        return False


UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

REQUIRED: Mapping[str, Check] = {
    "messageVersion": _is_text(8),
    "messageCategory": _one_of("02"),
    "deviceChannel": _one_of("02"),
    "threeDSRequestorAuthenticationInd": _one_of("04"),
    "threeDSRequestorChallengeInd": _one_of("04"),
    "threeDSServerTransID": _matches_pattern(UUID),
    "acctNumber": _is_card_number,
    "cardExpiryDate": _matches_pattern(r"[0-9]{2}(0[1-9]|1[0-2])"),
    "cardSecurityCode": _matches_pattern(r"[0-9]{3,4}"),
    "clientReference": _matches_pattern(r"[67][0-9]{9}"),
    "bank": _one_of(*(bank.key for bank in BANKS.values() if bank.route is ActivationRoute.LINK)),
    "threeDSRequestorName": _is_text(40),
    "merchantName": _is_text(40),
    "notificationURL": _matches_pattern(r"https?://[!-~]{1,248}"),
    "threeDSCompInd": _one_of("Y", "N", "U"),
    "browserAcceptHeader": _is_text(2048),
    "browserUserAgent": _is_text(2048),
    "browserLanguage": _one_of(*LANGUAGES),
    "browserJavascriptEnabled": _is_boolean,
}

#: Required exactly when the browser says that it runs script.
SCREEN: Mapping[str, Check] = {
    "browserJavaEnabled": _is_boolean,
    "browserColorDepth": _one_of("1", "4", "8", "15", "16", "24", "32", "48"),
    "browserScreenHeight": _matches_pattern(r"[0-9]{1,6}"),
    "browserScreenWidth": _matches_pattern(r"[0-9]{1,6}"),
    "browserTZ": _matches_pattern(r"[+-]?[0-9]{1,4}"),
}

OPTIONAL: Mapping[str, Check] = {"mcc": _matches_pattern(r"[0-9]{4}")}

#: Present in a request that charges something: their absence proves that nothing is charged.
FORBIDDEN = (
    "purchaseAmount",
    "purchaseCurrency",
    "purchaseExponent",
    "purchaseDate",
    "purchaseInstalData",
    "recurringExpiry",
    "recurringFrequency",
)


def read_authentication_request(body: bytes, return_origins: tuple[str, ...]) -> AuthenticationRequest:
    """Read and check a request; raise Erro 101, 102, 201, 203 or 204, all wrong elements at once."""
    message = parse_message(body)
    scripted = message.get("browserJavascriptEnabled") is True
    require_elements(message, (*REQUIRED, *(SCREEN if scripted else ())))
    checks = {**REQUIRED, **OPTIONAL, **SCREEN}
    wrong = [name for name, check in checks.items() if name in message and not check(message[name])]
    wrong += [name for name in FORBIDDEN if name in message]
    if "notificationURL" not in wrong and url_origin(message["notificationURL"]) not in return_origins:
        wrong.append("notificationURL")
    if wrong:
        raise Erro(ErroCode.FORMAT, ",".join(wrong))
    return _to_request(message)


def _to_request(message: Message) -> AuthenticationRequest:
    return AuthenticationRequest(
        transaction=message["threeDSServerTransID"],
        number=message["acctNumber"],
        expiry=message["cardExpiryDate"],
        code=message["cardSecurityCode"],
        client_reference=message["clientReference"],
        bank=message["bank"],
        office=message["threeDSRequestorName"],
        merchant=message["merchantName"],
        language=message["browserLanguage"],
        return_url=message["notificationURL"],
    )


class ErroCode(StrEnum):
    """The error codes that this server emits."""

    NOT_A_MESSAGE = "101"
    VERSION = "102"
    MISSING = "201"
    FORMAT = "203"
    DUPLICATE = "204"
    UNKNOWN_TRANSACTION = "301"
    DENIED = "303"
    WRONG_STATE = "305"
    TRANSIENT = "403"


DESCRIPTIONS: Mapping[ErroCode, str] = {
    ErroCode.NOT_A_MESSAGE: "Message received invalid",
    ErroCode.VERSION: "Message version number not supported",
    ErroCode.MISSING: "Required data element missing",
    ErroCode.FORMAT: "Format of one or more data elements is invalid",
    ErroCode.DUPLICATE: "Duplicate data element",
    ErroCode.UNKNOWN_TRANSACTION: "Transaction ID not recognised",
    ErroCode.DENIED: "Access denied, invalid endpoint",
    ErroCode.WRONG_STATE: "Transaction data not valid",
    ErroCode.TRANSIENT: "Transient system failure",
}


class Erro(Exception):
    """A message that cannot be served; carries the code, the HTTP status and field names."""

    def __init__(self, code: ErroCode, detail: str = "", http: int = 400) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.http = http

    def to_message(self) -> dict[str, str]:
        """Return the error as it goes over the wire."""
        return {
            "messageType": "Erro",
            "errorCode": self.code.value,
            "errorComponent": "S",
            "errorDescription": DESCRIPTIONS[self.code],
            "errorDetail": self.detail,
        }


_SESSION_DATA = re.compile(r"[A-Za-z0-9_=-]{0,1024}")
_WINDOWS = ("01", "02", "03", "04", "05")
_FIELDS = (
    "messageType",
    "messageVersion",
    "threeDSServerTransID",
    "acsTransID",
    "challengeWindowSize",
)


@dataclass(frozen=True)
class ChallengeRequest:
    """A browser that arrives at the bank: whose transaction, and what to hand back unread."""

    transaction: str
    acs: str
    session_data: str


def read_challenge_request(form: MultiDict[str, str]) -> ChallengeRequest:
    """Read the posted form; raise Erro 101, 102, 201, 203 or 204."""
    message = parse_message(decode_base64url(_single_field(form, "creq")))
    require_elements(message, _FIELDS)
    if message["messageType"] != "CReq":
        raise Erro(ErroCode.NOT_A_MESSAGE)
    session_data = _single_field(form, "threeDSSessionData")
    ids = ("threeDSServerTransID", "acsTransID")
    wrong = [name for name in ids if not re.fullmatch(UUID, str(message[name]))]
    if message["challengeWindowSize"] not in _WINDOWS:
        wrong.append("challengeWindowSize")
    if not _SESSION_DATA.fullmatch(session_data):
        wrong.append("threeDSSessionData")
    if wrong:
        raise Erro(ErroCode.FORMAT, ",".join(wrong))
    return ChallengeRequest(message["threeDSServerTransID"], message["acsTransID"], session_data)


def encoded_response(transaction: str, acs: str, signed: bool) -> str:
    """Return the answer that the browser carries back, as the form field `cres`: it knows yes and no only."""
    answer = {
        "messageType": "CRes",
        "messageVersion": VERSION,
        "threeDSServerTransID": transaction,
        "acsTransID": acs,
        "challengeCompletionInd": "Y",
        "transStatus": "Y" if signed else "N",
    }
    return encode_base64url(answer)


def _single_field(form: MultiDict[str, str], name: str) -> str:
    values = form.getlist(name)
    if len(values) > 1:
        raise Erro(ErroCode.DUPLICATE, name)
    return values[0] if values else ""

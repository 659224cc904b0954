"""The request for an authentication: which elements it must and must not have (EMV 3DS 2.2.0, AReq)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.domain.banks import BANKS, ActivationRoute
from app.domain.cards import InvalidCard, parse_card_number
from app.i18n import LANGUAGES
from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.settings import url_origin
from app.simulation.bank.strict import Message, parse_message, require_elements

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

"""What the browser carries between merchant and bank: CReq on the way in, CRes on the way back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.simulation.bank.areq import UUID
from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.strict import (
    VERSION,
    decode_base64url,
    encode_base64url,
    parse_message,
    require_elements,
)

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
    """A browser at the bank's door: whose transaction, and what to hand back unread."""

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


def challenge_response(transaction: str, acs: str, signed: bool) -> Mapping[str, str]:
    """Return the answer that the browser carries back; it knows yes and no only."""
    return {
        "messageType": "CRes",
        "messageVersion": VERSION,
        "threeDSServerTransID": transaction,
        "acsTransID": acs,
        "challengeCompletionInd": "Y",
        "transStatus": "Y" if signed else "N",
    }


def encoded_response(transaction: str, acs: str, signed: bool) -> str:
    """Return the same answer as the form field `cres`."""
    return encode_base64url(challenge_response(transaction, acs, signed))


def _single_field(form: MultiDict[str, str], name: str) -> str:
    values = form.getlist(name)
    if len(values) > 1:
        raise Erro(ErroCode.DUPLICATE, name)
    return values[0] if values else ""

"""The bank's door for servers: ask for an authentication, fetch what it came to."""

import hmac
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.results import BankResult
from app.simulator.areq import UUID, read_request
from app.simulator.erro import Erro, ErrorCode
from app.simulator.misbehaving import misbehave_towards
from app.simulator.scenarios import ServerReply
from app.simulator.strict import VERSION
from app.simulator.transaction import Transaction, published
from app.simulator.wiring import parts

server = Blueprint("server", __name__, url_prefix="/3ds/authentications")

FOREIGN_ACS = "http://acs.elsewhere.invalid/acs/challenge"


@server.before_request
def admit() -> None:
    """Let in whoever knows the shared key; raise Erro 303."""
    expected = f"Bearer {parts().settings.api_key.get_secret_value()}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        raise Erro(ErrorCode.DENIED, http=401)


@server.post("")
def authenticate() -> Response:
    """Answer a request for an authentication: challenge, verdict, refusal, or as badly as its card asks."""
    if request.mimetype != "application/json":
        raise Erro(ErrorCode.NOT_A_MESSAGE, "Content-Type", 415)
    asked = read_request(_body(), parts().settings.return_origins)
    misbehave_towards(asked.office, asked.client_reference)
    scenario, opened = parts().issuer.receive(asked)
    if scenario.reply is ServerReply.SILENT:
        parts().keep_silent(parts().settings.hang_seconds)
    if opened is None and scenario.reply in (ServerReply.SILENT, ServerReply.UNAVAILABLE):
        raise Erro(ErrorCode.TRANSIENT, http=500)
    if opened is None:
        return jsonify(threeDSServerTransID=asked.transaction, cardCheck=scenario.reply.value)
    return jsonify(_answer(opened, scenario.reply))


@server.get("/<transaction>/result")
def result(transaction: str) -> tuple[Response, int]:
    """Tell what a transaction came to; 202 while its cardholder may still act; raise Erro 301."""
    found = parts().issuer.transaction(id=transaction) if re.fullmatch(UUID, transaction) else None
    if found is None:
        raise Erro(ErrorCode.UNKNOWN_TRANSACTION, "threeDSServerTransID", 404)
    misbehave_towards(found.office, found.client_reference)
    known = published(found, parts().issuer.clock())
    return (jsonify(_result(found, known)), 200) if known else (jsonify({}), 202)


@server.errorhandler(Erro)
def refuse(error: Erro) -> tuple[Response, int]:
    """Answer with the scheme's error message."""
    return jsonify(error.message()), error.http


def _body() -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Erro(ErrorCode.NOT_A_MESSAGE, http=413) from None


def _answer(opened: Transaction, reply: ServerReply) -> dict[str, Any]:
    message = {
        "messageVersion": VERSION,
        "threeDSServerTransID": opened.id,
        "acsTransID": opened.acs,
        "transStatus": opened.status or "C",
    }
    if opened.reason:
        message["transStatusReason"] = opened.reason
    if reply is ServerReply.CHALLENGE:
        message["acsURL"] = f"{parts().settings.public_url}/acs/challenge"
    if reply is ServerReply.FOREIGN_CHALLENGE:
        message["acsURL"] = FOREIGN_ACS
    return message


def _result(transaction: Transaction, known: BankResult) -> dict[str, Any]:
    message: dict[str, Any] = {
        "threeDSServerTransID": transaction.id,
        "acsTransID": transaction.acs,
        "transStatus": known.status,
        "interactionCounter": f"{transaction.tries:02d}",
        "challenged": known.challenged,
        "verification": known.verification,
    }
    optional = {"transStatusReason": known.reason, "challengeCancel": known.cancel}
    return message | {name: value for name, value in optional.items() if value}

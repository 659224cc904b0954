"""The bank's door for servers: ask for an authentication, fetch what it came to."""

import hmac
import re
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.bank_results import BankResult
from app.simulation.bank.areq import UUID, read_authentication_request
from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.misbehaving import apply_fault
from app.simulation.bank.strict import VERSION
from app.simulation.bank.transaction import BankTransaction, fetchable_result
from app.simulation.bank.wiring import bank_components
from app.simulation.scenarios import ServerReply

server = Blueprint("server", __name__, url_prefix="/3ds/authentications")

FOREIGN_ACS = "http://acs.elsewhere.invalid/acs/challenge"


@server.before_request
def require_key() -> None:
    """Let in whoever knows the shared key; raise Erro 303."""
    expected = f"Bearer {bank_components().settings.api_key.get_secret_value()}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        raise Erro(ErroCode.DENIED, http=401)


@server.post("")
def authenticate_card() -> Response:
    """Answer a request for an authentication: challenge, verdict, refusal, or as badly as its card asks."""
    if request.mimetype != "application/json":
        raise Erro(ErroCode.NOT_A_MESSAGE, "Content-Type", 415)
    asked = read_authentication_request(_read_body(), bank_components().settings.return_origins)
    apply_fault(asked.office, asked.client_reference)
    scenario, opened = bank_components().issuer.open_transaction(asked)
    if scenario.reply is ServerReply.SILENT:
        bank_components().keep_silent(bank_components().settings.hang_seconds)
    if opened is None and scenario.reply in (ServerReply.SILENT, ServerReply.UNAVAILABLE):
        raise Erro(ErroCode.TRANSIENT, http=500)
    if opened is None:
        return jsonify(threeDSServerTransID=asked.transaction, cardCheck=scenario.reply.value)
    return jsonify(_authentication_answer(opened, scenario.reply))


@server.get("/<transaction>/result")
def fetch_result(transaction: str) -> tuple[Response, int]:
    """Tell what a transaction came to; 202 while its cardholder may still act; raise Erro 301."""
    found = (
        bank_components().issuer.find_transaction(id=transaction) if re.fullmatch(UUID, transaction) else None
    )
    if found is None:
        raise Erro(ErroCode.UNKNOWN_TRANSACTION, "threeDSServerTransID", 404)
    apply_fault(found.office, found.client_reference)
    known = fetchable_result(found, bank_components().issuer.clock())
    return (jsonify(_result_message(found, known)), 200) if known else (jsonify({}), 202)


@server.errorhandler(Erro)
def answer_erro(error: Erro) -> tuple[Response, int]:
    """Answer with the scheme's error message."""
    return jsonify(error.to_message()), error.http


def _read_body() -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise Erro(ErroCode.NOT_A_MESSAGE, http=413) from None


def _authentication_answer(opened: BankTransaction, reply: ServerReply) -> dict[str, Any]:
    message = {
        "messageVersion": VERSION,
        "threeDSServerTransID": opened.id,
        "acsTransID": opened.acs,
        "transStatus": opened.status or "C",
    }
    if opened.reason:
        message["transStatusReason"] = opened.reason
    if reply is ServerReply.CHALLENGE:
        message["acsURL"] = f"{bank_components().settings.public_url}/acs/challenge"
    if reply is ServerReply.FOREIGN_CHALLENGE:
        message["acsURL"] = FOREIGN_ACS
    return message


def _result_message(transaction: BankTransaction, known: BankResult) -> dict[str, Any]:
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

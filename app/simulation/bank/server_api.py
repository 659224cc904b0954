"""JSON for servers: authentications, requests in a bank's app, and what testers do to the bank."""

import hmac
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.bank_results import AppDecision, BankResult
from app.domain.banks import APP_BANKS
from app.simulation.bank.app_requests import AppRequest
from app.simulation.bank.cardholders import RecoveryStep
from app.simulation.bank.components import apply_fault, bank_components
from app.simulation.bank.protocol import (
    UUID,
    VERSION,
    Erro,
    ErroCode,
    Message,
    parse_message,
    read_authentication_request,
    require_elements,
)
from app.simulation.bank.sandbox_controls import SandboxControls
from app.simulation.bank.transactions import BankTransaction, InjectedFault, fetchable_result
from app.simulation.scenarios import BankPageRoute, ServerReply

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
    authentication = read_authentication_request(_read_body(), bank_components().settings.return_origins)
    apply_fault(authentication.office, authentication.client_reference)
    scenario, opened = bank_components().issuer.open_transaction(authentication)
    if scenario.reply is ServerReply.SILENT:
        bank_components().keep_silent(bank_components().settings.hang_seconds)
    if opened is None and scenario.reply in (ServerReply.SILENT, ServerReply.UNAVAILABLE):
        raise Erro(ErroCode.TRANSIENT, http=500)
    if opened is None:
        return jsonify(threeDSServerTransID=authentication.transaction, cardCheck=scenario.reply.value)
    return jsonify(_authentication_answer(opened, scenario.reply))


@server.get("/<transaction>/result")
def fetch_result(transaction: str) -> tuple[Response, int]:
    """Tell what a transaction came to; 202 while its cardholder may still act; raise Erro 301."""
    issuer = bank_components().issuer
    stored = issuer.find_transaction(id=transaction) if re.fullmatch(UUID, transaction) else None
    if stored is None:
        raise Erro(ErroCode.UNKNOWN_TRANSACTION, "threeDSServerTransID", 404)
    apply_fault(stored.office, stored.client_reference)
    known = fetchable_result(stored, issuer.clock())
    return (jsonify(_result_message(stored, known)), 200) if known else (jsonify({}), 202)


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


app_server = Blueprint("app_server", __name__, url_prefix="/bank-app/requests")
app_server.before_request(require_key)
app_server.register_error_handler(Erro, answer_erro)

_LARGEST_BATCH = 100
#: A hundred requests whose offices have the longest names, every letter of them escaped.
_LARGEST_BODY = 192 * 1024
_LAST_ROUND = 2**31 - 1

_TEXTS: Mapping[str, str] = {
    "requestId": r"[0-9a-f]{24}",
    "bank": "|".join(APP_BANKS),
    "clientReference": r"[67][0-9]{9}",
    "iban": r"BE[0-9]{14}",
    "office": r"[^\x00-\x1f\x7f\ud800-\udfff]{1,120}",
}


@app_server.post("")
def exchange_app_requests() -> Response:
    """Take a batch in and answer each of its requests; the same batch again changes nothing."""
    if request.mimetype != "application/json":
        raise Erro(ErroCode.NOT_A_MESSAGE, "Content-Type", 415)
    request.max_content_length = _LARGEST_BODY
    app_requests = _read_batch(request.get_data(cache=False))
    if len(app_requests) == 1:
        apply_fault(app_requests[0].office, app_requests[0].client_reference)
    elif any(map(_has_fault, app_requests)):
        # Whoever asks finds out which one it is, and the others have their answers.
        return jsonify(answers=[])
    answers = zip(app_requests, bank_components().app_requests.exchange_requests(app_requests), strict=True)
    return jsonify(
        answers=[
            {"requestId": app_request.request_id, "round": app_request.round, "decision": decision}
            for app_request, decision in answers
        ]
    )


@app_server.errorhandler(RequestEntityTooLarge)
def refuse_large(_error: RequestEntityTooLarge) -> tuple[Response, int]:
    """Answer a body that no batch has, in the scheme's words."""
    return answer_erro(Erro(ErroCode.NOT_A_MESSAGE, http=413))


def _has_fault(app_request: AppRequest) -> bool:
    kind = bank_components().controls.read_fault(app_request.office, app_request.client_reference)
    return kind is not InjectedFault.NONE


def _read_batch(body: bytes) -> list[AppRequest]:
    message = parse_message(body)
    require_elements(message, ("requests",))
    batch = message["requests"]
    if not isinstance(batch, list) or len(batch) > _LARGEST_BATCH:
        raise Erro(ErroCode.FORMAT, "requests")
    if not all(isinstance(element, dict) for element in batch):
        raise Erro(ErroCode.FORMAT, "requests")
    return [_read_app_request(element) for element in batch]


def _read_app_request(message: Message) -> AppRequest:
    require_elements(message, (*_TEXTS, "round", "open"))
    wrong = [name for name, pattern in _TEXTS.items() if not _matches(pattern, message[name])]
    # JSON's true is an int to Python, and no round.
    if type(message["round"]) is not int or not 1 <= message["round"] <= _LAST_ROUND:
        wrong.append("round")
    if not isinstance(message["open"], bool):
        wrong.append("open")
    if wrong:
        raise Erro(ErroCode.FORMAT, ",".join(wrong))
    return AppRequest(
        request_id=message["requestId"],
        round=message["round"],
        bank=message["bank"],
        client_reference=message["clientReference"],
        iban=message["iban"],
        office=message["office"],
        open=message["open"],
    )


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


sandbox_server = Blueprint("sandbox_server", __name__, url_prefix="/sandbox")
sandbox_server.before_request(require_key)
sandbox_server.register_error_handler(Erro, answer_erro)


@sandbox_server.post("/<command>")
def run_sandbox_command(command: str) -> Response:
    """Do one of the things in the table; raise Erro for a message that does not fit."""
    if command not in _COMMANDS:
        raise Erro(ErroCode.DENIED, http=404)
    run, elements = _COMMANDS[command]
    message = parse_message(request.get_data(cache=False))
    require_elements(message, tuple(elements))
    try:
        read = [convert(message[name]) for name, convert in elements.items()]
        return jsonify(found=run(bank_components().controls, *read) is not False)
    except (ValueError, TypeError, OverflowError):
        raise Erro(ErroCode.FORMAT) from None


def _to_duration(seconds: Any) -> timedelta:
    return timedelta(seconds=float(seconds))


def _to_texts(values: Any) -> list[str]:
    return [str(value) for value in values]


#: By the last word of the address: what it brings about, and the elements that a message must have, in order.
_COMMANDS: Mapping[str, tuple[Callable[..., bool | None], Mapping[str, Callable[[Any], object]]]] = {
    "ageing": (
        SandboxControls.age_transactions,
        {"transactions": _to_texts, "office": str, "clientReference": str, "seconds": _to_duration},
    ),
    "fault": (SandboxControls.set_fault, {"office": str, "clientReference": str, "kind": InjectedFault}),
    "ending": (
        SandboxControls.end_challenge,
        {"transaction": str, "sessionData": str, "kind": BankPageRoute},
    ),
    "help": (
        SandboxControls.help_cardholder,
        {"office": str, "clientReference": str, "kind": RecoveryStep},
    ),
    "decision": (
        SandboxControls.decide_in_app,
        {"bank": str, "clientReference": str, "requestId": str, "kind": AppDecision},
    ),
    "forgetting": (SandboxControls.forget_office, {"office": str, "clientReferences": _to_texts}),
}

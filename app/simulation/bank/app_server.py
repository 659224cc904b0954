"""The apps' door for servers: which requests wait, and what their holders have answered."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.banks import BANKS, ActivationRoute
from app.simulation.bank.app_requests import AppRequest, current_app_requests
from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.faults import InjectedFault
from app.simulation.bank.misbehaving import apply_fault
from app.simulation.bank.server import answer_erro, require_key
from app.simulation.bank.strict import Message, parse_message, require_elements
from app.simulation.bank.wiring import bank_components

app_server = Blueprint("app_server", __name__, url_prefix="/bank-app/requests")
app_server.before_request(require_key)
app_server.register_error_handler(Erro, answer_erro)

_LARGEST_BATCH = 100
#: A hundred requests whose offices have the longest names, every letter of them escaped.
_LARGEST_BODY = 192 * 1024
_LAST_ROUND = 2**31 - 1

_TEXTS: Mapping[str, str] = {
    "requestId": r"[0-9a-f]{24}",
    "bank": "|".join(bank.key for bank in BANKS.values() if bank.route is ActivationRoute.BANK_APP),
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
    told = _read_batch(request.get_data(cache=False))
    if len(told) == 1:
        apply_fault(told[0].office, told[0].client_reference)
    elif any(map(_has_fault, told)):
        # Whoever asks finds out which one it is, and the others have their answers.
        return jsonify(answers=[])
    answers = zip(told, current_app_requests().exchange_requests(told), strict=True)
    return jsonify(
        answers=[
            {"requestId": asked.request_id, "round": asked.round, "decision": decision}
            for asked, decision in answers
        ]
    )


@app_server.errorhandler(RequestEntityTooLarge)
def refuse_large(_error: RequestEntityTooLarge) -> tuple[Response, int]:
    """Answer a body that no batch has, in the scheme's words."""
    return answer_erro(Erro(ErroCode.NOT_A_MESSAGE, http=413))


def _has_fault(told: AppRequest) -> bool:
    kind = bank_components().rehearsals.read_fault(told.office, told.client_reference)
    return kind is not InjectedFault.NONE


def _read_batch(body: bytes) -> list[AppRequest]:
    message = parse_message(body)
    require_elements(message, ("requests",))
    batch = message["requests"]
    if not isinstance(batch, list) or len(batch) > _LARGEST_BATCH:
        raise Erro(ErroCode.FORMAT, "requests")
    if not all(isinstance(told, dict) for told in batch):
        raise Erro(ErroCode.FORMAT, "requests")
    return [_read_app_request(told) for told in batch]


def _read_app_request(told: Message) -> AppRequest:
    require_elements(told, (*_TEXTS, "round", "open"))
    wrong = [name for name, pattern in _TEXTS.items() if not _matches(pattern, told[name])]
    # JSON's true is an int to Python, and no round.
    if type(told["round"]) is not int or not 1 <= told["round"] <= _LAST_ROUND:
        wrong.append("round")
    if not isinstance(told["open"], bool):
        wrong.append("open")
    if wrong:
        raise Erro(ErroCode.FORMAT, ",".join(wrong))
    return AppRequest(
        request_id=told["requestId"],
        round=told["round"],
        bank=told["bank"],
        client_reference=told["clientReference"],
        iban=told["iban"],
        office=told["office"],
        open=told["open"],
    )


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None

"""The banks that ask in their own app, over HTTP: one exchange tells what waits and learns the answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.bank.gateway import BankAppRequest, BankFault
from app.bank.http import HttpAnswer, HttpEndpoint, json_headers
from app.bank.wire import InvalidMessage, read_object
from app.domain.bank_results import AppDecision, BankFaultKind

#: A resend has the same public id, so that only both together name what was asked.
_Key = tuple[str, int]


@dataclass(frozen=True)
class BankAppClient:
    """The gateway to the bank's app; repeating an exchange does no harm."""

    endpoint: HttpEndpoint
    api_key: str

    def exchange_requests(self, requests: Sequence[BankAppRequest]) -> Mapping[str, AppDecision]:
        """Tell which requests wait, at most a hundred, and return each decision; raise BankFault."""
        headers = json_headers(self.api_key)
        body = json.dumps({"requests": [_serialize_request(request) for request in requests]}).encode()
        decisions = _parse_decisions(self.endpoint.send_request("POST", "/bank-app/requests", headers, body))
        if decisions.keys() != {(request.public_id, request.round) for request in requests}:
            raise BankFault(BankFaultKind.BAD_ANSWER)
        return {public_id: decision for (public_id, _), decision in decisions.items()}


def _serialize_request(request: BankAppRequest) -> dict[str, object]:
    return {
        "requestId": request.public_id,
        "round": request.round,
        "bank": request.bank,
        "clientReference": request.client_reference,
        "iban": request.iban,
        "office": request.office,
        "open": request.open,
    }


def _parse_decisions(answer: HttpAnswer) -> dict[_Key, AppDecision]:
    if answer.status != 200:
        raise BankFault(BankFaultKind.UNREACHABLE if answer.status >= 500 else BankFaultKind.BAD_ANSWER)
    try:
        answers = read_object(answer.body).get("answers")
    except InvalidMessage:
        raise BankFault(BankFaultKind.BAD_ANSWER) from None
    if not isinstance(answers, list):
        raise BankFault(BankFaultKind.BAD_ANSWER)
    decisions = dict(_parse_decision(entry) for entry in answers)
    if len(decisions) != len(answers):
        raise BankFault(BankFaultKind.BAD_ANSWER)
    return decisions


def _parse_decision(entry: object) -> tuple[_Key, AppDecision]:
    match entry:
        # JSON's true is an int to Python, and would pass for the first round.
        case {"requestId": str(public_id), "round": int(number), "decision": str(decision)} if (
            decision in tuple(AppDecision) and not isinstance(number, bool)
        ):
            return (public_id, number), AppDecision(decision)
        case _:
            raise BankFault(BankFaultKind.BAD_ANSWER)

"""The testers' door for servers: it stands behind the same key as the others."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request

from app.domain.bank_results import AppDecision
from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.faults import InjectedFault
from app.simulation.bank.holders import RecoveryStep
from app.simulation.bank.rehearsals import SandboxControls
from app.simulation.bank.server import answer_erro, require_key
from app.simulation.bank.strict import Message, parse_message, require_elements
from app.simulation.bank.wiring import bank_components
from app.simulation.scenarios import BankPageRoute

_K = TypeVar("_K", bound=StrEnum)

rehearsal_server = Blueprint("rehearsal_server", __name__, url_prefix="/rehearsals")
rehearsal_server.before_request(require_key)
rehearsal_server.register_error_handler(Erro, answer_erro)


@rehearsal_server.post("/<what>")
def run_sandbox_command(what: str) -> Response:
    """Do one of the things in the table; raise Erro for a message that does not fit."""
    if what not in _DEEDS:
        raise Erro(ErroCode.DENIED, http=404)
    names, deed = _DEEDS[what]
    message = parse_message(request.get_data(cache=False))
    require_elements(message, names)
    try:
        return jsonify(found=deed(bank_components().rehearsals, message) is not False)
    except (ValueError, TypeError, OverflowError):
        raise Erro(ErroCode.FORMAT) from None


def _age_transactions(rehearsals: SandboxControls, message: Message) -> None:
    by = timedelta(seconds=float(message["seconds"]))
    rehearsals.age_transactions(list(message["transactions"]), str(message["clientReference"]), by)


def _set_fault(rehearsals: SandboxControls, message: Message) -> None:
    kind = _enum_member(InjectedFault, message)
    rehearsals.set_fault(str(message["office"]), str(message["clientReference"]), kind)


def _end_challenge(rehearsals: SandboxControls, message: Message) -> bool:
    route = _enum_member(BankPageRoute, message)
    return rehearsals.end_challenge(str(message["transaction"]), str(message["sessionData"]), route)


def _help_cardholder(rehearsals: SandboxControls, message: Message) -> None:
    rehearsals.help_cardholder(str(message["clientReference"]), _enum_member(RecoveryStep, message))


def _decide_in_app(rehearsals: SandboxControls, message: Message) -> bool:
    bank, reference, asked = (str(message[name]) for name in ("bank", "clientReference", "requestId"))
    return rehearsals.decide_in_app(bank, reference, asked, _enum_member(AppDecision, message))


def _forget_office(rehearsals: SandboxControls, message: Message) -> None:
    rehearsals.forget_office(str(message["office"]), [str(one) for one in message["clientReferences"]])


def _enum_member(kind: type[_K], message: Message) -> _K:
    return kind(message["kind"])


#: By the last word of the address: the elements that a message must have, and what it brings about.
_DEEDS: Mapping[str, tuple[tuple[str, ...], Callable[[SandboxControls, Message], bool | None]]] = {
    "ageing": (("transactions", "clientReference", "seconds"), _age_transactions),
    "fault": (("office", "clientReference", "kind"), _set_fault),
    "ending": (("transaction", "sessionData", "kind"), _end_challenge),
    "help": (("clientReference", "kind"), _help_cardholder),
    "decision": (("bank", "clientReference", "requestId", "kind"), _decide_in_app),
    "forgetting": (("office", "clientReferences"), _forget_office),
}

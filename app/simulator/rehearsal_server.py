"""The testers' door for servers: it stands behind the same key as the others."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from flask import Blueprint, Response, jsonify, request

from app.domain.results import AppDecision
from app.simulator.erro import Erro, ErrorCode
from app.simulator.faults import Misbehaviour
from app.simulator.holders import Step
from app.simulator.rehearsals import Rehearsals
from app.simulator.scenarios import BankPageRoute
from app.simulator.server import admit, refuse
from app.simulator.strict import Message, read_message, require
from app.simulator.wiring import parts

_K = TypeVar("_K", bound=StrEnum)

rehearsal_server = Blueprint("rehearsal_server", __name__, url_prefix="/rehearsals")
rehearsal_server.before_request(admit)
rehearsal_server.register_error_handler(Erro, refuse)


@rehearsal_server.post("/<what>")
def rehearse(what: str) -> Response:
    """Do one of the things in the table; raise Erro for a message that does not fit."""
    if what not in _DEEDS:
        raise Erro(ErrorCode.DENIED, http=404)
    names, deed = _DEEDS[what]
    message = read_message(request.get_data(cache=False))
    require(message, names)
    try:
        return jsonify(found=deed(parts().rehearsals, message) is not False)
    except (ValueError, TypeError, OverflowError):
        raise Erro(ErrorCode.FORMAT) from None


def _age(rehearsals: Rehearsals, message: Message) -> None:
    by = timedelta(seconds=float(message["seconds"]))
    rehearsals.age(list(message["transactions"]), str(message["clientReference"]), by)


def _misbehave(rehearsals: Rehearsals, message: Message) -> None:
    kind = _member(Misbehaviour, message)
    rehearsals.misbehave(str(message["office"]), str(message["clientReference"]), kind)


def _end(rehearsals: Rehearsals, message: Message) -> bool:
    route = _member(BankPageRoute, message)
    return rehearsals.end(str(message["transaction"]), str(message["sessionData"]), route)


def _help(rehearsals: Rehearsals, message: Message) -> None:
    rehearsals.help(str(message["clientReference"]), _member(Step, message))


def _decide(rehearsals: Rehearsals, message: Message) -> bool:
    bank, reference, asked = (str(message[name]) for name in ("bank", "clientReference", "requestId"))
    return rehearsals.decide(bank, reference, asked, _member(AppDecision, message))


def _forget(rehearsals: Rehearsals, message: Message) -> None:
    rehearsals.forget(str(message["office"]), [str(one) for one in message["clientReferences"]])


def _member(kind: type[_K], message: Message) -> _K:
    return kind(message["kind"])


#: By the last word of the address: the elements that a message must have, and what it brings about.
_DEEDS: Mapping[str, tuple[tuple[str, ...], Callable[[Rehearsals, Message], bool | None]]] = {
    "ageing": (("transactions", "clientReference", "seconds"), _age),
    "fault": (("office", "clientReference", "kind"), _misbehave),
    "ending": (("transaction", "sessionData", "kind"), _end),
    "help": (("clientReference", "kind"), _help),
    "decision": (("bank", "clientReference", "requestId", "kind"), _decide),
    "forgetting": (("office", "clientReferences"), _forget),
}

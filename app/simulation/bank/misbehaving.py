"""The server's misbehaviour towards one request: no answer, a late one, or one that fits nothing."""

from collections.abc import Callable, Mapping

from flask import abort, jsonify

from app.simulation.bank.erro import Erro, ErroCode
from app.simulation.bank.faults import InjectedFault
from app.simulation.bank.wiring import bank_components


def apply_fault(office: str, client_reference: str) -> None:
    """Answer in the way that a tester wants for these requests; return where they are treated well."""
    _WAYS[bank_components().rehearsals.read_fault(office, client_reference)]()


def _no_fault() -> None:
    """Answer as usual."""


def _answer_error() -> None:
    raise Erro(ErroCode.TRANSIENT, http=500)


def _answer_late() -> None:
    bank_components().keep_silent(bank_components().settings.hang_seconds)
    _answer_error()


def _answer_nonsense() -> None:
    abort(jsonify(threeDSServerTransID="nobody's"))


_WAYS: Mapping[InjectedFault, Callable[[], None]] = {
    InjectedFault.NONE: _no_fault,
    InjectedFault.DOWN: _answer_error,
    InjectedFault.SLOW: _answer_late,
    InjectedFault.WRONG: _answer_nonsense,
}

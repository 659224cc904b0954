"""The server's misbehaviour towards one request: no answer, a late one, or one that fits nothing."""

from collections.abc import Callable, Mapping

from flask import abort, jsonify

from app.simulator.erro import Erro, ErrorCode
from app.simulator.faults import Misbehaviour
from app.simulator.wiring import parts


def misbehave_towards(office: str, client_reference: str) -> None:
    """Answer in the way that a tester wants for these requests; return where they are treated well."""
    _WAYS[parts().rehearsals.misbehaviour(office, client_reference)]()


def _behave() -> None:
    """Answer as usual."""


def _fail() -> None:
    raise Erro(ErrorCode.TRANSIENT, http=500)


def _keep_waiting() -> None:
    parts().keep_silent(parts().settings.hang_seconds)
    _fail()


def _answer_nonsense() -> None:
    abort(jsonify(threeDSServerTransID="nobody's"))


_WAYS: Mapping[Misbehaviour, Callable[[], None]] = {
    Misbehaviour.NONE: _behave,
    Misbehaviour.DOWN: _fail,
    Misbehaviour.SLOW: _keep_waiting,
    Misbehaviour.WRONG: _answer_nonsense,
}

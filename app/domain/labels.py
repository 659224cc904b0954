"""The word that an accountant reads for where a request stands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from app.domain.activation import OPEN, State


class Label(StrEnum):
    """The portal's words; a dossier without any request is *Non commandé*."""

    CANCELLED = "cancelled"
    ACTIVE = "active"
    EXPIRED = "expired"
    PROBLEM = "problem"
    INVITATION_SENT = "invitation_sent"
    NOT_ORDERED = "not_ordered"


#: When a request came to its label; to the other ones when its state changed.
SINCE: Mapping[Label, str] = {Label.INVITATION_SENT: "invited_at", Label.EXPIRED: "expires_at"}

_Holds = Callable[[State, bool, bool], bool]

#: In order of precedence: what has ended outranks what went wrong, which outranks what is waiting.
_LABELS: tuple[tuple[Label, _Holds], ...] = (
    (Label.CANCELLED, lambda state, over, problem: state in (State.CANCELLED, State.REVOKED)),
    (Label.ACTIVE, lambda state, over, problem: state is State.ACTIVE),
    (Label.EXPIRED, lambda state, over, problem: state is State.EXPIRED or over),
    (Label.PROBLEM, lambda state, over, problem: problem),
    (Label.INVITATION_SENT, lambda state, over, problem: state in OPEN),
)


def label(state: State, expires_at: datetime, problem: bool, now: datetime) -> Label:
    """Name where a request stands; `problem` is of the last concluded attempt since the last send."""
    over = now >= expires_at
    return next(name for name, holds in _LABELS if holds(state, over, problem))

"""The word that an accountant reads for where a request stands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from app.domain.activation import OPEN, ActivationState


class StatusLabel(StrEnum):
    """The portal's words; a dossier without any request is *Non commandé*."""

    CANCELLED = "cancelled"
    ACTIVE = "active"
    EXPIRED = "expired"
    PROBLEM = "problem"
    INVITATION_SENT = "invitation_sent"
    NOT_ORDERED = "not_ordered"


#: When a request came to its label; to the other ones when its state changed.
SINCE: Mapping[StatusLabel, str] = {
    StatusLabel.INVITATION_SENT: "invited_at",
    StatusLabel.EXPIRED: "expires_at",
}

_Holds = Callable[[ActivationState, bool, bool], bool]

#: In order of precedence: what has ended outranks what went wrong, which outranks what is waiting.
_LABELS: tuple[tuple[StatusLabel, _Holds], ...] = (
    (
        StatusLabel.CANCELLED,
        lambda state, over, problem: state in (ActivationState.CANCELLED, ActivationState.REVOKED),
    ),
    (StatusLabel.ACTIVE, lambda state, over, problem: state is ActivationState.ACTIVE),
    (StatusLabel.EXPIRED, lambda state, over, problem: state is ActivationState.EXPIRED or over),
    (StatusLabel.PROBLEM, lambda state, over, problem: problem),
    (StatusLabel.INVITATION_SENT, lambda state, over, problem: state in OPEN),
)


def status_label(state: ActivationState, expires_at: datetime, problem: bool, now: datetime) -> StatusLabel:
    """Name where a request stands; `problem` is of the last concluded attempt since the last send."""
    over = now >= expires_at
    return next(name for name, holds in _LABELS if holds(state, over, problem))

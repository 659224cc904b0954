"""What bounds the accountant's hand: nothing is changed unseen, and no cardholder is flooded with mails."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.activations.refusals import ActionRefused, OrderProblem
from app.domain.caps import DAY, Caps, next_allowed_at
from app.domain.history import EventType
from app.domain.states import ActivationState, LifecycleAction
from app.models import Activation, Event, Mandate
from app.models.office import MandateState

#: What counts as sending; ordering does not.
SENDS = (EventType.RESENT, EventType.LINK_REPLACED, EventType.RELAUNCHED)

_SENDING = frozenset({LifecycleAction.RESEND, LifecycleAction.REPLACE, LifecycleAction.RELAUNCH})


def version_mark(state: ActivationState, generation: int, round_: int) -> str:
    """Return what a form carries of the request that it was drawn for."""
    return f"{state}.{generation}.{round_}"


def require_unchanged(row: Activation, seen: str | None) -> None:
    """Raise ActionRefused where the request is no longer what the accountant saw; None looks at nothing."""
    if seen is not None and seen != version_mark(row.state, row.generation, row.round):
        raise ActionRefused(OrderProblem.CHANGED_MEANWHILE)


def require_mandate(session: Session, row: Activation) -> None:
    """Raise ActionRefused where the dossier has lost its mandate at the bank since the order."""
    active = exists().where(
        Mandate.dossier_id == row.dossier_id,
        Mandate.bank == row.bank,
        Mandate.state == MandateState.ACTIVE,
    )
    if not session.scalar(select(active)):
        raise ActionRefused(OrderProblem.NO_MANDATE)


def can_send_again_at(history: Iterable[Any], caps: Caps, now: datetime) -> datetime | None:
    """Return when the cardholder may be written to again by its history, None where that is now."""
    return next_allowed_at(
        (line.at for line in history if line.happening in SENDS), caps.sends_a_day, DAY, now
    )


def require_send_allowance(
    session: Session, row: Activation, action: LifecycleAction, cap: int, now: datetime
) -> None:
    """Raise ActionRefused, with the time to wait for, where the cardholder had enough mails for a day."""
    if action not in _SENDING:
        return
    lately = (
        select(Event.at)
        .where(Event.activation_id == row.id, Event.happening.in_(SENDS), Event.at > now - DAY)
        .order_by(Event.at.desc())
        .limit(cap)
    )
    opens_at = next_allowed_at(session.execute(lately).scalars(), cap, DAY, now)
    if opens_at is not None:
        raise ActionRefused(OrderProblem.SENT_TOO_OFTEN, opens_at=opens_at)

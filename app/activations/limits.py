"""What bounds the accountant's hand: nothing is changed unseen, and no cardholder is flooded with mails."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.activations.refusals import OrderProblem, Refused
from app.domain.activation import ActivationState, LifecycleAction
from app.domain.caps import DAY, Caps, next_allowed_at
from app.domain.history import EventType
from app.models import Activation, Event, Mandate
from app.models.office import MandateState

#: What counts as sending; ordering does not.
SENDS = (EventType.RESENT, EventType.LINK_REPLACED, EventType.RELAUNCHED)

_SENDING = frozenset({LifecycleAction.RESEND, LifecycleAction.REPLACE, LifecycleAction.RELAUNCH})


def mark(state: ActivationState, generation: int, round_: int) -> str:
    """Return what a form carries of the request that it was drawn for."""
    return f"{state}.{generation}.{round_}"


def want_unchanged(row: Activation, seen: str | None) -> None:
    """Raise Refused where the request is no longer what the accountant saw; None looks at nothing."""
    if seen is not None and seen != mark(row.state, row.generation, row.round):
        raise Refused(OrderProblem.CHANGED_MEANWHILE)


def want_mandate(session: Session, row: Activation) -> None:
    """Raise Refused where the dossier has lost its mandate at the bank since the request was ordered."""
    active = exists().where(
        Mandate.dossier_id == row.dossier_id,
        Mandate.bank == row.bank,
        Mandate.state == MandateState.ACTIVE,
    )
    if not session.scalar(select(active)):
        raise Refused(OrderProblem.NO_MANDATE)


def room_to_send_from(history: Iterable[Any], caps: Caps, now: datetime) -> datetime | None:
    """Return when the cardholder may be written to again by its history, None where that is now."""
    return next_allowed_at(
        (line.at for line in history if line.happening in SENDS), caps.sends_a_day, DAY, now
    )


def want_room(session: Session, row: Activation, action: LifecycleAction, cap: int, now: datetime) -> None:
    """Raise Refused, with the time to wait for, where the cardholder has had enough mails for one day."""
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
        raise Refused(OrderProblem.SENT_TOO_OFTEN, opens_at=opens_at)

"""What a cardholder can do at the bank or at the terminal, kept per client reference."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.simulator.scenarios import SCENARIOS, RecoveryAction, Scenario
from app.simulator.store import HOLDERS

#: An unblocked card works after this time; before it, it is refused as just unblocked.
UNBLOCKING_TIME = timedelta(minutes=5)


class Step(StrEnum):
    """The four things that a cardholder can do."""

    ALLOW_ONLINE = "allow_online"
    UNBLOCK_CARD = "unblock_card"
    USE_CARD = "use_card"
    UNBLOCK_PIN = "unblock_pin"


@dataclass(frozen=True)
class Holder:
    """What was done for one client reference, and when."""

    client_reference: str
    online_allowed_at: datetime | None = None
    card_unblocked_at: datetime | None = None
    card_used_at: datetime | None = None
    pin_blocked_at: datetime | None = None

    def done_at(self, recovery: RecoveryAction) -> datetime | None:
        """Return when the cardholder did what cures a card, None where nothing was done."""
        return {
            RecoveryAction.ALLOW_ONLINE: self.online_allowed_at,
            RecoveryAction.UNBLOCK_CARD: self.card_unblocked_at,
            RecoveryAction.USE_CARD: self.card_used_at,
        }.get(recovery)

    @property
    def unblocked_from(self) -> datetime | None:
        """The instant from which an unblocked card works again."""
        return self.card_unblocked_at + UNBLOCKING_TIME if self.card_unblocked_at else None


def holder_of(connection: Connection, client_reference: str) -> Holder:
    """Read what was done for a client reference; nothing, where nobody has been there."""
    query = select(HOLDERS).where(HOLDERS.c.client_reference == client_reference)
    row = connection.execute(query).one_or_none()
    return Holder(**row._mapping) if row else Holder(client_reference)


def take_step(connection: Connection, client_reference: str, step: Step, now: datetime) -> None:
    """Record a step; doing it again changes nothing, so that no waiting time starts afresh."""
    holder = holder_of(connection, client_reference)
    column, value = {
        Step.ALLOW_ONLINE: ("online_allowed_at", holder.online_allowed_at or now),
        Step.UNBLOCK_CARD: ("card_unblocked_at", holder.card_unblocked_at or now),
        Step.USE_CARD: ("card_used_at", holder.card_used_at or now),
        Step.UNBLOCK_PIN: ("pin_blocked_at", None),
    }[step]
    _write(connection, client_reference, column, value)


def block_pin(connection: Connection, client_reference: str, now: datetime) -> None:
    """Record that three wrong tries have blocked the PIN."""
    _write(connection, client_reference, "pin_blocked_at", now)


def after_recovery(scenario: Scenario, holder: Holder, now: datetime) -> Scenario:
    """Return what a card leads to once its holder has been to the bank."""
    done_at = holder.done_at(scenario.recovery)
    if done_at is None:
        return scenario
    if scenario.recovery is RecoveryAction.UNBLOCK_CARD and now < done_at + UNBLOCKING_TIME:
        return SCENARIOS["just_unblocked"]
    return SCENARIOS["success"]


def _write(connection: Connection, client_reference: str, column: str, value: datetime | None) -> None:
    new = insert(HOLDERS).values(client_reference=client_reference, **{column: value})
    connection.execute(new.on_conflict_do_update(index_elements=["client_reference"], set_={column: value}))

"""What every use case works with: database, clock, tokens and policy, narrowed to one office."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import structlog
from sqlalchemy import ColumnElement, Connection, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.bank.gateway import BankAppGateway, BankGateway
from app.clock import Clock, Stopwatch
from app.db import Database
from app.domain.banks import BANKS, ActivationRoute
from app.domain.caps import Caps
from app.domain.history import EventType
from app.domain.reminder_schedule import first_reminder
from app.models import Activation, Event
from app.tokens import TokenSigner

_LINE = insert(Event)
_log = structlog.get_logger()


@dataclass(frozen=True)
class Context:
    """The collaborators, handed in by the composition root."""

    database: Database
    clock: Clock
    stopwatch: Stopwatch
    links: TokenSigner
    bank: BankGateway
    bank_app: BankAppGateway
    link_life: timedelta
    reminder_days: tuple[int, ...]
    build: str
    caps: Caps
    office_id: int | None = None
    #: Reminders wait for working hours, but where nobody is really written to.
    any_hour: bool = False

    def for_office(self, office_id: int) -> Self:
        """Return the same use cases for one office alone: what is another's does not exist for them."""
        return replace(self, office_id=office_id)

    def _own(self, activation_id: InstrumentedAttribute[int]) -> tuple[ColumnElement[bool], ...]:
        """Return what keeps a query within the office; nothing where every office is meant."""
        if self.office_id is None:
            return ()
        return (activation_id.in_(select(Activation.id).where(Activation.office_id == self.office_id)),)

    def new_round_values(self, bank: str) -> Mapping[str, datetime | bool | None]:
        """Return the instants of a new round: its life and its reminders begin, and an app is told of it."""
        now = self.clock()
        return {
            "invited_at": now,
            "changed_at": now,
            "expires_at": now + self.link_life,
            "next_reminder_at": first_reminder(now, self.reminder_days),
            "bank_check_at": now if BANKS[bank].route is ActivationRoute.BANK_APP else None,
            "refused_at": None,
            "problem": False,
        }

    def record_event(
        self,
        session: Session | Connection,
        activation_id: int,
        event_type: EventType,
        actor: str,
        detail: str | None = None,
    ) -> None:
        """Add one line of history to the transaction at hand, and one to the log for the operator."""
        line = {
            "activation_id": activation_id,
            "at": self.clock(),
            "actor": actor,
            "event_type": event_type,
            "detail": detail,
        }
        session.execute(_LINE, line)
        _log.info(event_type, activation=activation_id, actor=actor, detail=detail)


CARDHOLDER = "cardholder"
WORKER = "worker"
BANK = "bank"

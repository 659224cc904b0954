"""What every use case works with, and the two things they all write."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from app.bank.gateway import BankGateway
from app.clock import Clock
from app.db import Database
from app.domain.history import Happening
from app.links import Links
from app.models import Event

_LINE = insert(Event)
_log = structlog.get_logger()


@dataclass(frozen=True)
class Desk:
    """The collaborators, handed in by the composition root."""

    database: Database
    clock: Clock
    links: Links
    bank: BankGateway
    link_life: timedelta
    build: str

    def _note(
        self,
        session: Session | Connection,
        activation_id: int,
        happening: Happening,
        actor: str,
        detail: str | None = None,
    ) -> None:
        """Add one line of history to the transaction at hand, and one to the log for the operator."""
        line = {
            "activation_id": activation_id,
            "at": self.clock(),
            "actor": actor,
            "happening": happening,
            "detail": detail,
        }
        session.execute(_LINE, line)
        _log.info(happening, activation=activation_id, actor=actor, detail=detail)


CARDHOLDER = "cardholder"
WORKER = "worker"
BANK = "bank"

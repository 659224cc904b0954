"""What every use case works with: database, clock, tokens and policy, narrowed to one office."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from app.clock import Clock, Stopwatch
from app.db import Database
from app.domain.caps import Caps
from app.models import Activation
from app.tokens import TokenSigner

SelectT = TypeVar("SelectT", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Policy:
    """What the settings decide of the use cases: how long a link lives, when reminders go out, the caps."""

    link_life: timedelta
    reminder_days: tuple[int, ...]
    caps: Caps
    build: str
    terms_version: str
    session_retention: timedelta
    mail_retention: timedelta
    #: Reminders wait for working hours, but where nobody is really written to.
    any_hour: bool = False


@dataclass(frozen=True, repr=False)
class Context:
    """The collaborators of the use cases, built once by the composition root."""

    database: Database
    clock: Clock
    stopwatch: Stopwatch
    tokens: TokenSigner
    policy: Policy
    office_id: int | None = None

    def for_office(self, office_id: int) -> Self:
        """Return the same context for one office: what is another's does not exist."""
        return replace(self, office_id=office_id)

    def scoped(self, query: SelectT, office: InstrumentedAttribute[int] = Activation.office_id) -> SelectT:
        """Keep a query within the office."""
        return query if self.office_id is None else query.where(office == self.office_id)

    def office_condition(self, activation_id: InstrumentedAttribute[int]) -> tuple[ColumnElement[bool], ...]:
        """Return what keeps a statement that goes by another index within the office."""
        if self.office_id is None:
            return ()
        return (activation_id.in_(select(Activation.id).where(Activation.office_id == self.office_id)),)

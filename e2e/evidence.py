"""What stands behind the pages: the rows of one request, read only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from app.domain.activation import State
from app.domain.history import Happening, MailKind
from app.domain.labels import Label
from app.models import Activation, Attempt, Consent, Event, OutboxMessage
from app.web.wiring import Services

Rows = Sequence[Row[Any]]


@dataclass(frozen=True)
class Evidence:
    """Everything that was recorded for one request; each look reads afresh."""

    services: Services
    public_id: str

    @property
    def activation(self) -> Row[Any]:
        """The row of the request."""
        table = Activation.__table__
        return self._rows(select(table).where(table.c.public_id == self.public_id))[0]

    @property
    def state(self) -> State:
        """Where the request stands."""
        return State(self.activation.state)

    @property
    def label(self) -> Label:
        """The word that the accountant reads."""
        lines = self.services.activations.listing()
        return next(line.label for line in lines if line.public_id == self.public_id)

    @property
    def attempts(self) -> Rows:
        """The cards tried, oldest first."""
        return self._of(Attempt)

    @property
    def attempt(self) -> Row[Any]:
        """The only card tried."""
        (attempt,) = self.attempts
        return attempt

    @property
    def consents(self) -> Rows:
        """What was agreed to."""
        return self._of(Consent)

    @property
    def confirmations(self) -> int:
        """How many confirmation mails were ever queued."""
        return sum(mail.kind == MailKind.CONFIRMATION for mail in self._of(OutboxMessage))

    @property
    def happenings(self) -> Sequence[Happening]:
        """The history, oldest first."""
        return [Happening(event.happening) for event in self._of(Event)]

    def _of(self, model: type[Attempt | Consent | Event | OutboxMessage]) -> Rows:
        table = model.__table__
        mine = table.c.activation_id == self.activation.id
        return self._rows(select(table).where(mine).order_by(table.c.id))

    def _rows(self, query: Any) -> Rows:
        with self.services.database.connection() as connection:
            return connection.execute(query).all()

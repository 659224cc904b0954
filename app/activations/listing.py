"""The requests as an accountant reads them: one line each, with the word for where it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from app.activations.desk import Desk
from app.domain.activation import State
from app.domain.failures import Failure
from app.domain.history import Outcome
from app.domain.labels import Label, label
from app.models import Activation, Attempt, Dossier, Office


@dataclass(frozen=True)
class Line:
    """One request: whose, for which reference, where it stands and since when."""

    public_id: str
    office: str
    dossier_code: str
    dossier_name: str
    bank: str
    client_reference: str
    state: State
    changed_at: datetime
    expires_at: datetime
    last_failure: Failure | None
    label: Label


class Listings(Desk):
    """Reading back."""

    def listing(self) -> list[Line]:
        """Return every request, newest first."""
        now = self.clock()
        with self.database.connection() as connection:
            rows = connection.execute(_LINES).all()
        return [_line(row, now) for row in rows]


_LAST = (
    select(Attempt.activation_id, func.max(Attempt.id).label("attempt_id"))
    .where(Attempt.outcome.in_((Outcome.FAILED, Outcome.SUCCEEDED)))
    .group_by(Attempt.activation_id)
    .subquery()
)

_LINES: Select[*tuple[Any, ...]] = (
    select(
        Activation.public_id,
        Office.name,
        Dossier.code,
        Dossier.name,
        Activation.bank,
        Activation.client_reference,
        Activation.state,
        Activation.changed_at,
        Activation.expires_at,
        Attempt.failure,
        or_(
            and_(Attempt.problem, Attempt.concluded_at >= Activation.invited_at),
            Activation.refused_at.is_not(None),
        ).label("problem"),
    )
    .join(Office, Office.id == Activation.office_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .outerjoin(_LAST, _LAST.c.activation_id == Activation.id)
    .outerjoin(Attempt, Attempt.id == _LAST.c.attempt_id)
    .order_by(Activation.id.desc())
)


def _line(row: Row[*tuple[Any, ...]], now: datetime) -> Line:
    where = label(row.state, row.expires_at, bool(row.problem), now)
    return Line(*(*row[:-1], where))

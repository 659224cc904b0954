"""The requests as an accountant reads them: one line each, with the word for where it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.activations.desk import Context
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.states import ActivationState, StatusLabel, status_label
from app.models import Activation, Attempt, Dossier, Office


@dataclass(frozen=True)
class ActivationSummary:
    """One request: whose, for which reference, where it stands and since when."""

    public_id: str
    office: str
    dossier_code: str
    dossier_name: str
    bank: str
    client_reference: str
    state: ActivationState
    changed_at: datetime
    expires_at: datetime
    last_failure: Failure | None
    label: StatusLabel


class Listings(Context):
    """Reading back."""

    def list_summaries(self) -> list[ActivationSummary]:
        """Return every request, newest first."""
        now = self.clock()
        with self.database.read_connection() as connection:
            rows = connection.execute(_LINES).all()
        return [_summary_row(row, now) for row in rows]


_LAST_FAILURE = (
    select(Attempt.failure)
    .where(
        Attempt.activation_id == Activation.id,
        Attempt.outcome.in_((AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED)),
    )
    .order_by(Attempt.id.desc())
    .limit(1)
    .correlate(Activation)
    .scalar_subquery()
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
        _LAST_FAILURE,
        Activation.problem,
    )
    .join(Office, Office.id == Activation.office_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .order_by(Activation.id.desc())
)


def _summary_row(row: Row[*tuple[Any, ...]], now: datetime) -> ActivationSummary:
    where = status_label(row.state, row.expires_at, row.problem, now)
    return ActivationSummary(*(*row[:-1], where))

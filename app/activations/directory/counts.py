"""How many rows there are of each label, and how far the invited have come; counts end at a thousand."""

from sqlalchemy import ScalarSelect, func, select

from app.activations.directory.statements import (
    BY_DOSSIER,
    OWN_DOSSIER,
    OWN_REQUEST,
    UNORDERED,
    Statement,
    literal_limit,
)
from app.domain.states import ActivationState, StatusLabel
from app.models import Activation, Dossier

COUNTED = 1000
#: How far an invited cardholder has come.
UNDER_WAY = (ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK)


def _count_label(label: StatusLabel) -> ScalarSelect[int]:
    if label is StatusLabel.NOT_ORDERED:
        # Without the order SQLite would take another index and look into each row.
        rows = select(Dossier.id).where(OWN_DOSSIER, UNORDERED).order_by(*BY_DOSSIER)
    else:
        rows = select(Activation.id).where(OWN_REQUEST, Activation.label == label)
    return (
        select(func.count()).select_from(rows.limit(literal_limit(COUNTED + 1)).subquery()).scalar_subquery()
    )


#: As many of the invited as are counted: looking into each of more would take as long as there are.
_INVITED = (
    select(Activation.state)
    .where(OWN_REQUEST, Activation.label == StatusLabel.INVITATION_SENT)
    .limit(literal_limit(COUNTED + 1))
    .subquery()
)
COUNTS: Statement = select(*(_count_label(label).label(label) for label in StatusLabel))
COUNTS_AND_PROGRESS: Statement = COUNTS.add_columns(
    *(func.count().filter(_INVITED.c.state == state).label(state) for state in UNDER_WAY)
).select_from(_INVITED)

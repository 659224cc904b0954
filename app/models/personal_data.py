"""The cardholder's personal data: which columns hold them, and the one place that empties them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, update
from sqlalchemy.orm import Session

from app.domain.history import EventType
from app.models.activation import Activation
from app.models.bulk_action import BulkOrderRow
from app.models.event import record_event

_PERSONAL, _PERSONAL_OF_ROWS = (
    [column for column in model.__table__.columns if column.info.get("personal")]
    for model in (Activation, BulkOrderRow)
)


def erase_personal_data(
    session: Session | Connection, actor: str, now: datetime, *condition: ColumnElement[bool]
) -> Sequence[int]:
    """Empty what is personal of the activations that meet a condition, and record it; return whose it was."""
    erased = session.scalars(
        update(Activation)
        .where(*condition, or_(*(column.is_not(None) for column in _PERSONAL)))
        .values({column.key: None for column in _PERSONAL})
        .returning(Activation.id)
    ).all()
    for activation_id in erased:
        record_event(session, activation_id, EventType.ADDRESS_ERASED, actor, now)
    return erased


def erase_order_rows(session: Session | Connection, *condition: ColumnElement[bool]) -> None:
    """Empty what is personal of the rows of orders that meet a condition: placed, dropped or too old."""
    emptied = {column.key: None for column in _PERSONAL_OF_ROWS}
    session.execute(update(BulkOrderRow).where(*condition).values(emptied))

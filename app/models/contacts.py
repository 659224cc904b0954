"""Whom the cardholder of a request can ask."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.models.activation import Activation
from app.models.office import Accountant


def select_contact_id() -> ColumnElement[int]:
    """Return the accountant who ordered a request, or the first colleague once that one may not come in."""
    own, colleague = aliased(Accountant), aliased(Accountant)
    still_there = select(own.id).where(own.id == Activation.accountant_id, own.disabled_at.is_(None))
    others = select(func.min(colleague.id)).where(
        colleague.office_id == Activation.office_id, colleague.disabled_at.is_(None)
    )
    return func.coalesce(
        still_there.correlate(Activation).scalar_subquery(),
        others.correlate(Activation).scalar_subquery(),
        Activation.accountant_id,
    )

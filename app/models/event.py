"""The history: what happened to an activation."""

from datetime import datetime

import structlog
from sqlalchemy import Connection, ForeignKey, Index, String, bindparam, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import UtcDateTime
from app.domain.caps import ADDRESS_CHANGES
from app.domain.history import EventType
from app.models.base import NOT_PERSONAL, Base, enum_column

_ADDRESS_CHANGE = text("happening IN ({})".format(", ".join(f"'{kind}'" for kind in ADDRESS_CHANGES)))


class Event(Base):
    """One line of history: who did what, when; `detail` is a failure, state, kind or message, never data."""

    __tablename__ = "event"
    __table_args__ = (
        Index(
            "ix_event_address_change",
            "at",
            sqlite_where=_ADDRESS_CHANGE,
            postgresql_where=_ADDRESS_CHANGE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    event_type: Mapped[EventType] = mapped_column("happening", enum_column(EventType), key="event_type")
    detail: Mapped[str | None] = mapped_column(String(64), info=NOT_PERSONAL)


#: Written out as in the index, which SQLite takes for these very words alone.
IS_ADDRESS_CHANGE = Event.event_type.in_(
    bindparam("address_changes", ADDRESS_CHANGES, expanding=True, literal_execute=True)
)

_NEW_EVENT = insert(Event)
_log = structlog.get_logger()


def record_event(
    session: Session | Connection,
    activation_id: int,
    event_type: EventType,
    actor: str,
    at: datetime,
    detail: str | None = None,
) -> None:
    """Add one line of history to the transaction at hand, and one to the log for the operator."""
    values = {
        "activation_id": activation_id,
        "at": at,
        "actor": actor,
        "event_type": event_type,
        "detail": detail,
    }
    session.execute(_NEW_EVENT, values)
    _log.info(event_type, activation=activation_id, actor=actor, detail=detail)

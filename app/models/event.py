"""The history: what happened to an activation, and to an office as a whole."""

from datetime import datetime

from sqlalchemy import Connection, ForeignKey, Index, String, bindparam, insert, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import UtcDateTime
from app.domain.caps import ADDRESS_CHANGES
from app.domain.history import EventType, OfficeEventType
from app.domain.news_rules import DIGEST_EVENTS
from app.logs import log
from app.models.base import NOT_PERSONAL, Base, enum_column

_ADDRESS_CHANGE = text("happening IN ({})".format(", ".join(f"'{kind}'" for kind in ADDRESS_CHANGES)))

_NEWS = text("happening IN ({})".format(", ".join(f"'{kind}'" for kind in DIGEST_EVENTS)))


class Event(Base):
    """One line of history: who did what, when; `detail` is a failure, state, kind or message, never data."""

    __tablename__ = "event"
    __table_args__ = (
        # For the mails of a day.
        Index("ix_event_news", "at", sqlite_where=_NEWS, postgresql_where=_NEWS),
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


class OfficeEvent(Base):
    """What an accountant did with the office as a whole; `detail` says with what, and names nobody.

    `row_count` is None until the work came to its end.
    """

    __tablename__ = "office_event"
    __table_args__ = (Index("ix_office_event_recent", "office_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    event_type: Mapped[OfficeEventType] = mapped_column(enum_column(OfficeEventType))
    row_count: Mapped[int | None]
    detail: Mapped[str | None] = mapped_column(String(255), info=NOT_PERSONAL)


#: Written out as in the index, which SQLite takes for these very words alone.
IS_ADDRESS_CHANGE = Event.event_type.in_(
    bindparam("address_changes", ADDRESS_CHANGES, expanding=True, literal_execute=True)
)

_NEW_EVENT = insert(Event)


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
    log.info(event_type, activation=activation_id, actor=actor, detail=detail)


def record_office_event(
    connection: Connection,
    office_id: int,
    event_type: OfficeEventType,
    actor: str,
    at: datetime,
    detail: str | None = None,
) -> int:
    """Add a line about an office to the transaction at hand, and one to the log; return its number."""
    line = {"office_id": office_id, "event_type": event_type, "actor": actor, "detail": detail}
    added = connection.execute(insert(OfficeEvent).values(at=at, **line).returning(OfficeEvent.id))
    log.info(event_type, office=office_id, actor=actor, detail=detail)
    return added.scalar_one()


def record_row_count(connection: Connection, event_id: int, count: int) -> None:
    """Note how many rows it was, now that the work is done."""
    connection.execute(update(OfficeEvent).where(OfficeEvent.id == event_id).values(row_count=count))

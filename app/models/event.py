"""The history: what happened to an activation."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.domain.history import EventType
from app.models.base import Base, enum_column


class Event(Base):
    """One line of history: who did what, when; `detail` is a failure, a state or a kind, never data."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))
    event_type: Mapped[EventType] = mapped_column("happening", enum_column(EventType), key="event_type")
    detail: Mapped[str | None] = mapped_column(String(64))

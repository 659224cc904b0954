"""One action for many activations: kept before it is done, with what became of each."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.base import NOT_PERSONAL, Base

_UNFINISHED = text("finished_at IS NULL")


class BulkAction(Base):
    """What an accountant wants done with many activations; whose it is and since when, its event says.

    `leased_until` is None until somebody has confirmed it, then the end of the turn of who is doing it.
    """

    __tablename__ = "bulk_action"
    __table_args__ = (
        Index(
            "ix_bulk_action_unfinished",
            "leased_until",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    event_id: Mapped[int] = mapped_column(ForeignKey("office_event.id"), unique=True)
    action: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulkActionRow(Base):
    """One of these activations as it was seen; `outcome` is None until it was its turn."""

    __tablename__ = "bulk_action_row"

    bulk_action_id: Mapped[int] = mapped_column(ForeignKey("bulk_action.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    version_mark: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    outcome: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)

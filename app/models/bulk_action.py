"""One action for many activations, or an order for many: kept before it is done, with what became of each."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.base import NOT_PERSONAL, PERSONAL, Base

_UNFINISHED, _UNERASED = text("finished_at IS NULL"), text("erase_at IS NOT NULL")


class BulkAction(Base):
    """What an accountant wants done with many activations; whose it is and since when, its event says.

    `leased_until` is None until somebody has confirmed it, then the end of the turn of who is doing it;
    `erase_at` is when what is personal of an order goes at the latest, None once it has gone.
    """

    __tablename__ = "bulk_action"
    __table_args__ = (
        Index(
            "ix_bulk_action_unfinished",
            "leased_until",
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        ),
        Index("ix_bulk_action_erase_at", "erase_at", sqlite_where=_UNERASED, postgresql_where=_UNERASED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    event_id: Mapped[int] = mapped_column(ForeignKey("office_event.id"), unique=True)
    action: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erase_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulkActionRow(Base):
    """One of these activations as it was seen; `outcome` is None until it was its turn."""

    __tablename__ = "bulk_action_row"

    bulk_action_id: Mapped[int] = mapped_column(ForeignKey("bulk_action.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    version_mark: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    outcome: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)


class BulkOrderRow(Base):
    """One row of an order for many as it was typed, until it is placed and has an activation.

    `seen` names the earlier request of the same reference, once somebody has looked at it.
    """

    __tablename__ = "bulk_order_row"

    bulk_action_id: Mapped[int] = mapped_column(ForeignKey("bulk_action.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    bank: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    client_reference: Mapped[str | None] = mapped_column(String(64), info=PERSONAL)
    address: Mapped[str | None] = mapped_column(String(254), info=PERSONAL)
    language: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    iban: Mapped[str | None] = mapped_column(String(64), info=PERSONAL)
    seen: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)
    activation_id: Mapped[int | None] = mapped_column(ForeignKey("activation.id"))
    outcome: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)

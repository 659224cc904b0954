"""How accountants come in: one-time links, and the sessions that they open."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.schema import Base


class SignInLink(Base):
    """A one-time link: its life and its one use stand here, the link itself is minted at delivery."""

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_recent", "accountant_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    accountant_id: Mapped[int] = mapped_column(ForeignKey("accountant.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PortalSession(Base):
    """A signed-in browser: only the hash of its cookie is kept, and ending it kills every copy."""

    __tablename__ = "portal_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    accountant_id: Mapped[int] = mapped_column(ForeignKey("accountant.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

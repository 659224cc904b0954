"""The conditions that were ever shown, word for word."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.base import NOT_PERSONAL, Base


class PublishedTerms(Base):
    """One version in one language; append-only, since consents point at it by version, language and hash."""

    __tablename__ = "published_terms"

    version: Mapped[str] = mapped_column(String(16), primary_key=True, info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), primary_key=True, info=NOT_PERSONAL)
    sha256: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    text: Mapped[str] = mapped_column(Text, info=NOT_PERSONAL)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

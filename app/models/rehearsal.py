"""Which offices belong to testers; only in a simulation is there any."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.schema import Base


class QaOffice(Base):
    """A tester's own office: the mark that lets its requests be aged and removed, and the hash of its key."""

    __tablename__ = "qa_office"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    key_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

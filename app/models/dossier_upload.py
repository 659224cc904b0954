"""What was read of an office's file of dossiers, until somebody has looked at it; never the file."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.base import NOT_PERSONAL, Base


class DossierUpload(Base):
    """The lines of the last file, as JSON; an office has one at a time, and its import deletes it."""

    __tablename__ = "dossier_upload"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lines: Mapped[str] = mapped_column(Text, info=NOT_PERSONAL)

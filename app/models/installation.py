"""What an installation knows of itself: which builds its schema serves, and which workers live."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.models.base import NOT_PERSONAL, Base


class SchemaSupport(Base):
    """One row: the oldest revision whose builds can still work with the schema as it is."""

    __tablename__ = "schema_support"

    oldest_revision: Mapped[str] = mapped_column(String(32), primary_key=True, info=NOT_PERSONAL)


class WorkerHeartbeat(Base):
    """When the worker of a machine, or of a container, last went through its jobs."""

    __tablename__ = "worker_heartbeat"

    host: Mapped[str] = mapped_column(String(255), primary_key=True, info=NOT_PERSONAL)
    beaten_at: Mapped[datetime] = mapped_column(UtcDateTime)

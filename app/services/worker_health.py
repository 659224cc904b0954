"""Whether the worker of a machine lives: it says so every few seconds, in a row of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from app.context import Context
from app.models import WorkerHeartbeat


@dataclass(frozen=True)
class WorkerHealthService:
    """The heartbeats of the workers, by their hosts."""

    context: Context

    def record_heartbeat(self, host: str) -> None:
        """Note that the worker of this host goes through its jobs."""
        row, now = WorkerHeartbeat, self.context.clock()
        with self.context.database.write_connection() as connection:
            beaten = update(row).where(row.host == host).values(beaten_at=now)
            if not connection.execute(beaten).rowcount:
                connection.execute(insert(row).values(host=host, beaten_at=now))

    def read_heartbeat(self, host: str) -> datetime | None:
        """Return when it last did; None where there has never been one."""
        query = select(WorkerHeartbeat.beaten_at).where(WorkerHeartbeat.host == host)
        with self.context.database.read_connection() as connection:
            return connection.execute(query).scalar_one_or_none()

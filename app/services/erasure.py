"""The ledger of erased addresses: kept apart from the backups, repeated after one is restored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.context import Context
from app.domain.history import WORKER, EventType
from app.models import Activation, Event
from app.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class ErasureRecord:
    """One address that was erased, without the address."""

    public_id: str
    at: datetime


@dataclass(frozen=True)
class ErasureService:
    """Telling what was erased, and erasing it again."""

    context: Context

    def list_erasures(self) -> Iterator[ErasureRecord]:
        """Yield every erasure on record, oldest first."""
        query = (
            select(Activation.public_id, Event.at)
            .join(Activation, Activation.id == Event.activation_id)
            .where(Event.event_type == EventType.ADDRESS_ERASED)
            .order_by(Event.id)
        )
        with self.context.database.read_connection() as connection:
            for row in connection.execute(query):
                yield ErasureRecord(public_id=row.public_id, at=row.at)

    def repeat_erasures(self, records: Iterable[ErasureRecord]) -> int:
        """Erase the addresses that a restored backup has brought back; return how many there were.

        An address that was typed after the erasure, for an activation taken up again, stays.
        """
        with unit_of_work(self.context) as work:
            count = sum(
                len(
                    work.erase_personal_data(
                        WORKER, Activation.public_id == record.public_id, Activation.invited_at <= record.at
                    )
                )
                for record in records
            )
        self.context.database.truncate_wal()
        return count

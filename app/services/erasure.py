"""The ledger of erased addresses: kept apart from the backups, repeated after one is restored."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.context import WORKER, Context
from app.domain.history import EventType
from app.models import Activation, Event


@dataclass(frozen=True)
class ErasureRecord:
    """One address that was erased, without the address."""

    public_id: str
    at: datetime


class ErasureService(Context):
    """Telling what was erased, and erasing it again."""

    def list_erasures(self) -> Iterator[ErasureRecord]:
        """Yield every erasure on record, oldest first."""
        with self.database.read_connection() as connection:
            asked = (
                select(Activation.public_id, Event.at)
                .join(Activation, Activation.id == Event.activation_id)
                .where(Event.event_type == EventType.ADDRESS_ERASED)
                .order_by(Event.id)
            )
            for public_id, at in connection.execute(asked):
                yield ErasureRecord(public_id, at)

    def repeat_erasures(self, erased: Iterable[ErasureRecord]) -> int:
        """Erase the addresses that a restored backup has brought back; return how many there were.

        An address that was typed after the erasure, for a request taken up again, stays.
        """
        found = 0
        with self.database.transaction() as session:
            for one in erased:
                brought_back = session.execute(
                    update(Activation)
                    .where(
                        Activation.public_id == one.public_id,
                        Activation.address.is_not(None),
                        Activation.invited_at <= one.at,
                    )
                    .values(address=None)
                    .returning(Activation.id)
                ).scalar_one_or_none()
                if brought_back is not None:
                    found += 1
                    self.record_event(session, brought_back, EventType.ADDRESS_ERASED, WORKER)
        self.database.truncate_wal()
        return found

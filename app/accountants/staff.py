"""The operator's list: who may sign in, shutting somebody out, letting them in again."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, select, update

from app.accountants.desk import Desk
from app.models import Accountant, Office, PortalSession

_log = structlog.get_logger()


class UnknownAccountant(LookupError):
    """No office has an accountant with this address."""


@dataclass(frozen=True)
class AccountantRow:
    """An accountant as the operator sees them."""

    email: str
    office: str
    disabled_at: datetime | None


class Staff(Desk):
    """The accountants of all offices."""

    def list_accountants(self) -> list[AccountantRow]:
        """List the accountants, office by office."""
        query = (
            select(Accountant.email, Office.name, Accountant.disabled_at)
            .join(Office, Office.id == Accountant.office_id)
            .order_by(Office.name, Accountant.email)
        )
        with self.database.read_connection() as connection:
            return [AccountantRow(*row) for row in connection.execute(query)]

    def disable_accountant(self, email: str) -> None:
        """Shut an accountant out and end their sessions at once; raise UnknownAccountant."""
        now = self.clock()
        with self.database.write_connection() as connection:
            accountant = _set_disabled(connection, email, now)
            connection.execute(
                update(PortalSession)
                .where(PortalSession.accountant_id == accountant, PortalSession.ended_at.is_(None))
                .values(ended_at=now)
            )
        _log.info("accountant_disabled", accountant=accountant)

    def enable_accountant(self, email: str) -> None:
        """Let an accountant sign in again; raise UnknownAccountant."""
        with self.database.write_connection() as connection:
            accountant = _set_disabled(connection, email, None)
        _log.info("accountant_enabled", accountant=accountant)


def _set_disabled(connection: Connection, email: str, at: datetime | None) -> int:
    found = connection.execute(
        update(Accountant)
        .where(Accountant.email == email.strip().lower())
        .values(disabled_at=at)
        .returning(Accountant.id)
    ).scalar_one_or_none()
    if found is None:
        raise UnknownAccountant
    return found

"""Who is signed in: sessions that are rows, so that ending one kills every copy of its cookie."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Select, bindparam, select, update

from app.accountants.desk import Desk
from app.accountants.sign_ins import hash_secret
from app.db import UtcDateTime
from app.models import Accountant, Office, PortalSession

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
#: Using a session is written down this often, so that reading a page rarely writes.
_SEEN_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class SignedInAccountant:
    """The accountant who is signed in, and the office that bounds everything they see."""

    session_id: int
    accountant_id: int
    email: str
    language: str
    office_id: int
    office: str

    @property
    def actor(self) -> str:
        """The accountant as the history names them."""
        return f"accountant {self.accountant_id}"


class Sessions(Desk):
    """Being in the portal, and the way out of it."""

    def find_session(self, secret: str) -> SignedInAccountant | None:
        """Return who is signed in; None where the session is over, idle too long, or its owner disabled."""
        now = self.clock()
        with self.database.read_connection() as connection:
            row = connection.execute(
                _VISITOR,
                {"secret": hash_secret(secret), "seen_since": now - IDLE, "begun_since": now - LONGEST},
            ).one_or_none()
        if row is None:
            return None
        *columns, seen_at = row
        if now - seen_at >= _SEEN_EVERY:
            with self.database.write_connection() as connection:
                connection.execute(_SEEN, {"session": row.id, "now": now})
        return SignedInAccountant(*columns)

    def end_session(self, visitor: SignedInAccountant) -> None:
        """End the session, and with it every copy of its cookie."""
        with self.database.write_connection() as connection:
            connection.execute(_END, {"session": visitor.session_id, "now": self.clock()})
        _log.info("signed_out", accountant=visitor.accountant_id)


_VISITOR: Select[*tuple[Any, ...]] = (
    select(
        PortalSession.id,
        Accountant.id.label("accountant_id"),
        Accountant.email,
        Accountant.language,
        Office.id.label("office_id"),
        Office.name,
        PortalSession.seen_at,
    )
    .join(Accountant, Accountant.id == PortalSession.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(
        PortalSession.secret_sha256 == bindparam("secret"),
        PortalSession.ended_at.is_(None),
        PortalSession.seen_at > bindparam("seen_since", type_=UtcDateTime),
        PortalSession.created_at > bindparam("begun_since", type_=UtcDateTime),
        Accountant.disabled_at.is_(None),
    )
)

_ONE = PortalSession.id == bindparam("session")
_SEEN = update(PortalSession).where(_ONE).values(seen_at=bindparam("now", type_=UtcDateTime))
_END = update(PortalSession).where(_ONE).values(ended_at=bindparam("now", type_=UtcDateTime))

"""How accountants come in and leave: one-time links by mail, sessions that are rows."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database, Instant
from app.links import Links, NotOurs
from app.mail.queue import enqueue_sign_in
from app.models import Accountant, Office, PortalSession, SignInLink

LINK_LIFE = timedelta(minutes=15)
#: More links than this in an hour are asked for by somebody else than the accountant.
LINKS_AN_HOUR = 5
_HOUR = timedelta(hours=1)
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
#: Using a session is written down this often, so that reading a page rarely writes.
_SEEN_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Visitor:
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


@dataclass(frozen=True)
class Visits:
    """The way into the portal and out of it."""

    database: Database
    clock: Clock
    links: Links

    def ask(self, email: str) -> None:
        """Mail a one-time link to a known accountant; the answer is the same for everybody else."""
        with self.database.transaction() as session:
            accountant = self._accountant(session, email)
            if accountant is None or self._asked_too_often(session, accountant):
                return
            enqueue_sign_in(session, self._new_link(session, accountant).id, self.clock())

    def mint(self, email: str) -> str | None:
        """Return a fresh one-time link for the operator to hand over; None for an unknown accountant."""
        with self.database.transaction() as session:
            accountant = self._accountant(session, email)
            if accountant is None:
                return None
            return self.links.sign_in_url(self._new_link(session, accountant).public_id)

    def is_open(self, token: str) -> bool:
        """Tell whether a link can still be used; looking changes nothing."""
        with self.database.connection() as connection:
            asked = select(SignInLink.id).where(
                SignInLink.public_id == self._public_id(token),
                SignInLink.claimed_at.is_(None),
                SignInLink.expires_at > self.clock(),
            )
            return connection.execute(asked).first() is not None

    def claim(self, token: str) -> str | None:
        """Use a link once and return the secret of the session that it opens; None for a used or dead one."""
        now, secret = self.clock(), secrets.token_urlsafe(32)
        with self.database.transaction() as session:
            claimed = session.execute(
                update(SignInLink)
                .where(
                    SignInLink.public_id == self._public_id(token),
                    SignInLink.claimed_at.is_(None),
                    SignInLink.expires_at > now,
                )
                .values(claimed_at=now)
                .returning(SignInLink.accountant_id)
            ).scalar_one_or_none()
            if claimed is None:
                return None
            session.add(
                PortalSession(
                    accountant_id=claimed, secret_sha256=_sha256(secret), created_at=now, seen_at=now
                )
            )
        _log.info("signed_in", accountant=claimed)
        return secret

    def visitor(self, secret: str) -> Visitor | None:
        """Return who is signed in; None where the session is over, idle too long, or its owner disabled."""
        now = self.clock()
        with self.database.connection() as connection:
            row = connection.execute(
                _VISITOR,
                {"secret": _sha256(secret), "seen_since": now - IDLE, "begun_since": now - LONGEST},
            ).one_or_none()
        if row is None:
            return None
        *columns, seen_at = row
        if now - seen_at >= _SEEN_EVERY:
            with self.database.statements() as connection:
                connection.execute(_SEEN, {"session": row.id, "now": now})
        return Visitor(*columns)

    def leave(self, visitor: Visitor) -> None:
        """End the session, and with it every copy of its cookie."""
        with self.database.transaction() as session:
            session.execute(
                update(PortalSession)
                .where(PortalSession.id == visitor.session_id)
                .values(ended_at=self.clock())
            )
        _log.info("signed_out", accountant=visitor.accountant_id)

    def _accountant(self, session: Session, email: str) -> Accountant | None:
        return session.execute(
            select(Accountant)
            .where(Accountant.email == email.strip().lower(), Accountant.disabled_at.is_(None))
            .with_for_update()
        ).scalar_one_or_none()

    def _asked_too_often(self, session: Session, accountant: Accountant) -> bool:
        lately = select(func.count()).where(
            SignInLink.accountant_id == accountant.id, SignInLink.created_at > self.clock() - _HOUR
        )
        return (session.scalar(lately) or 0) >= LINKS_AN_HOUR

    def _new_link(self, session: Session, accountant: Accountant) -> SignInLink:
        now = self.clock()
        link = SignInLink(
            public_id=secrets.token_hex(16),
            accountant_id=accountant.id,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
        session.add(link)
        session.flush()
        return link

    def _public_id(self, token: str) -> str:
        try:
            return self.links.read_sign_in(token)
        except NotOurs:
            return ""


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


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
        PortalSession.seen_at > bindparam("seen_since", type_=Instant),
        PortalSession.created_at > bindparam("begun_since", type_=Instant),
        Accountant.disabled_at.is_(None),
    )
)

_SEEN = (
    update(PortalSession)
    .where(PortalSession.id == bindparam("session"))
    .values(seen_at=bindparam("now", type_=Instant))
)

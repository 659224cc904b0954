"""One-time links: asking for one, looking at it, using it once."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Insert, Integer, String, bindparam, func, insert, select, update

from app.accountants.cells import KINDS, CsvColumn, InvalidCell
from app.accountants.desk import Desk
from app.db import UtcDateTime
from app.domain.caps import HOUR
from app.mail.outbox import enqueue_sign_in_mail
from app.models import Accountant, OutboxMessage, PortalSession, SignInLink
from app.tokens import InvalidToken

LINK_LIFE = timedelta(minutes=15)

_log = structlog.get_logger()


class InvalidEmailAddress(ValueError):
    """What was typed can be nobody's e-mail address."""


class SignInService(Desk):
    """The way into the portal."""

    def request_sign_in_link(self, email: str) -> None:
        """Mail a one-time link to a known accountant who did not ask too often; raise InvalidEmailAddress.

        Nobody is told which it was: the statements are the same for every address, and their conditions
        stand in the database.
        """
        asked = self._insert_link(email)
        with self.database.write_connection() as connection:
            connection.execute(_LOCK, asked)
            connection.execute(_MAILED_LINK, asked)
            enqueue_sign_in_mail(connection, asked["link"], asked["now"])

    def create_sign_in_link(self, email: str) -> str | None:
        """Return a fresh one-time link for the operator to hand over; None where nobody may use it."""
        try:
            asked = self._insert_link(email)
        except InvalidEmailAddress:
            return None
        with self.database.write_connection() as connection:
            made = connection.execute(_LINK, asked).first()
        return self.links.sign_in_url(asked["link"]) if made else None

    def find_open(self, text: str) -> str | None:
        """Return the token in a link that came, where it can still be used; looking changes nothing."""
        try:
            token, public_id = self.links.find_sign_in(text)
        except InvalidToken:
            return None
        with self.database.read_connection() as connection:
            shown = {"link": public_id, "now": self.clock()}
            return token if connection.execute(_OPEN, shown).first() else None

    def claim_sign_in_link(self, text: str) -> str | None:
        """Use a link once and return the secret of the session that it opens; None for a used or dead one."""
        now, secret = self.clock(), secrets.token_urlsafe(32)
        with self.database.transaction() as session:
            accountant = session.execute(_CLAIM, self._read_public_id(text)).scalar_one_or_none()
            if accountant is None:
                return None
            opened = PortalSession(
                accountant_id=accountant, secret_sha256=hash_secret(secret), created_at=now, seen_at=now
            )
            session.add(opened)
        _log.info("signed_in", accountant=accountant)
        return secret

    def _insert_link(self, email: str) -> Mapping[str, Any]:
        now = self.clock()
        return {
            "email": _normalize_address(email),
            "link": secrets.token_hex(16),
            "now": now,
            "until": now + LINK_LIFE,
            "lately": now - HOUR,
            "cap": self.caps.sign_in_links_an_hour,
        }

    def _read_public_id(self, text: str) -> Mapping[str, Any]:
        try:
            return {"link": self.links.find_sign_in(text)[1], "now": self.clock()}
        except InvalidToken:
            return {"link": "", "now": self.clock()}


def hash_secret(secret: str) -> str:
    """Return what is kept of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _normalize_address(typed: str) -> str:
    """Return the address as an imported one is written; raise InvalidEmailAddress."""
    try:
        return KINDS[CsvColumn.EMAIL].check(typed.strip())
    except InvalidCell:
        raise InvalidEmailAddress from None


_NOW = bindparam("now", type_=UtcDateTime)
_ENABLED = Accountant.disabled_at.is_(None)

#: Whoever asks twice at once waits here, so that both are counted.
_LOCK = select(Accountant.id).where(Accountant.email == bindparam("email")).with_for_update()


def _insert_link_statement(*conditions: ColumnElement[bool]) -> Insert:
    return insert(SignInLink).from_select(
        ["public_id", "accountant_id", "created_at", "expires_at"],
        select(
            bindparam("link", type_=String),
            Accountant.id,
            _NOW,
            bindparam("until", type_=UtcDateTime),
        ).where(Accountant.email == bindparam("email"), _ENABLED, *conditions),
    )


_MAILED_LATELY = (
    select(func.count())
    .select_from(SignInLink)
    .join(OutboxMessage, OutboxMessage.sign_in_link_id == SignInLink.id)
    .where(
        SignInLink.accountant_id == Accountant.id,
        SignInLink.created_at > bindparam("lately", type_=UtcDateTime),
    )
    .correlate(Accountant)
    .scalar_subquery()
)

_LINK = _insert_link_statement().returning(SignInLink.id)
_MAILED_LINK = _insert_link_statement(bindparam("cap", type_=Integer) > _MAILED_LATELY)

_USABLE = (
    SignInLink.public_id == bindparam("link", type_=String),
    SignInLink.claimed_at.is_(None),
    SignInLink.expires_at > _NOW,
    SignInLink.accountant_id.in_(select(Accountant.id).where(_ENABLED)),
)
_OPEN = select(SignInLink.id).where(*_USABLE)
_CLAIM = update(SignInLink).where(*_USABLE).values(claimed_at=_NOW).returning(SignInLink.accountant_id)

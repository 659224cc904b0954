"""How accountants come in and leave: one-time links by mail, sessions that are rows."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Integer,
    Select,
    String,
    bindparam,
    func,
    insert,
    select,
    update,
)

from app.context import Context
from app.db import UtcDateTime
from app.domain.caps import HOUR
from app.domain.identifiers import bare_address
from app.domain.order_rules import ActionRefused, OrderProblem, parse_email_address
from app.mail.outbox import enqueue_sign_in_mail
from app.models import Accountant, Office, OutboxMessage, PortalSession, SignInLink
from app.tokens import InvalidToken

LINK_LIFE = timedelta(minutes=15)
#: A session ends after so long a rest, and after so long altogether.
SESSION_IDLE, SESSION_LIFE = timedelta(minutes=30), timedelta(hours=12)
#: Using a session is written down this often, so that reading a page rarely writes.
_SEEN_EVERY = timedelta(minutes=1)

_log = structlog.get_logger()


class InvalidEmailAddress(ValueError):
    """What was typed can be nobody's e-mail address; carries why."""

    def __init__(self, problem: OrderProblem) -> None:
        super().__init__()
        self.problem = problem


class UnknownAccountant(LookupError):
    """No office has an accountant with this address."""


@dataclass(frozen=True)
class SignedInAccountant:
    """The accountant who is signed in, and the office that bounds everything they see."""

    session_id: int
    accountant_id: int
    email: str
    language: str
    office_id: int
    office: str
    telephone: str | None

    @property
    def actor(self) -> str:
        """The accountant as the history names them."""
        return f"accountant {self.accountant_id}"


@dataclass(frozen=True)
class AccountantRow:
    """An accountant as the operator sees them."""

    email: str
    office: str
    disabled_at: datetime | None


@dataclass(frozen=True)
class SignInService:
    """How accountants come in and leave, and who may; each method is one transaction."""

    context: Context

    def request_sign_in_link(self, email: str) -> None:
        """Mail a one-time link to a known accountant who did not ask too often; raise InvalidEmailAddress.

        Nobody is told which it was: the statements are the same for every address, and their conditions
        stand in the database.
        """
        parameters = self._insert_link(email)
        with self.context.database.write_connection() as connection:
            connection.execute(_LOCK, parameters)
            connection.execute(_MAILED_LINK, parameters)
            enqueue_sign_in_mail(connection, parameters["link"], parameters["now"])

    def create_sign_in_link(self, email: str) -> str | None:
        """Return a fresh one-time link for the operator to hand over; None where nobody may use it."""
        try:
            parameters = self._insert_link(email)
        except InvalidEmailAddress:
            return None
        with self.context.database.write_connection() as connection:
            made = connection.execute(_LINK, parameters).first()
        return self.context.tokens.sign_in_url(parameters["link"]) if made else None

    def find_open(self, text: str) -> str | None:
        """Return the token in a link that came, where it can still be used; looking changes nothing."""
        try:
            token, public_id = self.context.tokens.find_sign_in(text)
        except InvalidToken:
            return None
        with self.context.database.read_connection() as connection:
            parameters = {"link": public_id, "now": self.context.clock()}
            return token if connection.execute(_OPEN, parameters).first() else None

    def claim_sign_in_link(self, text: str) -> str | None:
        """Use a link once and return the secret of the session that it opens; None for a used or dead one."""
        now, secret = self.context.clock(), secrets.token_urlsafe(32)
        with self.context.database.transaction() as session:
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
        now = self.context.clock()
        return {
            "email": _normalize_address(email),
            "link": secrets.token_hex(16),
            "now": now,
            "until": now + LINK_LIFE,
            "lately": now - HOUR,
            "cap": self.context.policy.caps.sign_in_links_an_hour,
        }

    def _read_public_id(self, text: str) -> Mapping[str, Any]:
        try:
            return {"link": self.context.tokens.find_sign_in(text)[1], "now": self.context.clock()}
        except InvalidToken:
            return {"link": "", "now": self.context.clock()}

    def find_session(self, secret: str) -> SignedInAccountant | None:
        """Return who is signed in; None where the session is over, idle too long, or its owner disabled."""
        now = self.context.clock()
        with self.context.database.read_connection() as connection:
            row = connection.execute(
                _VISITOR,
                {
                    "secret": hash_secret(secret),
                    "seen_since": now - SESSION_IDLE,
                    "begun_since": now - SESSION_LIFE,
                },
            ).one_or_none()
        if row is None:
            return None
        if now - row.seen_at >= _SEEN_EVERY:
            with self.context.database.write_connection() as connection:
                connection.execute(_SEEN, {"session": row.id, "now": now})
        return SignedInAccountant(
            session_id=row.id,
            accountant_id=row.accountant_id,
            email=row.email,
            language=row.language,
            office_id=row.office_id,
            office=row.office,
            telephone=row.telephone,
        )

    def end_session(self, visitor: SignedInAccountant) -> None:
        """End the session, and with it every copy of its cookie."""
        with self.context.database.write_connection() as connection:
            connection.execute(_END, {"session": visitor.session_id, "now": self.context.clock()})
        _log.info("signed_out", accountant=visitor.accountant_id)

    def list_accountants(self) -> list[AccountantRow]:
        """List the accountants, office by office."""
        query = (
            select(Accountant.email, Office.name, Accountant.disabled_at)
            .join(Office, Office.id == Accountant.office_id)
            .order_by(Office.name, Accountant.email)
        )
        with self.context.database.read_connection() as connection:
            return [
                AccountantRow(email=row.email, office=row.name, disabled_at=row.disabled_at)
                for row in connection.execute(query)
            ]

    def disable_accountant(self, email: str) -> None:
        """Shut an accountant out and end their sessions at once; raise UnknownAccountant."""
        now = self.context.clock()
        with self.context.database.write_connection() as connection:
            accountant = _set_disabled(connection, email, now)
            connection.execute(
                update(PortalSession)
                .where(PortalSession.accountant_id == accountant, PortalSession.ended_at.is_(None))
                .values(ended_at=now)
            )
        _log.info("accountant_disabled", accountant=accountant)

    def enable_accountant(self, email: str) -> None:
        """Let an accountant sign in again; raise UnknownAccountant."""
        with self.context.database.write_connection() as connection:
            accountant = _set_disabled(connection, email, None)
        _log.info("accountant_enabled", accountant=accountant)


def hash_secret(secret: str) -> str:
    """Return what is kept of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _normalize_address(typed: str) -> str:
    """Return the address as an imported one is written; raise InvalidEmailAddress."""
    try:
        return parse_email_address(typed).lower()
    except ActionRefused as refused:
        raise InvalidEmailAddress(refused.problem) from None


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

_VISITOR: Select[*tuple[Any, ...]] = (
    select(
        PortalSession.id,
        Accountant.id.label("accountant_id"),
        Accountant.email,
        Accountant.language,
        Office.id.label("office_id"),
        Office.name.label("office"),
        Office.telephone,
        PortalSession.seen_at,
    )
    .join(Accountant, Accountant.id == PortalSession.accountant_id)
    .join(Office, Office.id == Accountant.office_id)
    .where(
        PortalSession.secret_sha256 == bindparam("secret"),
        PortalSession.ended_at.is_(None),
        PortalSession.seen_at > bindparam("seen_since", type_=UtcDateTime),
        PortalSession.created_at > bindparam("begun_since", type_=UtcDateTime),
        _ENABLED,
    )
)

_ONE = PortalSession.id == bindparam("session")

_SEEN = update(PortalSession).where(_ONE).values(seen_at=_NOW)

_END = update(PortalSession).where(_ONE).values(ended_at=_NOW)


def _set_disabled(connection: Connection, email: str, at: datetime | None) -> int:
    accountant_id = connection.execute(
        update(Accountant)
        .where(Accountant.email == bare_address(email).lower())
        .values(disabled_at=at)
        .returning(Accountant.id)
    ).scalar_one_or_none()
    if accountant_id is None:
        raise UnknownAccountant
    return accountant_id

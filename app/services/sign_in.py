"""How accountants come in and leave: one-time links by mail, sessions that are rows."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from app.context import Context
from app.domain.caps import HOUR, SIGN_IN_MAIL_GAP
from app.domain.identifiers import bare_address
from app.domain.order_rules import ActionRefused, OrderProblem, parse_email_address
from app.domain.roles import Role
from app.i18n import DEFAULT_LANGUAGE
from app.logs import SecurityEvent, current_request_id, log_security
from app.mail.outbox import enqueue_new_browser_mail, enqueue_sign_in_mail, sign_in_mail_due_at
from app.models import Accountant, Office, PortalSession, SignInLink
from app.services import sign_in_statements as statements
from app.tokens import InvalidToken

LINK_LIFE = timedelta(minutes=15)
#: So long a link is sent again, rather than a new one.
_YOUTH = timedelta(minutes=5)
#: A session ends after so long a rest, and after so long altogether.
SESSION_IDLE, SESSION_LIFE = timedelta(minutes=30), timedelta(hours=12)
#: Using a session is written down this often, so that reading a page rarely writes.
_SEEN_EVERY = timedelta(minutes=1)


class InvalidEmailAddress(ValueError):
    """What was typed can be nobody's e-mail address; carries why."""

    def __init__(self, problem: OrderProblem) -> None:
        super().__init__()
        self.problem = problem


class UnknownAccountant(LookupError):
    """No office has an accountant with this address."""


@dataclass(frozen=True)
class OpenedSession:
    """A session that a link opens: its secret, and the page from which the link was asked for."""

    secret: str
    next_path: str | None
    accountant_id: int


@dataclass(frozen=True)
class Browser:
    """A browser that comes in: its family, and who has signed in with it before."""

    family: str | None = None
    known_accountants: tuple[int, ...] = ()


UNKNOWN_BROWSER = Browser()


@dataclass(frozen=True)
class OpenSession:
    """One browser in which somebody is signed in; of where it is, nothing is kept."""

    id: int
    browser: str | None
    begun_at: datetime
    seen_at: datetime


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
    role: Role
    #: In which an order is written unless another is chosen.
    order_language: str = DEFAULT_LANGUAGE

    @property
    def actor(self) -> str:
        """The accountant as the history names them."""
        return f"accountant {self.accountant_id}"


@dataclass(frozen=True)
class AccountantRow:
    """An accountant as the operator sees them."""

    email: str
    office: str
    role: Role
    disabled_at: datetime | None


@dataclass(frozen=True)
class SignInService:
    """How accountants come in and leave, and who may; each method is one transaction."""

    context: Context

    def request_sign_in_link(self, email: str, client: str = "", asked_on: str | None = None) -> None:
        """Mail a one-time link to a known accountant who did not ask too often; raise InvalidEmailAddress.

        A link that is young is sent again. How often is counted by the client's network, so that a stranger
        uses up nothing but their own. Nobody is told which it was: the statements are the same for every
        address, and their conditions stand in the database.
        """
        request = {"asked_on": asked_on, "request_id": current_request_id()}
        parameters = {**self._insert_link(email, client), **request}
        with self.context.database.write_connection() as connection:
            connection.execute(statements.LOCK, parameters)
            connection.execute(statements.LEAD_ON, parameters)
            connection.execute(statements.MAIL_AGAIN, parameters)
            connection.execute(statements.MAILED_LINK, parameters)
            enqueue_sign_in_mail(connection, parameters["link"], parameters["now"])

    def create_sign_in_link(self, email: str) -> str | None:
        """Return a fresh one-time link for the operator to hand over; None where nobody may use it."""
        try:
            parameters = self._insert_link(email)
        except InvalidEmailAddress:
            return None
        with self.context.database.write_connection() as connection:
            made = connection.execute(statements.LINK, parameters).first()
        return self.context.tokens.sign_in_url(parameters["link"]) if made else None

    def find_open(self, text: str) -> str | None:
        """Return the token in a link that came, where it can still be used; looking changes nothing."""
        try:
            token, public_id = self.context.tokens.find_sign_in(text)
        except InvalidToken:
            return None
        with self.context.database.read_connection() as connection:
            parameters = {"link": public_id, "now": self.context.clock()}
            return token if connection.execute(statements.OPEN, parameters).first() else None

    def find_own_link(self, text: str, visitor: SignedInAccountant) -> str | None:
        """Return where a visitor's own link leads, used or not, empty for the list; None for other links."""
        parameters = {**self._read_public_id(text, self.context.clock()), "accountant": visitor.accountant_id}
        with self.context.database.read_connection() as connection:
            row = connection.execute(statements.OWN, parameters).one_or_none()
        return None if row is None else row.next_path or ""

    def claim_sign_in_link(self, text: str, browser: Browser = UNKNOWN_BROWSER) -> OpenedSession | None:
        """Use a link once and return the session that it opens; None for a used or dead one.

        Whoever has signed in before is told by mail of a browser that does not know them.
        """
        now = self.context.clock()
        with self.context.database.write_connection() as connection:
            link = connection.execute(statements.CLAIM, self._read_public_id(text, now)).one_or_none()
            if link is None:
                return None
            came_before = select(Accountant.signed_in_at).where(Accountant.id == link.accountant_id)
            is_first = connection.execute(came_before).scalar() is None
            if not is_first and link.accountant_id not in browser.known_accountants:
                enqueue_new_browser_mail(connection, link.id, now)
            secret = insert_session(connection, link.accountant_id, now, browser.family)
        log_security(SecurityEvent.SIGNED_IN, accountant=link.accountant_id)
        return OpenedSession(secret, link.next_path, link.accountant_id)

    def _insert_link(self, email: str, client: str | None = None) -> Mapping[str, Any]:
        now = self.context.clock()
        return {
            "email": normalize_address(email),
            "link": secrets.token_hex(16),
            "now": now,
            "until": now + LINK_LIFE,
            "network": None if client is None else self.context.tokens.mark_network(client),
            "asked_on": None,
            "due": sign_in_mail_due_at(now),
            "just_now": now - SIGN_IN_MAIL_GAP,
            "long_enough": now + LINK_LIFE - _YOUTH,
            "lately": now - HOUR,
            "cap": self.context.policy.caps.sign_in_links_an_hour,
        }

    def _read_public_id(self, text: str, now: datetime) -> Mapping[str, Any]:
        try:
            return {"link": self.context.tokens.find_sign_in(text)[1], "now": now}
        except InvalidToken:
            return {"link": "", "now": now}

    def find_session(self, secret: str) -> SignedInAccountant | None:
        """Return who is signed in; None where the session is over, idle too long, or its owner disabled."""
        now = self.context.clock()
        with self.context.database.read_connection() as connection:
            row = connection.execute(
                statements.FIND_VISITOR,
                {
                    "secret": hash_secret(secret),
                    "seen_since": now - SESSION_IDLE,
                    "begun_since": now - SESSION_LIFE,
                },
            ).one_or_none()
        if row is None:
            return None
        fields = row._asdict()
        if now - fields.pop("seen_at") >= _SEEN_EVERY:
            with self.context.database.write_connection() as connection:
                connection.execute(statements.TOUCH_SESSION, {"session": row.session_id, "now": now})
        return SignedInAccountant(**fields)

    def end_session(self, visitor: SignedInAccountant) -> None:
        """End the session, and with it every copy of its cookie."""
        with self.context.database.write_connection() as connection:
            connection.execute(statements.END, {"session": visitor.session_id, "now": self.context.clock()})
        log_security(SecurityEvent.SIGNED_OUT, accountant=visitor.accountant_id)

    def list_sessions(self, visitor: SignedInAccountant) -> list[OpenSession]:
        """Return where somebody is signed in, this browser first."""
        query = (
            select(PortalSession.id, PortalSession.browser, PortalSession.created_at, PortalSession.seen_at)
            .where(*self._open_sessions(visitor))
            .order_by(PortalSession.id != visitor.session_id, PortalSession.seen_at.desc())
        )
        with self.context.database.read_connection() as connection:
            return [OpenSession(*row) for row in connection.execute(query)]

    def end_other_sessions(self, visitor: SignedInAccountant, session_id: int | None = None) -> None:
        """End one of somebody's own sessions, or all but the one that asks."""
        which = (
            PortalSession.id != visitor.session_id if session_id is None else PortalSession.id == session_id
        )
        ended = update(PortalSession).where(*self._open_sessions(visitor), which)
        with self.context.database.write_connection() as connection:
            connection.execute(ended.values(ended_at=self.context.clock()))
        log_security(SecurityEvent.SIGNED_OUT, accountant=visitor.accountant_id)

    def _open_sessions(self, visitor: SignedInAccountant) -> tuple[ColumnElement[bool], ...]:
        now = self.context.clock()
        return (
            PortalSession.accountant_id == visitor.accountant_id,
            PortalSession.ended_at.is_(None),
            PortalSession.seen_at > now - SESSION_IDLE,
            PortalSession.created_at > now - SESSION_LIFE,
        )

    def list_accountants(self) -> list[AccountantRow]:
        """List the accountants, office by office."""
        query = (
            select(Accountant.email, Office.name, Accountant.role, Accountant.disabled_at)
            .join(Office, Office.id == Accountant.office_id)
            .order_by(Office.name, Accountant.email)
        )
        with self.context.database.read_connection() as connection:
            return [AccountantRow(*row) for row in connection.execute(query)]

    def disable_accountant(self, email: str) -> None:
        """Shut an accountant out and end their sessions at once; raise UnknownAccountant."""
        with self.context.database.write_connection() as connection:
            accountant = disable_accountant(connection, _has_address(email), self.context.clock())
        log_security(SecurityEvent.ACCOUNTANT_DISABLED, accountant=accountant)

    def enable_accountant(self, email: str) -> None:
        """Let an accountant sign in again; raise UnknownAccountant."""
        with self.context.database.write_connection() as connection:
            accountant = _set_disabled(connection, _has_address(email), None)
        log_security(SecurityEvent.ACCOUNTANT_ENABLED, accountant=accountant)


def hash_secret(secret: str) -> str:
    """Return what is kept of a session's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normalize_address(typed: str) -> str:
    """Return the address as an imported one is written; raise InvalidEmailAddress."""
    try:
        return parse_email_address(typed).lower()
    except ActionRefused as refused:
        raise InvalidEmailAddress(refused.problem) from None


def insert_session(connection: Connection, accountant_id: int, now: datetime, browser: str | None) -> str:
    """Begin a session and return its secret, of which only the hash is kept."""
    secret = secrets.token_urlsafe(32)
    begun = {"accountant_id": accountant_id, "created_at": now, "seen_at": now, "browser": browser}
    connection.execute(statements.SIGNED_IN, {"accountant": accountant_id, "now": now})
    connection.execute(insert(PortalSession).values(secret_sha256=hash_secret(secret), **begun))
    return secret


def disable_accountant(connection: Connection, who: ColumnElement[bool], now: datetime) -> int:
    """Shut somebody out: their sessions and links end at once; raise UnknownAccountant."""
    accountant = _set_disabled(connection, who, now)
    sessions = update(PortalSession).where(PortalSession.ended_at.is_(None))
    connection.execute(sessions.where(PortalSession.accountant_id == accountant).values(ended_at=now))
    links = update(SignInLink).where(SignInLink.claimed_at.is_(None), SignInLink.expires_at > now)
    connection.execute(links.where(SignInLink.accountant_id == accountant).values(expires_at=now))
    return accountant


def _has_address(email: str) -> ColumnElement[bool]:
    return Accountant.email == bare_address(email).lower()


def _set_disabled(connection: Connection, who: ColumnElement[bool], at: datetime | None) -> int:
    changed = update(Accountant).where(who).values(disabled_at=at).returning(Accountant.id)
    accountant_id = connection.execute(changed).scalar_one_or_none()
    if accountant_id is None:
        raise UnknownAccountant
    return accountant_id

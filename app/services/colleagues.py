"""The people of an office: who is asked in, what each may do, who may no longer come in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.domain.caps import DAY
from app.domain.history import OfficeEventType
from app.domain.roles import Role
from app.logs import SecurityEvent, log_security
from app.mail.outbox import enqueue_invitation_mail
from app.models import Accountant, ColleagueInvitation, Office, OfficeEvent, OutboxMessage
from app.models.event import record_office_event
from app.services.sign_in import (
    UNKNOWN_BROWSER,
    Browser,
    OpenedSession,
    SignedInAccountant,
    disable_accountant,
    insert_session,
    normalize_address,
)
from app.tokens import InvalidToken

INVITATION_LIFE = timedelta(days=7)
#: So many colleagues an office asks in within a day: each is a mail to an address that somebody typed.
INVITATIONS_A_DAY = 20


class UnknownColleague(LookupError):
    """The office has no such person or invitation."""


class LastResponsible(Exception):
    """Without this person, nobody would look after the office."""


class OwnAccess(Exception):
    """Nobody changes their own role or closes their own access."""


class AlreadyColleague(ValueError):
    """The address is of somebody of this same office."""


class ClosedColleague(AlreadyColleague):
    """The address is of somebody of this office whose access is closed."""


class InvitedTooOften(Exception):
    """The office has asked in as many people as one day allows."""


@dataclass(frozen=True)
class Colleague:
    """Somebody of the office, as its people see them."""

    id: int
    email: str
    name: str | None
    role: Role
    disabled_at: datetime | None


@dataclass(frozen=True)
class OpenInvitation:
    """Somebody who has not accepted yet, and until when they may."""

    public_id: str
    email: str
    name: str
    role: Role
    expires_at: datetime
    office: str
    #: Whether an accountant has the address, so that no mail leaves; for the operator's eyes alone.
    is_taken: bool


@dataclass(frozen=True)
class ColleagueService:
    """What who manages an office does with its people; each change is one transaction with its line."""

    context: Context

    def list_colleagues(self) -> Sequence[Colleague]:
        """Return everybody of the office, those who may not come in last."""
        row = Accountant
        query = self.context.scoped(
            select(row.id, row.email, row.name, row.role, row.disabled_at), row.office_id
        )
        with self.context.database.read_connection() as connection:
            found = connection.execute(query.order_by(row.disabled_at.is_not(None), row.email))
            return [Colleague(*one) for one in found]

    def list_invitations(self) -> Sequence[OpenInvitation]:
        """Return the invitations that can still be accepted, whoever has the address."""
        query = self.context.scoped(_OPEN_INVITATIONS, ColleagueInvitation.office_id)
        still_open = ColleagueInvitation.expires_at > self.context.clock()
        with self.context.database.read_connection() as connection:
            return [OpenInvitation(*one) for one in connection.execute(query.where(still_open))]

    def invite_colleague(self, email: str, name: str, role: Role, who: SignedInAccountant) -> None:
        """Ask somebody in by mail; raise InvalidEmailAddress, AlreadyColleague, InvitedTooOften.

        Whether the address is an accountant's of another office, nobody is told: the mail is then dropped
        when its turn comes, and the operator finds why in `caro accountants`.
        """
        address, now = normalize_address(email), self.context.clock()
        kept = {"email": address, "name": name, "role": role, "invited_by": who.accountant_id}
        life = {"language": who.language, "created_at": now, "expires_at": now + INVITATION_LIFE}
        with self.context.database.write_connection() as connection:
            _lock_office(connection, who.office_id)
            self._check_invitation(connection, address, who.office_id, now)
            _delete_invitation(connection, who.office_id, address)
            row = insert(ColleagueInvitation).values(public_id=secrets.token_hex(16), **kept, **life)
            added = row.values(office_id=who.office_id).returning(ColleagueInvitation.id)
            enqueue_invitation_mail(connection, connection.execute(added).scalar_one(), now)
            self._record(connection, OfficeEventType.COLLEAGUE_INVITED, who, role)

    def _check_invitation(self, connection: Connection, email: str, office_id: int, now: datetime) -> None:
        here = select(Accountant.disabled_at).where(
            Accountant.email == email, Accountant.office_id == office_id
        )
        if found := connection.execute(here).first():
            raise ClosedColleague if found.disabled_at else AlreadyColleague
        recent = select(func.count()).where(
            OfficeEvent.office_id == office_id,
            OfficeEvent.event_type == OfficeEventType.COLLEAGUE_INVITED,
            OfficeEvent.at > now - DAY,
        )
        if connection.execute(recent).scalar_one() >= INVITATIONS_A_DAY:
            raise InvitedTooOften

    def withdraw_invitation(self, public_id: str, who: SignedInAccountant) -> None:
        """Let an invitation be accepted no longer; raise UnknownColleague."""
        own = (
            ColleagueInvitation.public_id == public_id,
            ColleagueInvitation.office_id == who.office_id,
            ColleagueInvitation.accepted_at.is_(None),
        )
        with self.context.database.write_connection() as connection:
            ended = update(ColleagueInvitation).where(*own).values(expires_at=self.context.clock())
            if connection.execute(ended.returning(ColleagueInvitation.id)).one_or_none() is None:
                raise UnknownColleague
            self._record(connection, OfficeEventType.INVITATION_WITHDRAWN, who)

    def change_role(self, accountant_id: int, role: Role, who: SignedInAccountant) -> None:
        """Give somebody another role; raise OwnAccess, UnknownColleague, LastResponsible."""
        _refuse_oneself(accountant_id, who)
        with self.context.database.write_connection() as connection:
            self._check_colleague(connection, accountant_id, who, stays=role is Role.RESPONSIBLE)
            changed = update(Accountant).where(Accountant.id == accountant_id).values(role=role)
            connection.execute(changed)
            detail = f"{role} accountant {accountant_id}"
            self._record(connection, OfficeEventType.ROLE_CHANGED, who, detail)

    def disable_colleague(self, accountant_id: int, who: SignedInAccountant) -> None:
        """Shut somebody out at once; raise OwnAccess, UnknownColleague, LastResponsible."""
        _refuse_oneself(accountant_id, who)
        with self.context.database.write_connection() as connection:
            self._check_colleague(connection, accountant_id, who, stays=False)
            disable_accountant(connection, Accountant.id == accountant_id, self.context.clock())
            detail = f"- accountant {accountant_id}"
            self._record(connection, OfficeEventType.COLLEAGUE_DISABLED, who, detail)
        log_security(SecurityEvent.ACCOUNTANT_DISABLED, accountant=accountant_id)

    def enable_colleague(self, accountant_id: int, who: SignedInAccountant) -> None:
        """Let somebody come in again; raise UnknownColleague."""
        with self.context.database.write_connection() as connection:
            self._check_colleague(connection, accountant_id, who, stays=True)
            back = update(Accountant).where(Accountant.id == accountant_id).values(disabled_at=None)
            connection.execute(back)
            detail = f"- accountant {accountant_id}"
            self._record(connection, OfficeEventType.COLLEAGUE_ENABLED, who, detail)
        log_security(SecurityEvent.ACCOUNTANT_ENABLED, accountant=accountant_id)

    def _check_colleague(
        self, connection: Connection, accountant_id: int, who: SignedInAccountant, *, stays: bool
    ) -> None:
        """Hold the office, so that two who demote each other wait; refuse to leave it without anybody."""
        _lock_office(connection, who.office_id)
        people = select(Accountant.id, Accountant.role, Accountant.disabled_at).where(
            Accountant.office_id == who.office_id
        )
        found = {row.id: row for row in connection.execute(people)}
        if accountant_id not in found:
            raise UnknownColleague
        managing = {
            row.id for row in found.values() if row.role is Role.RESPONSIBLE and row.disabled_at is None
        }
        if not stays and managing == {accountant_id}:
            raise LastResponsible

    def find_invitation(self, text: str) -> tuple[str, OpenInvitation] | None:
        """Return the token in a link that came and the invitation; None where it cannot be accepted."""
        token, public_id = self._read_link(text)
        query = _OPEN_INVITATIONS.where(
            ColleagueInvitation.public_id == public_id,
            ColleagueInvitation.expires_at > self.context.clock(),
            ~_IS_TAKEN,
        )
        with self.context.database.read_connection() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (token, OpenInvitation(*row))

    def is_invitation(self, text: str) -> bool:
        """Tell whether a link is of an invitation, even one that can be accepted no longer."""
        return bool(self._read_link(text)[0])

    def _read_link(self, text: str) -> tuple[str, str]:
        """Return the token in a link that came, and whose it is; both empty where it is no invitation's."""
        try:
            return self.context.tokens.find_invitation(text)
        except InvalidToken:
            return "", ""

    def is_own_invitation(self, text: str, visitor: SignedInAccountant) -> bool:
        """Tell whether a link is the invitation by which a visitor became an accountant."""
        accepted = select(ColleagueInvitation.id).where(
            ColleagueInvitation.public_id == self._read_link(text)[1],
            ColleagueInvitation.email == visitor.email,
            ColleagueInvitation.accepted_at.is_not(None),
        )
        with self.context.database.read_connection() as connection:
            return connection.execute(accepted).first() is not None

    def accept_invitation(
        self, text: str, browser: Browser = UNKNOWN_BROWSER, language: str | None = None
    ) -> OpenedSession | None:
        """Make somebody an accountant of the office, once, and sign them in; None for a dead link.

        The language in which they accept becomes theirs; else it is that of whoever asked them in.
        """
        found, now = self.find_invitation(text), self.context.clock()
        if found is None:
            return None
        try:
            with self.context.database.write_connection() as connection:
                accountant_id = _add_accountant(connection, found[1].public_id, now, language)
                if accountant_id is None:
                    return None
                secret = insert_session(connection, accountant_id, now, browser.family)
        except IntegrityError:
            # Another office was quicker with this address.
            return None
        log_security(SecurityEvent.SIGNED_IN, accountant=accountant_id)
        return OpenedSession(secret, None, accountant_id)

    def _record(
        self,
        connection: Connection,
        kind: OfficeEventType,
        who: SignedInAccountant,
        detail: str | None = None,
    ) -> None:
        record_office_event(connection, who.office_id, kind, who.actor, self.context.clock(), detail)


_CARRIED_OVER = ("office_id", "email", "name", "role")
_IS_TAKEN = exists().where(Accountant.email == ColleagueInvitation.email).correlate(ColleagueInvitation)
_OPEN_INVITATIONS = (
    select(
        ColleagueInvitation.public_id,
        ColleagueInvitation.email,
        ColleagueInvitation.name,
        ColleagueInvitation.role,
        ColleagueInvitation.expires_at,
        Office.name,
        _IS_TAKEN,
    )
    .join(Office, Office.id == ColleagueInvitation.office_id)
    .where(ColleagueInvitation.accepted_at.is_(None))
    .order_by(ColleagueInvitation.email)
)


def _refuse_oneself(accountant_id: int, who: SignedInAccountant) -> None:
    if accountant_id == who.accountant_id:
        raise OwnAccess


def _lock_office(connection: Connection, office_id: int) -> None:
    connection.execute(select(Office.id).where(Office.id == office_id).with_for_update())


def _delete_invitation(connection: Connection, office_id: int, email: str) -> None:
    """Let an older invitation of this address die, with its mail."""
    older = select(ColleagueInvitation.id).where(
        ColleagueInvitation.office_id == office_id, ColleagueInvitation.email == email
    )
    connection.execute(delete(OutboxMessage).where(OutboxMessage.invitation_id.in_(older)))
    connection.execute(delete(ColleagueInvitation).where(ColleagueInvitation.id.in_(older)))


def _add_accountant(
    connection: Connection, public_id: str, now: datetime, language: str | None
) -> int | None:
    """Use the invitation, and return who comes of it; None where it was used or has ended meanwhile."""
    used = update(ColleagueInvitation).where(
        ColleagueInvitation.public_id == public_id,
        ColleagueInvitation.accepted_at.is_(None),
        ColleagueInvitation.expires_at > now,
    )
    row = connection.execute(used.values(accepted_at=now).returning(ColleagueInvitation)).one_or_none()
    if row is None:
        return None
    fields = {name: getattr(row, name) for name in _CARRIED_OVER}
    added = insert(Accountant).values(**fields, language=language or row.language).returning(Accountant.id)
    accountant_id: int = connection.execute(added).scalar_one()
    actor, kind = f"accountant {accountant_id}", OfficeEventType.COLLEAGUE_JOINED
    record_office_event(connection, row.office_id, kind, actor, now, row.role)
    return accountant_id

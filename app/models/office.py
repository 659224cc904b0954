"""The accounting office, its people, its dossiers and their CODA mandates."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, false, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, validates

from app.db import UtcDateTime
from app.domain.identifiers import search_key
from app.domain.news_rules import NewsChoice
from app.domain.roles import Role
from app.domain.telephones import LONGEST
from app.i18n import DEFAULT_LANGUAGE
from app.models.activation import Activation
from app.models.base import NOT_PERSONAL, Base, SearchKey, enum_column

#: Characters of somebody's name.
LONGEST_NAME = 120


class MandateState(StrEnum):
    """Whether CARO may be ordered on this account."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Office(Base):
    """An accounting office; everything of it is invisible to the others."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True, info=NOT_PERSONAL)
    telephone: Mapped[str | None] = mapped_column(String(LONGEST), info=NOT_PERSONAL)
    #: In which an order is written unless another is chosen; None for that of who orders.
    language: Mapped[str | None] = mapped_column(String(2), info=NOT_PERSONAL)
    #: Whether everybody is told of every request, and not only who ordered it.
    news_for_all: Mapped[bool] = mapped_column(default=False, server_default=false())


class Accountant(Base):
    """A person of an office: orders as far as their role goes, and cardholders may ask them for help."""

    __tablename__ = "accountant"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True, info=NOT_PERSONAL)
    name: Mapped[str | None] = mapped_column(String(LONGEST_NAME), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), default=DEFAULT_LANGUAGE, info=NOT_PERSONAL)
    role: Mapped[Role] = mapped_column(
        enum_column(Role), default=Role.RESPONSIBLE, server_default=Role.RESPONSIBLE
    )
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    news: Mapped[NewsChoice] = mapped_column(
        enum_column(NewsChoice), default=NewsChoice.PROBLEMS, server_default=NewsChoice.PROBLEMS
    )
    #: From when on the next mail of a day tells.
    news_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The last time; None before the first, of which nobody needs to be warned.
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ColleagueInvitation(Base):
    """Somebody whom an office has asked in: they are no accountant until they accept.

    An address has one invitation in each office; the newest replaces the one before, whose link dies.
    """

    __tablename__ = "colleague_invitation"
    __table_args__ = (UniqueConstraint("office_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    invited_by: Mapped[int] = mapped_column(ForeignKey("accountant.id"))
    email: Mapped[str] = mapped_column(String(254), info=NOT_PERSONAL)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Dossier(Base):
    """A client of the office; `ordered` once there has ever been a request for it."""

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("office_id", "code"),
        # A search looks into both keys of every dossier, whichever of the two it sorts by.
        Index("ix_dossier_listed", "office_id", "code_key", "id", "name_key"),
        Index("ix_dossier_named", "office_id", "name_key", "id", "code_key", "ordered"),
        Index("ix_dossier_ordered", "office_id", "ordered", "code_key", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    code: Mapped[str] = mapped_column(String(40), info=NOT_PERSONAL)
    name: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)
    code_key: Mapped[str] = mapped_column(SearchKey, server_default="", info=NOT_PERSONAL)
    name_key: Mapped[str] = mapped_column(SearchKey, server_default="", info=NOT_PERSONAL)
    ordered: Mapped[bool] = mapped_column(default=False, server_default=false())

    @validates("code", "name")
    def _update_search_key(self, column: str, value: str) -> str:
        setattr(self, f"{column}_key", search_key(value))
        return value


class Mandate(Base):
    """A CODA mandate: the account for which the office already receives statements."""

    __tablename__ = "mandate"
    __table_args__ = (UniqueConstraint("dossier_id", "iban"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    bank: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    iban: Mapped[str] = mapped_column(String(34), info=NOT_PERSONAL)
    state: Mapped[MandateState] = mapped_column(enum_column(MandateState, check="mandatestate"))


def select_contact_id() -> ColumnElement[int]:
    """Return the accountant who ordered a request, or the first colleague once that one may not come in."""
    own, colleague = aliased(Accountant), aliased(Accountant)
    still_there = select(own.id).where(own.id == Activation.accountant_id, own.disabled_at.is_(None))
    others = select(func.min(colleague.id)).where(
        colleague.office_id == Activation.office_id,
        colleague.disabled_at.is_(None),
        colleague.role != Role.READER,
    )
    return func.coalesce(
        still_there.correlate(Activation).scalar_subquery(),
        others.correlate(Activation).scalar_subquery(),
        Activation.accountant_id,
    )


class SignInLink(Base):
    """A one-time link: its life and its one use stand here, the link itself is minted at delivery.

    `client` is a mark of the network that asked for it, empty where the operator did; `next_path` is the page
    of ours to which signing in leads.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_recent", "accountant_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    accountant_id: Mapped[int] = mapped_column(ForeignKey("accountant.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    client: Mapped[str | None] = mapped_column(String(16), info=NOT_PERSONAL)
    next_path: Mapped[str | None] = mapped_column(String(255), info=NOT_PERSONAL)


class PortalSession(Base):
    """A signed-in browser: only the hash of its cookie is kept, and ending it kills every copy."""

    __tablename__ = "portal_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    accountant_id: Mapped[int] = mapped_column(ForeignKey("accountant.id"), index=True)
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True, info=NOT_PERSONAL)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The family of the browser, such as Firefox; of its address nothing is kept.
    browser: Mapped[str | None] = mapped_column(String(32), info=NOT_PERSONAL)


class QaOffice(Base):
    """A tester's own office: the mark that lets its requests be aged and removed, and the hash of its key."""

    __tablename__ = "qa_office"

    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), primary_key=True)
    key_sha256: Mapped[str] = mapped_column(String(64), unique=True, info=NOT_PERSONAL)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)

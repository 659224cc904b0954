"""The accounting office, its people, its dossiers and their CODA mandates."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.schema import Row, one_of


class MandateState(StrEnum):
    """Whether CARO may be ordered on this account."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Office(Row):
    """An accounting office; everything of it is invisible to the others."""

    __tablename__ = "office"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)


class Accountant(Row):
    """A person of an office who orders, and whom cardholders may ask for help."""

    __tablename__ = "accountant"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="fr")


class Dossier(Row):
    """A client of the office."""

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("office_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))


class Mandate(Row):
    """A CODA mandate: the account for which the office already receives statements."""

    __tablename__ = "mandate"
    __table_args__ = (UniqueConstraint("dossier_id", "iban"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    bank: Mapped[str] = mapped_column(String(32))
    iban: Mapped[str] = mapped_column(String(34))
    state: Mapped[MandateState] = mapped_column(one_of(MandateState))

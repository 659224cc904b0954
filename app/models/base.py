"""What all rows share: constraint names that migrations can rely on, and how enums are kept."""

from enum import StrEnum

from sqlalchemy import Enum, MetaData, String
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from app.domain.identifiers import LONGEST_KEY
from app.logs import LONGEST_REQUEST_ID, current_request_id

#: Each text column says whether it is personal: the cardholder's own, and deleted once it has served.
PERSONAL, NOT_PERSONAL = {"personal": True}, {"personal": False}

#: Compared byte by byte on both engines, so that a prefix is a range of an index.
SearchKey = String(LONGEST_KEY).with_variant(String(LONGEST_KEY, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """The declarative root of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def enum_column(kind: type[StrEnum], *, check: str | None = None) -> Enum:
    """Keep an enum as its value; `check` names the constraint, None leaves a growing vocabulary open."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=check is not None,
        length=32,
        name=check,
        values_callable=lambda members: [member.value for member in members],
    )


def request_id_column() -> MappedColumn[str | None]:
    """Keep which request a row comes from, so that what the worker logs of it can name the same."""
    return mapped_column(String(LONGEST_REQUEST_ID), default=current_request_id, info=NOT_PERSONAL)

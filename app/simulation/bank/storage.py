"""The bank's own storage: one SQLite file, shared by processes and threads, apart from the product's."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

from app.db import Database, UtcDateTime

#: An office's name as a request for an authentication carries it (EMV 3DS, threeDSRequestorName).
CARRIED_NAME = 40


class OfficeReference(NamedTuple):
    """One office's client reference: testers on the same server may use the same number."""

    office: str
    client_reference: str

    @classmethod
    def of(cls, office: str, client_reference: str) -> "OfficeReference":
        """Name it by the office's name as far as the bank is sent it."""
        return cls(office[:CARRIED_NAME], client_reference)


class BankRow(MappedAsDataclass, DeclarativeBase):
    """A row of the bank's: of a card it keeps the key of a scenario, the brand and the last four digits."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  # SQLAlchemy reads it from the class


class BankStorage(Database):
    """The file; its tables are created when it is opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        with self.write_connection() as connection:
            BankRow.metadata.create_all(connection)

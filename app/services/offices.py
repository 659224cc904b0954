"""The accounting offices as the operator keeps them: their names and telephone numbers."""

from dataclasses import dataclass

from sqlalchemy import select, update

from app.context import Context
from app.domain.telephones import parse_telephone
from app.models import Office


class UnknownOffice(LookupError):
    """No office has this name."""


class InvalidTelephone(ValueError):
    """The text is no Belgian telephone number."""


@dataclass(frozen=True)
class OfficeRow:
    """An office as the operator sees it."""

    name: str
    telephone: str | None


@dataclass(frozen=True)
class OfficeService:
    """What the operator sets for an office."""

    context: Context

    def list_offices(self) -> list[OfficeRow]:
        """List the offices by name."""
        query = select(Office.name, Office.telephone).order_by(Office.name)
        with self.context.database.read_connection() as connection:
            return [OfficeRow(row.name, row.telephone) for row in connection.execute(query)]

    def set_telephone(self, name: str, text: str) -> OfficeRow:
        """Keep what was typed, or no number where nothing was; raise InvalidTelephone, UnknownOffice."""
        telephone = parse_telephone(text)
        if text and telephone is None:
            raise InvalidTelephone
        changed = update(Office).where(Office.name == name).values(telephone=telephone).returning(Office.id)
        with self.context.database.write_connection() as connection:
            if connection.execute(changed).one_or_none() is None:
                raise UnknownOffice
        return OfficeRow(name, telephone)

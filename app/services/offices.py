"""The accounting offices as the operator keeps them: their names and telephone numbers."""

from dataclasses import dataclass

import structlog
from sqlalchemy import select, update

from app.context import Context
from app.domain.order_rules import parse_language
from app.domain.telephones import parse_telephone
from app.i18n import LANGUAGES
from app.models import Accountant, Office
from app.services.sign_in import normalize_address

_log = structlog.get_logger()


class UnknownOffice(LookupError):
    """No office has this name."""


class AccountantExists(ValueError):
    """The address is an accountant's already, of this office or another."""


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

    def add_accountant(self, office: str, email: str, language: str) -> None:
        """Add somebody who may sign in for an office.

        Raise UnknownOffice, InvalidEmailAddress, AccountantExists, or ActionRefused for a language.
        """
        address, spoken = normalize_address(email), parse_language(language, LANGUAGES)
        with self.context.database.transaction() as session:
            office_id = session.scalar(select(Office.id).where(Office.name == office))
            if office_id is None:
                raise UnknownOffice
            if session.scalar(select(Accountant.id).where(Accountant.email == address)):
                raise AccountantExists
            accountant = Accountant(office_id=office_id, email=address, language=spoken)
            session.add(accountant)
            session.flush()
            _log.info("accountant_added", accountant=accountant.id)

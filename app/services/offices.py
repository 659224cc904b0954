"""The accounting offices as the operator keeps them: their names and telephone numbers."""

from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, select, update

from app.context import Context
from app.domain.history import OfficeEventType
from app.domain.order_rules import parse_language
from app.domain.roles import Role
from app.domain.telephones import parse_telephone
from app.i18n import LANGUAGES
from app.logs import log
from app.models import Accountant, Office
from app.models.event import record_office_event
from app.services.sign_in import normalize_address


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
class OfficeSettings:
    """What an office sets for itself: its telephone, the language of its orders, who is told of them."""

    telephone: str | None
    language: str | None
    news_for_all: bool


def _parse_telephone(text: str) -> str | None:
    telephone = parse_telephone(text)
    if text and telephone is None:
        raise InvalidTelephone
    return telephone


@dataclass(frozen=True)
class OfficeService:
    """What the operator sets for an office, and what an office sets for itself."""

    context: Context

    def list_offices(self) -> list[OfficeRow]:
        """List the offices by name."""
        query = select(Office.name, Office.telephone).order_by(Office.name)
        with self.context.database.read_connection() as connection:
            return [OfficeRow(row.name, row.telephone) for row in connection.execute(query)]

    def set_telephone(self, name: str, text: str) -> OfficeRow:
        """Keep what was typed, or no number where nothing was; raise InvalidTelephone, UnknownOffice."""
        telephone = _parse_telephone(text)
        changed = update(Office).where(Office.name == name).values(telephone=telephone).returning(Office.id)
        with self.context.database.write_connection() as connection:
            if connection.execute(changed).one_or_none() is None:
                raise UnknownOffice
        return OfficeRow(name, telephone)

    def read_settings(self) -> OfficeSettings:
        """Return what the office has set for itself."""
        query = select(Office.telephone, Office.language, Office.news_for_all)
        with self.context.database.read_connection() as connection:
            return OfficeSettings(*connection.execute(query.where(self._own())).one())

    def change_settings(self, settings: OfficeSettings, actor: str) -> None:
        """Keep what somebody of the office has set; raise InvalidTelephone."""
        telephone = _parse_telephone((settings.telephone or "").strip())
        values = {**asdict(settings), "telephone": telephone}
        now, kind = self.context.clock(), OfficeEventType.SETTINGS_CHANGED
        with self.context.database.write_connection() as connection:
            changed = update(Office).where(self._own()).values(values).returning(Office.id)
            record_office_event(connection, connection.execute(changed).scalar_one(), kind, actor, now)

    def _own(self) -> ColumnElement[bool]:
        return Office.id == self.context.office_id

    def add_accountant(self, office: str, email: str, language: str, role: Role) -> None:
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
            accountant = Accountant(office_id=office_id, email=address, language=spoken, role=role)
            session.add(accountant)
            session.flush()
            log.info("accountant_added", accountant=accountant.id)

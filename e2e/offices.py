"""An accounting office of a test's own, so that tests that run at once do not meet."""

from dataclasses import dataclass

from app.db import Database
from app.models import Accountant, Dossier, Mandate
from app.models import Office as OfficeRow
from app.models.office import MandateState

#: The dossier that is managed, as every office of the tests has it.
CODE, NAME = "ÉTOILE", "Brasserie de l'Étoile"
#: A dossier for which nothing can be ordered: its only mandate is archived.
CLOSED_CODE, CLOSED_NAME = "FERMÉ", "Ancienne Fermette"

_ACCOUNTS = (("belfius", "BE71096123456769"), ("fintro", "BE43220000000101"), ("kbc", "BE78735000000186"))


@dataclass(frozen=True)
class Office:
    """The office, two of its people, and the dossier that they manage."""

    name: str
    accountant: str
    colleague: str
    dossier_id: int


def open_office(database: Database, number: int) -> Office:
    """Insert an office that nobody else has."""
    name, people = f"Fiduciaire {number}", [f"{who}@fiduciaire{number}.example" for who in ("anne", "bart")]
    with database.transaction() as session:
        office = OfficeRow(name=name)
        session.add(office)
        session.flush()
        session.add_all(Accountant(office_id=office.id, email=email, language="fr") for email in people)
        managed = Dossier(office_id=office.id, code=CODE, name=NAME)
        closed = Dossier(office_id=office.id, code=CLOSED_CODE, name=CLOSED_NAME)
        session.add_all([managed, closed])
        session.flush()
        bank, iban = _ACCOUNTS[0]
        session.add(Mandate(dossier_id=closed.id, bank=bank, iban=iban, state=MandateState.ARCHIVED))
        session.add_all(
            Mandate(dossier_id=managed.id, bank=bank, iban=iban, state=MandateState.ACTIVE)
            for bank, iban in _ACCOUNTS
        )
        return Office(name, people[0], people[1], managed.id)

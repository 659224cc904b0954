"""An accounting office with dossiers, as most tests want one."""

import itertools
from collections.abc import Callable
from dataclasses import replace

from app.db import Database
from app.domain.order_rules import OrderRequest
from app.domain.roles import Role
from app.models import Accountant, Dossier, Mandate, Office
from app.models.office import MandateState
from app.services.sign_in import SignedInAccountant

OFFICE = "Bureau Dupont"
ACCOUNTANT = "anne@dupont.example"
REFERENCE = "6123456789"
ADDRESS = "titulaire@client.example"
#: The accountant of the usual office, signed in.
ANNE = SignedInAccountant(1, 1, ACCOUNTANT, "fr", 1, OFFICE, None, Role.RESPONSIBLE)

ORDER = OrderRequest(
    office=OFFICE,
    dossier_code="ACME",
    bank="belfius",
    client_reference=REFERENCE,
    address=ADDRESS,
    language="fr",
)


def order_for(**changes: str | None) -> OrderRequest:
    """Return the usual order with some fields changed."""
    return replace(ORDER, **changes)  # type: ignore[arg-type]


def numbered_orders() -> Callable[..., OrderRequest]:
    """Return a way to order for a new client reference each time."""
    numbers = itertools.count(6_100_000_001)
    return lambda **changes: order_for(**{"client_reference": str(next(numbers)), **changes})


def open_office(database: Database) -> None:
    """Insert the office: one dossier with many banks, one whose only mandate is archived."""
    with database.transaction() as session:
        office = Office(name=OFFICE)
        session.add(office)
        session.flush()
        session.add(Accountant(office_id=office.id, email=ACCOUNTANT, language="fr"))
        acme = Dossier(office_id=office.id, code="ACME", name="Acme SA")
        closed = Dossier(office_id=office.id, code="OLD", name="Ancienne SA")
        session.add_all([acme, closed])
        session.flush()
        for bank, iban in (
            ("belfius", "BE71096123456769"),
            ("fintro", "BE43220000000101"),
            ("argenta", "BE62979000000161"),
            ("kbc", "BE78735000000186"),
        ):
            session.add(_mandate(acme, bank, iban, MandateState.ACTIVE))
        session.add(_mandate(closed, "belfius", "BE71096123456769", MandateState.ARCHIVED))


def _mandate(dossier: Dossier, bank: str, iban: str, state: MandateState) -> Mandate:
    return Mandate(dossier_id=dossier.id, bank=bank, iban=iban, state=state)

"""Ordering as an accountant does it in the portal, and what is stored by then."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Accountant, Activation, Dossier, Event, Mandate, Office, OutboxMessage
from app.models.office import MandateState
from tests.support.office import ADDRESS, OFFICE
from tests.support.portal import token_in

ACME, OLD = "/portal/dossiers/1/order", "/portal/dossiers/2/order"
KBC_IBAN = "BE78 7350 0000 0186"
TYPED = {"bank": "belfius", "client_reference": "6123 456 789", "address": ADDRESS, "language": "nl"}
AT_KBC = {**TYPED, "bank": "kbc", "iban": KBC_IBAN}
ELSEWHERE = "Bureau Ailleurs"


def press(desk: FlaskClient, step: str, /, **changes: str) -> TestResponse:
    """Send the form by one of its buttons."""
    token = token_in(desk.get(ACME).text)
    return desk.post(ACME, data={**TYPED, **changes, "step": step, "csrf_token": token})


def count(database: Database, *tables: type) -> list[int]:
    """Count the rows of some tables."""
    with database.read_connection() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def nothing_is_stored(database: Database) -> bool:
    """Tell whether there is no request, no mail and no history."""
    return count(database, Activation, OutboxMessage, Event) == [0, 0, 0]


def the_request(database: Database) -> str:
    """Return the public id of the only request."""
    with database.read_connection() as connection:
        return connection.execute(select(Activation.public_id)).scalar_one()


def add_colleague(database: Database, email: str) -> None:
    """Add a second accountant to the usual office."""
    with database.transaction() as session:
        office_id = session.execute(select(Office.id).where(Office.name == OFFICE)).scalar_one()
        session.add(Accountant(office_id=office_id, email=email, language="fr"))


def add_account(database: Database, bank: str, iban: str) -> None:
    """Give the first dossier one more account."""
    with database.transaction() as session:
        session.add(Mandate(dossier_id=1, bank=bank, iban=iban, state=MandateState.ACTIVE))


def open_elsewhere(database: Database) -> str:
    """Open another office, with a dossier that could order at Belfius; return where it would be ordered."""
    with database.transaction() as session:
        office = Office(name=ELSEWHERE)
        session.add(office)
        session.flush()
        session.add(Accountant(office_id=office.id, email="zoe@ailleurs.example", language="fr"))
        dossier = Dossier(office_id=office.id, code="AUTRE", name="Autre SA")
        session.add(dossier)
        session.flush()
        iban = "BE71096123456769"
        session.add(Mandate(dossier_id=dossier.id, bank="belfius", iban=iban, state=MandateState.ACTIVE))
        return f"/portal/dossiers/{dossier.id}/order"

"""Who asks: from somebody without a cookie to the one who manages another office."""

from collections.abc import Callable, Mapping

from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import Database
from app.domain.roles import Role
from app.models import Accountant
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.office import ACCOUNTANT, order_for
from tests.support.portal import sign_in

OTHER_REFERENCE = "7000000002"


def _signs_in_as(role: Role) -> Callable[[FlaskClient, Services], None]:
    def arrive(client: FlaskClient, services: Services) -> None:
        give_role(services.database, ACCOUNTANT, role)
        sign_in(client, services)

    return arrive


def give_role(database: Database, email: str, role: Role) -> None:
    """Let somebody be no more than this in their office."""
    with database.write_connection() as connection:
        connection.execute(update(Accountant).where(Accountant.email == email).values(role=role))


def _brings_another_cookie(client: FlaskClient, services: Services) -> None:
    other = services.orders.place_order(order_for(client_reference=OTHER_REFERENCE)).public_id
    CardholderClient(client, services.invitations.copy_link(other, "test")).open_link()


def _manages_another_office(client: FlaskClient, services: Services) -> None:
    sign_in(client, services, "zoe@ailleurs.example")


#: How each kind of visitor comes, by its name in the table of answers.
VISITORS: Mapping[str, Callable[[FlaskClient, Services], None]] = {
    "nobody": lambda client, services: None,
    "reader": _signs_in_as(Role.READER),
    "collaborator": _signs_in_as(Role.COLLABORATOR),
    "responsible": _signs_in_as(Role.RESPONSIBLE),
    "other_office": _manages_another_office,
    "other_cardholder": _brings_another_cookie,
}

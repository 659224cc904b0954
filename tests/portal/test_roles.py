"""Three roles: who only reads sees no address and no button, and nobody acts who may not any more."""

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.db import Database
from app.domain.order_rules import OrderProblem
from app.domain.roles import Role
from app.models import Accountant, Activation, BulkActionRow
from app.services.bulk_actions import BulkCommand
from app.services.invitations import ActivationAction
from app.web.extensions import Services
from tests.access.visitors import give_role
from tests.support.office import ACCOUNTANT, ADDRESS, ANNE, ORDER
from tests.support.portal import sign_in


@pytest.fixture
def public_id(services: Services) -> str:
    return services.orders.place_order(ORDER).public_id


@pytest.fixture
def reader(client: FlaskClient, services: Services, public_id: str) -> FlaskClient:
    """A browser in which somebody is signed in who may only read."""
    give_role(services.database, ACCOUNTANT, Role.READER)
    return sign_in(client, services)


def controls(page: str) -> set[str]:
    """Return the words of all buttons and links of a page's main part."""
    main = BeautifulSoup(page, "html.parser").select_one("main")
    assert main is not None
    return {part.get_text(" ", strip=True) for part in main.select("button, a")}


def test_who_only_reads_sees_where_a_request_stands_and_no_address(reader: FlaskClient) -> None:
    page = reader.get("/portal/dossiers/1?lang=en").text

    assert ADDRESS not in page
    assert "not shown in your role" in page
    assert "Invitation sent" in page


def test_who_only_reads_is_offered_nothing_that_acts(reader: FlaskClient) -> None:
    page, dossier = reader.get("/portal/caro?lang=en").text, reader.get("/portal/dossiers/1").text

    assert "checkbox" not in page
    assert not {"Export to CSV", "Export to Excel", "Continue"} & controls(page)
    assert controls(dossier) == {"Mandates & services > CARO"}


def test_a_refusal_says_whom_to_ask(reader: FlaskClient) -> None:
    answer = reader.get("/portal/dossiers/1/order?lang=en")

    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.text
    assert "Ask a colleague who manages your office" in answer.text


def test_who_orders_does_not_see_what_the_office_as_a_whole_does(
    client: FlaskClient, services: Services, public_id: str
) -> None:
    give_role(services.database, ACCOUNTANT, Role.COLLABORATOR)
    page = sign_in(client, services).get("/portal/caro?lang=en").text

    assert "Export to CSV" in page
    assert "/portal/history" not in page


@pytest.mark.parametrize("lost", [{"role": Role.READER}, {"disabled_at": None}], ids=["demoted", "disabled"])
def test_the_worker_does_nothing_for_somebody_who_may_not_act_any_more(
    services: Services, database: Database, public_id: str, lost: dict[str, object]
) -> None:
    anne = replace(ANNE, role=Role.COLLABORATOR)
    cancel = BulkCommand("b" * 24, ActivationAction.CANCEL, {public_id: "invited.1.1"})
    services.bulk_actions.prepare_action(cancel, anne, confirmed=True)
    values = {"disabled_at": services.clock()} if "disabled_at" in lost else lost
    with database.write_connection() as connection:
        connection.execute(update(Accountant).values(values))

    services.bulk_actions.continue_actions()

    with database.read_connection() as connection:
        assert connection.scalars(select(BulkActionRow.outcome)).all() == [OrderProblem.NOT_ALLOWED]
        assert connection.scalars(select(Activation.state)).all() == ["invited"]

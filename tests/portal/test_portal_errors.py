"""An accountant who takes a wrong turn is led back to the list, not to a link in a mail."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.queries.activation_detail import ActivationDetail
from app.queries.dossier_detail import read_dossier
from app.web.extensions import Services
from tests.support.office import ORDER
from tests.support.portal import token_in


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/portal/nowhere", 404),
        ("GET", "/portal/dossiers/999", 404),
        ("GET", "/portal/requests/x/resend", 405),
    ],
)
def test_a_wrong_turn_leads_back_to_the_list(
    accountant_client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = accountant_client.open(f"{path}?lang=en", method=method)

    assert answer.status_code == status
    assert "Check the address, or look in the list of requests." in answer.text
    assert 'href="/portal/caro"' in answer.text
    assert "your accounting office" not in answer.text


def test_a_wrong_turn_is_told_while_the_database_is_away(
    accountant_client: FlaskClient, services: Services
) -> None:
    with services.database.writing.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE portal_session RENAME TO elsewhere")

    assert accountant_client.get("/portal/nowhere").status_code == 404


def request_of(services: Services, public_id: str) -> ActivationDetail:
    dossier = read_dossier(services.context, services.orders.find_dossier_id(public_id))
    assert dossier is not None
    [request] = dossier.requests
    return request


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}]
)
def test_a_form_of_another_website_changes_nothing_and_leads_back_to_the_list(
    accountant_client: FlaskClient, services: Services, headers: dict[str, str]
) -> None:
    public_id = services.orders.place_order(ORDER).public_id
    path, before = f"/portal/requests/{public_id}/cancel?lang=en", request_of(services, public_id)
    data = {"csrf_token": token_in(accountant_client.get("/portal/caro").text), "seen": before.version_mark}
    answer = accountant_client.post(path, data=data, headers=headers)

    assert answer.status_code == 403
    assert "This form was sent from another website" in answer.text
    assert (
        "We did not accept it, and nothing was changed. Open the page again from the list of requests."
        in answer.text
    )
    assert 'href="/portal/caro"' in answer.text
    assert request_of(services, public_id) == before
    assert accountant_client.post(path, data=data).status_code == 303


def test_the_preview_takes_no_form_of_another_website_either(
    accountant_client: FlaskClient, url: Callable[..., str]
) -> None:
    path = url("card")
    data = {"csrf_token": token_in(accountant_client.get(path).text)}

    assert (
        accountant_client.post(path, data=data, headers={"Origin": "https://evil.example"}).status_code == 403
    )
    assert (
        accountant_client.post(path, data=data, headers={"Origin": "http://localhost:8000"}).status_code
        == 303
    )

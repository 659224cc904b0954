"""The activation link for the accountant's own mail: shown, copied, and the history that says which."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.db import Database
from app.domain.history import EventType
from app.services.invitations import ActivationAction
from app.web.extensions import Services
from tests.portal.test_actions import WITH_PAGE, history, post
from tests.support.activation_factory import ActivationFactory
from tests.support.portal import sign_in, token_in


def test_the_link_stands_ready_beside_a_text_on_a_page_that_can_be_reloaded(
    accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    link_now = activation_factory.services.invitations.copy_link(public_id, "test")
    answer = post(accountant_client, public_id, ActivationAction.COPY)
    before = history(database)

    page = BeautifulSoup(accountant_client.get(answer.location).text, "html.parser")
    link, text = page.select_one("#link"), page.select_one("#message")

    assert link is not None
    assert text is not None
    assert link["value"] == link_now
    assert text["lang"] == "fr"
    assert str(link["value"]) in text.get_text()
    assert "6123 456 789" in text.get_text()
    assert before[-1] == (EventType.LINK_SHOWN, "accountant 1")
    assert accountant_client.get(answer.location).status_code == 200
    assert history(database) == before


def test_the_history_says_copied_once_the_script_has_copied(
    accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    text = accountant_client.get("/portal/dossiers/1").text
    form = BeautifulSoup(text, "html.parser").select_one("form[data-copy-from]")
    assert form is not None
    assert form["action"] == f"/portal/requests/{public_id}/copy"

    answer = accountant_client.post(str(form["data-record"]), data={"csrf_token": token_in(text)})

    assert (answer.status_code, answer.text) == (204, "")
    assert history(database)[-1] == (EventType.LINK_COPIED, "accountant 1")


@pytest.mark.parametrize("name", ["active", "over", "at_kbc"])
def test_a_link_that_is_no_more_has_no_page(
    client: FlaskClient,
    services: Services,
    database: Database,
    activation_factory: ActivationFactory,
    name: str,
) -> None:
    public_id = activation_factory.create(name)
    accountant_client = sign_in(client, services)
    before = history(database)
    token = token_in(accountant_client.get("/portal/dossiers/1").text)

    shown_page = accountant_client.get(f"/portal/requests/{public_id}/copy")
    copied = accountant_client.post(f"/portal/requests/{public_id}/copied", data={"csrf_token": token})

    assert (shown_page.status_code, copied.status_code) == (409, 409)
    assert "/a/" not in shown_page.text
    assert history(database) == before


def test_a_link_that_was_not_asked_for_stands_on_no_page(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    token = activation_factory.services.invitations.copy_link(public_id, "test").rpartition("/")[2]

    pages = [accountant_client.get(f"/portal/requests/{public_id}/{action}").text for action in WITH_PAGE]

    assert not any(token in page for page in (*pages, accountant_client.get("/portal/dossiers/1").text))

"""Which mails somebody wants is chosen in the portal, by the link in a mail, or with one click."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.db import Database
from app.domain.news_rules import NewsChoice
from app.models import Accountant
from app.web.extensions import Services
from tests.support.portal import token_in


@pytest.fixture
def path(services: Services) -> str:
    """The link that a mail to the accountant carries."""
    return services.context.tokens.news_url(1).removeprefix(services.settings.public_url)


def chosen(database: Database) -> str:
    with database.read_connection() as connection:
        return connection.scalars(select(Accountant.news)).one()


@pytest.mark.parametrize("choice", NewsChoice)
def test_a_choice_is_kept_in_the_portal(
    accountant_client: FlaskClient, database: Database, choice: NewsChoice
) -> None:
    token = token_in(accountant_client.get("/portal/account").text)
    answer = accountant_client.post(
        "/portal/account/news", data={"csrf_token": token, "news": choice, "language": "fr"}
    )

    assert (answer.status_code, answer.location) == (303, "/portal/account")
    assert chosen(database) == choice
    page = accountant_client.get("/portal/account").text
    assert re.search(rf'value="{choice}" required checked', page)


@pytest.mark.parametrize("page", ["the account", "the link of a mail"])
def test_it_is_said_of_which_requests_one_is_told(
    accountant_client: FlaskClient, path: str, page: str
) -> None:
    shown = accountant_client.get(f"{path if page != 'the account' else '/portal/account'}?lang=en").text

    assert "requests that you made, or about all requests if your office has chosen so." in shown
    assert "always told when an invitation for a request of yours could not be delivered." in shown


def test_opening_the_link_of_a_mail_changes_nothing(
    client: FlaskClient, database: Database, path: str
) -> None:
    for _ in range(3):
        page = client.get(f"{path}?lang=en").text

    assert "This choice is for anne@dupont.example." in page
    assert chosen(database) == NewsChoice.PROBLEMS


def test_the_page_behind_the_link_keeps_a_choice_without_signing_in(
    client: FlaskClient, database: Database, path: str
) -> None:
    token = token_in(client.get(path).text)

    assert client.post(path, data={"csrf_token": token, "news": "daily"}).status_code == 303
    assert chosen(database) == NewsChoice.DAILY
    assert client.get("/portal/caro").status_code == 303


@pytest.mark.parametrize("form", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_mail_program_turns_the_mails_off_with_one_click(
    client: FlaskClient, database: Database, path: str, form: str
) -> None:
    answer = client.post(path, data={"List-Unsubscribe": "One-Click"}, content_type=form)

    assert answer.status_code == 204
    assert chosen(database) == NewsChoice.NONE


def test_another_websites_form_chooses_nothing(client: FlaskClient, database: Database, path: str) -> None:
    assert client.post(path, data={"news": "none"}).status_code == 400
    assert chosen(database) == NewsChoice.PROBLEMS


@pytest.mark.parametrize("news", ["", "weekly", "each\0"])
def test_what_is_no_choice_is_said_and_changes_nothing(
    client: FlaskClient, database: Database, path: str, news: str
) -> None:
    token = token_in(client.get(path).text)
    answer = client.post(f"{path}?lang=en", data={"csrf_token": token, "news": news})

    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.text
    assert chosen(database) == NewsChoice.PROBLEMS


def test_a_false_link_and_that_of_somebody_who_has_left_do_not_exist(
    client: FlaskClient, app: Flask, services: Services, database: Database, path: str
) -> None:
    sign_in_link = services.sign_in.create_sign_in_link("anne@dupont.example")
    assert sign_in_link
    foreign = sign_in_link.rpartition("/")[2]
    assert client.get(f"/portal/news/{foreign}").status_code == 404
    assert client.get(f"{path[:-2]}AA").status_code == 404
    with database.write_connection() as connection:
        connection.execute(update(Accountant).values(disabled_at=services.clock()))
    assert client.get(path).status_code == 404

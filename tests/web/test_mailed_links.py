"""The link of a mail in whatever dress a mail program gives it: it opens, or the page says what is true."""

from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.mailed_links import BROKEN, DRESSES, dress
from tests.support.office import ACCOUNTANT
from tests.support.portal import token_in
from tests.web.conftest import everything

SIGN_IN = "/portal/sign-in"


@pytest.fixture
def token(link: str) -> str:
    return link.rpartition("/")[2]


@pytest.fixture
def sign_in_token(services: Services) -> str:
    return minted(services)


def minted(services: Services) -> str:
    """Return the token of a fresh link to sign in."""
    link = services.sign_in.create_sign_in_link(ACCOUNTANT)
    assert link is not None
    return link.rpartition("/")[2]


def test_a_cardholder_comes_in_by_each_dress(client: FlaskClient, token: str, public_id: str) -> None:
    came = {name: client.get(f"/a/{dress(token, pattern)}").location for name, pattern in DRESSES.items()}

    assert came == dict.fromkeys(DRESSES, f"/activation/{public_id}/welcome")
    assert client.get(f"/activation/{public_id}/welcome").status_code == 200


def test_an_accountant_signs_in_by_each_dress(app: Flask, services: Services) -> None:
    came = {
        name: signed_in(app.test_client(), minted(services), pattern) for name, pattern in DRESSES.items()
    }

    assert came == dict.fromkeys(DRESSES, "/portal/caro")


def signed_in(client: FlaskClient, token: str, pattern: str) -> str | None:
    """Open the link, press its button, and return where that leads to."""
    path = f"{SIGN_IN}/{dress(token, pattern)}"
    answer = client.get(path)
    if answer.status_code == 303:
        path = answer.location
        answer = client.get(path)
    # The form sends to its own address, and in that the token stands alone.
    assert unquote(path.partition("?")[0]) == f"{SIGN_IN}/{token}"
    return client.post(path, data={"csrf_token": token_in(answer.text)}).location


def test_a_cardholder_with_a_broken_link_is_told_so(cardholder_client: CardholderClient, token: str) -> None:
    told = {
        name: (
            cardholder_client.follow(cardholder_client.client.get(f"/a/{dress(token, pattern)}")).status_code,
            cardholder_client.heading(),
        )
        for name, pattern in BROKEN.items()
    }

    assert told == dict.fromkeys(BROKEN, (404, "This link is incomplete or was changed"))


def test_an_accountant_with_a_broken_link_can_ask_for_a_new_one(
    client: FlaskClient, sign_in_token: str
) -> None:
    data = {"csrf_token": token_in(client.get(SIGN_IN).text)}
    broken = {
        name: f"{SIGN_IN}/{dress(sign_in_token, pattern)}" for name, pattern in BROKEN.items() if pattern
    }
    english = {"Accept-Language": "en"}
    pages = {name: client.get(path, headers=english) for name, path in broken.items()}

    assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(broken, 410)
    assert all(f'href="{SIGN_IN}"' in page.text for page in pages.values())
    assert all("or your email program cut it off or changed it" in page.text for page in pages.values())
    assert {client.post(path, data=data).status_code for path in broken.values()} == {410}


def test_a_form_in_an_odd_dress_signs_in_too(client: FlaskClient, sign_in_token: str) -> None:
    csrf_token = token_in(client.get(SIGN_IN).text)

    answer = client.post(f"{SIGN_IN}/{sign_in_token}.", data={"csrf_token": csrf_token})

    assert answer.location == "/portal/caro"


def test_a_used_link_in_an_odd_dress_says_so(client: FlaskClient, sign_in_token: str) -> None:
    csrf_token = token_in(client.get(SIGN_IN).text)
    client.post(f"{SIGN_IN}/{sign_in_token}", data={"csrf_token": csrf_token})

    assert client.get(f"{SIGN_IN}/{sign_in_token}.").status_code == 303
    assert client.application.test_client().get(f"{SIGN_IN}/{sign_in_token}.").status_code == 410


def test_a_link_of_one_kind_opens_no_door_of_the_other(
    client: FlaskClient, token: str, sign_in_token: str
) -> None:
    assert client.get(f"{SIGN_IN}/{token}.").status_code == 410
    assert client.get(f"/a/{sign_in_token}.").status_code == 404


def test_a_scanner_that_opens_odd_links_changes_nothing(
    app: Flask, database: Database, token: str, sign_in_token: str
) -> None:
    before, scanner = everything(database), FlaskClient(app)
    for pattern in DRESSES.values():
        for path in (f"/a/{dress(token, pattern)}", f"{SIGN_IN}/{dress(sign_in_token, pattern)}"):
            assert scanner.head(path).status_code == scanner.get(path).status_code < 400

    assert everything(database) == before


def test_of_two_links_the_first_opens(
    client: FlaskClient, services: Services, token: str, public_id: str
) -> None:
    services.invitations.replace_link(public_id, "test")
    newer = services.invitations.copy_link(public_id, "test").rpartition("/")[2]

    assert client.get(f"/a/{newer}%20{token}").status_code == 303
    assert client.get(f"/a/{token}%20{newer}").status_code == 410


@pytest.mark.parametrize("path", ["/a", "/a/", "/portal/sign-in", "/portal/sign-in/"])
@pytest.mark.parametrize("query", ["", "?lang=nl", "?utm_source=mail"])
def test_an_address_without_a_link_stays_what_it_was(client: FlaskClient, path: str, query: str) -> None:
    assert client.get(f"{path}{query}").status_code == (404 if path.startswith("/a") else 200)


@pytest.mark.parametrize(
    "path",
    [
        "/A/{token}",
        "/A/{token}.?utm_source=mail",
        "/https://caro.example.be/a/{token}",
        "/http:/caro.example.be/A/{token}",
        "/caro.example.be/a/{token}",
        "/a%20/a/{token}",
    ],
)
def test_a_link_in_capitals_or_behind_another_beginning_leads_where_it_belongs(
    cardholder_client: CardholderClient, token: str, path: str
) -> None:
    cardholder_client.follow(cardholder_client.client.get(path.format(token=token)))

    assert cardholder_client.heading() == "Welcome"


@pytest.mark.parametrize(
    "beginning", ["/PORTAL/SIGN-IN/", "/Portal/sign-in/", "/https://caro.example.be/portal/sign-in/"]
)
def test_a_link_to_sign_in_does_so_too(client: FlaskClient, sign_in_token: str, beginning: str) -> None:
    answer = client.get(f"{beginning}{sign_in_token}")

    assert (answer.status_code, answer.location) == (303, f"{SIGN_IN}/{sign_in_token}")
    assert client.get(answer.location).status_code == 200


@pytest.mark.parametrize("path", ["/A/nonsense", "/A/", "/https://caro.example.be/a/"])
def test_what_holds_no_token_is_an_unknown_page(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/ab/{token}", "/a.{token}", "/{token}", "/portal/sign-inn/{token}"])
def test_a_link_at_an_unknown_address_is_an_unknown_page(client: FlaskClient, token: str, path: str) -> None:
    page = client.get(path.format(token=token), headers={"Accept-Language": "en"})

    assert page.status_code == 404
    assert "This page does not exist" in page.text

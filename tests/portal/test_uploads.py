"""Whoever sends a file that is too large, or is no longer signed in, is led back to the form."""

from itertools import product

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.server.front import LIMITS
from app.web.bodies import MOST_BYTES
from tests.support.doubles import MovableClock
from tests.support.office import ACCOUNTANT
from tests.support.office_files import send_file

FORMS = {"/portal/upload/dossiers": "/portal/caro/dossiers", "/portal/upload/orders": "/portal/caro/orders"}
SAYS_SPLIT = "This file is too large. Split it into several files."
EXCESSES = {"file": b"x" * (MOST_BYTES + 900_000), "pasted": b""}


def test_every_address_of_a_file_is_looked_at_here(app: Flask) -> None:
    taken = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith(tuple(LIMITS))}
    assert taken == FORMS.keys()


def send_too_much(client: FlaskClient, upload: str, kind: str) -> TestResponse:
    pasted = "x" * (MOST_BYTES + 5_000) if kind == "pasted" else ""
    return send_file(client, FORMS[upload], upload, EXCESSES[kind], pasted=pasted)


@pytest.mark.parametrize(("upload", "kind"), product(FORMS, EXCESSES))
def test_what_is_too_large_is_told_so_in_the_portal_with_the_way_back(
    accountant_client: FlaskClient, upload: str, kind: str
) -> None:
    accountant_client.set_cookie("language", "en")

    answer = send_too_much(accountant_client, upload, kind)

    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 413
    assert SAYS_SPLIT in answer.text
    assert page.select(f'main a[href="{FORMS[upload]}"]')
    assert page.select('nav a[href="/portal/caro"]')
    assert ACCOUNTANT in answer.text
    assert "If no link arrives" not in answer.text


def test_it_speaks_the_language_of_the_accountant(accountant_client: FlaskClient) -> None:
    answer = send_too_much(accountant_client, "/portal/upload/orders", "file")

    assert "Ce fichier est trop grand. Divisez-le en plusieurs fichiers." in answer.text


@pytest.mark.parametrize("path", ["/portal/nowhere", "/portal/upload/orders"])
def test_whoever_takes_a_wrong_turn_keeps_the_frame_of_the_portal(
    accountant_client: FlaskClient, path: str
) -> None:
    assert ACCOUNTANT in accountant_client.get(path).text


@pytest.mark.parametrize("upload", FORMS)
def test_whoever_has_signed_out_elsewhere_comes_back_to_the_form(client: FlaskClient, upload: str) -> None:
    answer = client.post(upload, data=b"--x--", content_type="multipart/form-data; boundary=x")

    assert (answer.status_code, answer.location) == (303, f"/portal/sign-in?next={FORMS[upload]}")


@pytest.mark.parametrize("upload", FORMS)
def test_whose_session_has_ended_comes_back_to_the_form(
    accountant_client: FlaskClient, clock: MovableClock, upload: str
) -> None:
    form = accountant_client.get(FORMS[upload]).text
    token = BeautifulSoup(form, "html.parser").select_one("input[name=csrf_token]")
    assert token is not None
    clock.advance(minutes=31)

    answer = accountant_client.post(
        upload, data={"csrf_token": str(token["value"])}, content_type="multipart/form-data"
    )

    assert (answer.status_code, answer.location) == (303, f"/portal/sign-in?next={FORMS[upload]}")

"""Names come from files that others write: whatever stands in one is shown as text."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import Database
from app.models import Dossier, Office
from app.portal.preview.preview_pages import PREVIEW_PAGES
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.office import order_for

NAME = "<img src=x onerror=alert(1)>\"'{{ 7*7 }} %(office)s %s"
CODE = NAME[:40]
#: Hebrew behind an override: both turn what follows round.
TURNING = "\u202eלקוח"
ROOMS = ("", "/order", "/order?bank=belfius", "/announcement?bank=belfius&client_reference=6123456780")


@pytest.fixture
def hostile(database: Database, services: Services) -> None:
    with database.transaction() as session:
        session.execute(update(Office).values(name=NAME))
        session.execute(update(Dossier).where(Dossier.code == "ACME").values(name=NAME, code=CODE))
    services.orders.place_order(order_for(office=NAME, dossier_code=CODE))


@pytest.mark.usefixtures("hostile")
def test_no_page_and_no_mail_takes_a_name_for_anything_else(
    accountant_client: FlaskClient, url: Callable[..., str]
) -> None:
    paths = [f"/portal/dossiers/1{room}" for room in ROOMS]
    paths += [
        "/portal/caro",
        "/portal/preview",
        "/portal/gallery",
        "/portal/toolkit",
        *map(url, PREVIEW_PAGES),
    ]

    assert "&lt;img src=x" in accountant_client.get("/portal/caro").text
    for path in paths:
        answer = accountant_client.get(path)
        assert answer.status_code != 500, path
        assert "<img src=x" not in answer.text, path


@pytest.fixture
def turning(database: Database, services: Services) -> str:
    """Give office and dossier names from before such marks were dropped, order, and return the link."""
    with database.transaction() as session:
        session.execute(update(Office).values(name=TURNING))
        session.execute(update(Dossier).where(Dossier.code == "ACME").values(name=TURNING))
    placed = services.orders.place_order(order_for(office=TURNING))
    assert placed.link
    return placed.link


def test_no_name_turns_the_sentence_around_it(
    accountant_client: FlaskClient, client: FlaskClient, turning: str
) -> None:
    cardholder = CardholderClient(client, turning)
    cardholder.open_link()
    pages = [cardholder.page.text, cardholder.visit("not-mine").text]
    pages += [accountant_client.get(f"/portal/dossiers/1{room}").text for room in ROOMS]

    for page in pages:
        body = page.partition("<main")[2]
        assert "<bdi>לקוח</bdi>" in page
        assert not re.search(r"(?<!<bdi>)לקוח", re.sub(r"<textarea.*?</textarea>", "", body, flags=re.DOTALL))
        assert "\u202e" not in body

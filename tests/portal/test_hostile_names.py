"""Names come from files that others write: whatever stands in one is shown as text."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import Database
from app.models import Dossier, Office
from app.portal.preview.preview_pages import PREVIEW_PAGES
from app.web.extensions import Services
from tests.support.office import order_for

NAME = "<img src=x onerror=alert(1)>\"'{{ 7*7 }} %(office)s %s"
CODE = NAME[:40]
ROOMS = ("", "/order", "/order?bank=belfius", "/warning?bank=belfius&client_reference=6123456780")


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

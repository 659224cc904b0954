"""Gérer: one dossier, and what is told of each of its requests."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.activations import Activations
from app.db import Database
from app.domain.failures import Failure
from app.domain.results import Refusal
from app.web.wiring import Services
from tests.bench.statements import counted
from tests.support.cardholder import Cardholder
from tests.support.office import ADDRESS, ORDER, order_for
from tests.support.world import FakeBank, MovableClock, Mailbox

HOME = "/portal/dossiers/1"


def words(client: FlaskClient, selector: str = "main", language: str = "en") -> str:
    """Return what a part of the dossier's page says."""
    found = BeautifulSoup(client.get(f"{HOME}?lang={language}").text, "html.parser").select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return " ".join(found.get_text(" ", strip=True).split())


def test_a_dossier_without_a_request_says_so_and_offers_one(desk: FlaskClient) -> None:
    said = words(desk)

    assert "Dossier ACME, Acme SA" in said
    assert "There is no CARO request for this dossier yet." in said
    assert "New CARO request" in said

"""The portal is tested as a signed-in accountant meets it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.banks import BANKS
from app.portal.preview.preview_pages import SCENES, PreviewSubject
from app.web.extensions import Services
from tests.support.portal import sign_in


@pytest.fixture
def desk(client: FlaskClient, services: Services) -> FlaskClient:
    """A browser in which the accountant is signed in."""
    return sign_in(client, services)


@pytest.fixture
def url(app: Flask) -> Callable[..., str]:
    """The address at which the preview shows a scene, of a bank whose cardholders can meet it."""

    def address(key: str, **changes: str) -> str:
        bank = next(bank.key for bank in BANKS.values() if SCENES[key].is_for_bank(bank))
        with app.test_request_context():
            return PreviewSubject(1, **{"bank_key": bank, "language": "en", **changes}).page_url(key)

    return address

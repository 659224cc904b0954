"""The portal is tested as a signed-in accountant meets it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.banks import BANKS
from app.portal.preview.preview_pages import PREVIEW_PAGES, PreviewSubject
from app.web.extensions import Services
from tests.support.activation_factory import ActivationFactory
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock
from tests.support.office import numbered_orders
from tests.support.portal import sign_in


@pytest.fixture
def accountant_language() -> str:
    """The language that the accountant has chosen in the browser; none where it is their own."""
    return ""


@pytest.fixture
def accountant_client(client: FlaskClient, services: Services, accountant_language: str) -> FlaskClient:
    """A browser in which the accountant is signed in."""
    if accountant_language:
        client.set_cookie("language", accountant_language)
    return sign_in(client, services)


@pytest.fixture
def activation_factory(
    services: Services, bank: FakeBank, bank_app: FakeBankApp, clock: MovableClock
) -> ActivationFactory:
    """Activations in any state."""
    return ActivationFactory(services, bank, bank_app, clock)


@pytest.fixture
def numbered_factory(activation_factory: ActivationFactory) -> ActivationFactory:
    """Activations in any state, each with a reference of its own."""
    return replace(activation_factory, orders=numbered_orders())


@pytest.fixture
def three(numbered_factory: ActivationFactory) -> list[str]:
    """Three invited requests whose mails have left."""
    return [numbered_factory.create("invited") for _ in range(3)]


@pytest.fixture
def url(app: Flask) -> Callable[..., str]:
    """The address at which the preview shows a scene, of a bank whose cardholders can meet it."""

    def address(key: str, **changes: str) -> str:
        bank = next(bank.key for bank in BANKS.values() if PREVIEW_PAGES[key].is_for_bank(bank))
        with app.test_request_context():
            return PreviewSubject(1, **{"bank_key": bank, "language": "en", **changes}).page_url(key)

    return address

"""Use cases are tested on every engine, without pages."""

import pytest
from flask import Flask

from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.databases import engines_under_test
from tests.support.office import ORDER


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(mail_app: Flask) -> Flask:
    return mail_app


@pytest.fixture
def public_id(services: Services) -> str:
    return services.orders.place_order(ORDER).public_id


@pytest.fixture
def cardholder_steps(services: Services, public_id: str) -> CardholderSteps:
    return CardholderSteps(services, services.invitations.copy_link(public_id, "test"))

"""Use cases are tested on every engine, without pages."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import build_services
from app.logs import configure_logging
from app.settings import Settings
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.databases import engines_under_test
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.office import ORDER


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def services(
    settings: Settings,
    clock: MovableClock,
    stopwatch: MovableStopwatch,
    bank: FakeBank,
    bank_app: FakeBankApp,
    sent_mails: RecordingTransport,
) -> Iterator[Services]:
    configure_logging(settings.log_level)
    services = build_services(
        settings, clock=clock, stopwatch=stopwatch, bank=bank, bank_app=bank_app, transport=sent_mails
    )
    yield services
    services.database.close_connections()


@pytest.fixture
def app(mail_app: Flask) -> Flask:
    return mail_app


@pytest.fixture
def public_id(services: Services) -> str:
    return services.orders.place_order(ORDER).public_id


@pytest.fixture
def cardholder_steps(services: Services, public_id: str) -> CardholderSteps:
    return CardholderSteps(services, services.invitations.copy_link(public_id, "test"))

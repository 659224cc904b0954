"""Use cases are tested on every engine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.domain.cards import Card
from app.domain.states import ActivationState
from app.queries.activation_view import ActivationView
from app.services.card_attempts import BrowserInfo
from app.services.consents import ConsentEvidence
from app.web.extensions import Services
from tests.support.databases import engines_under_test
from tests.support.office import ORDER


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


AGREEMENT = ConsentEvidence(
    terms_version="2026-12", language="fr", terms_sha256="a" * 64, labels_sha256="b" * 64
)
BROWSER = BrowserInfo(
    language="fr", user_agent="Phone", accept="text/html", return_url="http://localhost:8000/3ds/return"
)
CARD = Card(number="4000024329596391", expiry="2912", code="123")


def with_policy(services: Services, **changes: Any) -> Services:
    """Return the services as other settings would have them."""
    context = services.context
    return replace(services, context=replace(context, policy=replace(context.policy, **changes)))


class CardholderSteps:
    """Walks through the use cases as a cardholder would through the pages."""

    def __init__(self, services: Services, link: str) -> None:
        self.services = services
        self.token = link.rpartition("/")[2]
        self.cookie = services.links.sign_cookie(services.links.open_link(self.token))
        self.public_id = services.links.open_link(self.token).public_id

    @property
    def activation(self) -> ActivationView:
        return self.services.links.open_page(self.public_id, self.cookie)

    def state(self) -> ActivationState:
        return self.activation.state

    def accept(self) -> None:
        self.services.consents.accept_terms(self.activation, AGREEMENT)

    def submit(self, card: Card = CARD) -> None:
        self.services.card_attempts.submit_card(self.activation, card, BROWSER)

    def come_back(self, fields: Mapping[str, str]) -> str | None:
        """Return from the bank with a form, and say to which activation it leads."""
        return self.services.attempt_results.receive_return(fields)


@pytest.fixture
def public_id(services: Services) -> str:
    return services.orders.place_order(ORDER).public_id


@pytest.fixture
def cardholder(services: Services, public_id: str) -> CardholderSteps:
    return CardholderSteps(services, services.invitations.copy_link(public_id, "test"))

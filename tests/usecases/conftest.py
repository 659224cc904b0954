"""Use cases are tested on every engine."""

import pytest

from app.activations import Activations, Agreement, Browser, Standing
from app.domain.activation import ActivationState
from app.domain.cards import Card
from tests.support.databases import engines_under_test
from tests.support.office import ORDER


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


AGREEMENT = Agreement(terms_version="2026-12", language="fr", terms_sha256="a" * 64, labels_sha256="b" * 64)
BROWSER = Browser(
    language="fr", user_agent="Phone", accept="text/html", return_url="http://localhost:8000/3ds/return"
)
CARD = Card(number="4000024329596391", expiry="2912", code="123")


class Cardholder:
    """Walks through the use cases as a cardholder would through the pages."""

    def __init__(self, activations: Activations, link: str) -> None:
        self.activations = activations
        self.token = link.rpartition("/")[2]
        self.cookie = activations.cookie_for(activations.open_link(self.token))
        self.public_id = activations.open_link(self.token).public_id

    @property
    def standing(self) -> Standing:
        return self.activations.enter(self.public_id, self.cookie)

    def state(self) -> ActivationState:
        return self.standing.state

    def accept(self) -> None:
        self.activations.accept_terms(self.standing, AGREEMENT)

    def submit(self, card: Card = CARD) -> None:
        self.activations.submit_card(self.standing, card, BROWSER)


@pytest.fixture
def public_id(activations: Activations) -> str:
    return activations.order(ORDER).public_id


@pytest.fixture
def cardholder(activations: Activations, public_id: str) -> Cardholder:
    return Cardholder(activations, activations.link(public_id, "test"))

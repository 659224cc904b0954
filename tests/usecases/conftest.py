"""Use cases are tested on every engine."""

import pytest

from app.domain.cards import Card
from app.domain.states import ActivationState
from app.queries.activation_view import ActivationView
from app.services.activations import Activations
from app.services.card_attempts import BrowserInfo
from app.services.links import ConsentEvidence
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


class CardholderSteps:
    """Walks through the use cases as a cardholder would through the pages."""

    def __init__(self, activations: Activations, link: str) -> None:
        self.activations = activations
        self.token = link.rpartition("/")[2]
        self.cookie = activations.sign_cookie(activations.open_link(self.token))
        self.public_id = activations.open_link(self.token).public_id

    @property
    def standing(self) -> ActivationView:
        return self.activations.open_page(self.public_id, self.cookie)

    def state(self) -> ActivationState:
        return self.standing.state

    def accept(self) -> None:
        self.activations.accept_terms(self.standing, AGREEMENT)

    def submit(self, card: Card = CARD) -> None:
        self.activations.submit_card(self.standing, card, BROWSER)


@pytest.fixture
def public_id(activations: Activations) -> str:
    return activations.place_order(ORDER).public_id


@pytest.fixture
def cardholder(activations: Activations, public_id: str) -> CardholderSteps:
    return CardholderSteps(activations, activations.copy_link(public_id, "test"))

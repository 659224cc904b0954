"""A cardholder without a browser: the steps that the services take for them."""

from collections.abc import Mapping

from app.domain.cards import Card
from app.domain.message_rules import OfficeMessage
from app.domain.states import ActivationState
from app.domain.terms import NEWEST_VERSION
from app.queries.activation_view import ActivationView, read_activation
from app.services.card_attempts import BrowserInfo
from app.services.consents import ConsentEvidence
from app.web.extensions import Services

AGREEMENT = ConsentEvidence(
    terms_version=NEWEST_VERSION, language="fr", terms_sha256="a" * 64, labels_sha256="b" * 64
)
BROWSER = BrowserInfo(
    language="fr", user_agent="Phone", accept="text/html", return_url="http://localhost:8000/3ds/return"
)
CARD = Card(number="4000024329596391", expiry="2912", code="123")


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
        returned = self.services.attempt_results.receive_return(fields)
        return returned.public_id if returned else None


def tell_office(services: Services, public_id: str, message: OfficeMessage) -> None:
    """Press the button of a page that leads no further."""
    with services.database.read_connection() as connection:
        activation = read_activation(connection, public_id)
    assert activation is not None
    signed = services.office_messages.sign_messages(activation, [message])
    services.office_messages.send_message(signed[message])

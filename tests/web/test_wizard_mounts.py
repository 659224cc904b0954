"""The wizard's pages speak to a journey only, so another door can show them with another one."""

from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.bank.gateway import ChallengeForm
from app.db import Database
from app.domain.cards import Card
from app.domain.states import ActivationState
from app.queries.activation_view import ActivationView, AttemptView, ReceiptView
from app.services.card_attempts import CardSubmission
from app.services.consents import ConsentEvidence
from app.web.extensions import Services
from app.wizard import routes
from tests.conftest import BANK_ORIGIN, ProductClient
from tests.support.cardholder import CardholderClient
from tests.support.doubles import MovableClock
from tests.support.reused_app import new_app


@dataclass
class ShownJourney:
    """A journey on which nothing happens: it stands in one state."""

    activation: ActivationView
    attempt: AttemptView | None = None

    def open_page(self, public_id: str) -> ActivationView:
        return self.activation

    def accept_terms(self, activation: ActivationView, agreement: ConsentEvidence) -> None:
        """Record nothing."""

    def card_page_opens_at(self, activation: ActivationView) -> datetime | None:
        return None

    def card_fields(self) -> "MultiDict[str, str]":
        return request.form

    def submit_card(self, activation: ActivationView, card: Card) -> CardSubmission:
        """Ask nobody."""
        return CardSubmission.CHALLENGED

    def last_attempt(self, activation: ActivationView) -> AttemptView | None:
        return self.attempt

    def receipt(self, activation: ActivationView) -> ReceiptView | None:
        return None

    def challenge_form(self, attempt: AttemptView) -> ChallengeForm:
        return ChallengeForm("http://127.0.0.1:8001/acs/challenge", {})

    def check_result(self, activation: ActivationView) -> None:
        """Ask nobody."""

    def start_over(self, activation: ActivationView) -> None:
        """Close nothing."""


@pytest.fixture
def app(services: Services) -> Flask:
    """An application that gets pages of our own."""
    return new_app(services, ProductClient)


@pytest.fixture
def shown(app: Flask, services: Services, cardholder_client: CardholderClient) -> ShownJourney:
    journey = ShownJourney(services.links.open_link(cardholder_client.path.removeprefix("/a/")))
    routes.journey_factories(app)["shown"] = lambda: journey
    app.register_blueprint(routes.bp, name="shown", url_prefix="/shown/<public_id>")
    cardholder_client.home = "/shown/any"
    return journey


@pytest.mark.parametrize(
    ("state", "page", "heading"),
    [
        (ActivationState.INVITED, "welcome", "Welcome"),
        (ActivationState.INVITED, "not-mine", "Is this request not for you?"),
        (ActivationState.TERMS_ACCEPTED, "card", "Your credit card"),
        (ActivationState.AWAITING_BANK, "result", "We are waiting for your bank"),
        (ActivationState.ACTIVE, "result", "Your service is active"),
    ],
)
def test_another_journey_stays_in_its_place(
    shown: ShownJourney, cardholder_client: CardholderClient, state: ActivationState, page: str, heading: str
) -> None:
    shown.activation = replace(shown.activation, state=state)
    cardholder_client.visit(page)

    assert cardholder_client.heading() == heading
    assert "/activation/" not in cardholder_client.page.text


def test_another_journey_keeps_the_headers(
    shown: ShownJourney, cardholder_client: CardholderClient, clock: MovableClock
) -> None:
    own = [seen(cardholder_client.visit("welcome"))]
    shown.activation = replace(shown.activation, state=ActivationState.AWAITING_BANK)
    shown.attempt = challenged(clock())
    own.append(seen(cardholder_client.visit("bank")))

    assert own == [("noindex", "form-action 'self'"), ("noindex", f"form-action 'self' {BANK_ORIGIN}")]


def seen(answer: TestResponse) -> tuple[str | None, str]:
    rules = answer.headers["Content-Security-Policy"].split("; ")
    return answer.headers.get("X-Robots-Tag"), next(rule for rule in rules if rule.startswith("form-action"))


def challenged(now: datetime) -> AttemptView:
    return AttemptView(
        transaction="8a880dc0-d2d2-4067-bcb1-b08d1690b26e",
        acs_transaction="d7c1ee99-9478-44a6-b1f2-391e29c6b340",
        challenge_url=f"{BANK_ORIGIN}/acs/challenge",
        brand="visa",
        last_four="6391",
        started_at=now,
        challenged_at=now,
        returned_at=None,
        concluded_at=None,
        outcome=None,
        failure=None,
    )


def test_another_journey_records_nothing(
    shown: ShownJourney, cardholder_client: CardholderClient, services: Services, database: Database
) -> None:
    cardholder_client.visit("welcome")
    cardholder_client.accept()

    assert (
        services.links.open_link(cardholder_client.path.removeprefix("/a/")).state is ActivationState.INVITED
    )


def test_the_preview_has_every_page_of_the_wizard(app: Flask) -> None:
    mounted = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert {f"{door}.{page}" for door in ("wizard", "preview.wizard") for page in routes.OPEN_IN} <= mounted

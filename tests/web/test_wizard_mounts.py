"""The wizard's pages speak to a journey only, so another door can show them with another one."""

from dataclasses import dataclass, replace

import pytest
from flask import Flask

from app.activations import Activations, Agreement, LastAttempt, Standing
from app.db import Database
from app.domain.activation import State
from app.domain.cards import Card
from app.wizard import guard
from app.wizard.routes import wizard
from tests.support.cardholder import Cardholder


@dataclass
class ShownJourney:
    """A journey on which nothing happens: it stands in one state."""

    standing: Standing

    def enter(self, public_id: str) -> Standing:
        return self.standing

    def accept(self, standing: Standing, agreement: Agreement) -> None:
        """Record nothing."""

    def check_lock(self, standing: Standing) -> None:
        """Find the page open."""

    def submit(self, standing: Standing, card: Card) -> bool:
        """Ask nobody."""
        return True

    def last_attempt(self, standing: Standing) -> LastAttempt | None:
        return None

    def handle(self, attempt: LastAttempt) -> str:
        return ""

    def check(self, standing: Standing) -> None:
        """Ask nobody."""

    def start_over(self, standing: Standing) -> None:
        """Close nothing."""


@pytest.fixture
def shown(app: Flask, activations: Activations, cardholder: Cardholder) -> ShownJourney:
    journey = ShownJourney(activations.open_link(cardholder.path.removeprefix("/a/")))
    guard.journeys(app)["shown"] = lambda: journey
    app.register_blueprint(wizard, name="shown", url_prefix="/shown/<public_id>")
    cardholder.home = "/shown/any"
    return journey


@pytest.mark.parametrize(
    ("state", "page", "heading"),
    [
        (State.INVITED, "welcome", "Welcome"),
        (State.INVITED, "not-mine", "Is this not your reference?"),
        (State.TERMS_ACCEPTED, "card", "Your credit card"),
        (State.AWAITING_BANK, "result", "We are waiting for your bank"),
        (State.ACTIVE, "result", "Your service is active"),
    ],
)
def test_another_journey_stays_in_its_place(
    shown: ShownJourney, cardholder: Cardholder, state: State, page: str, heading: str
) -> None:
    shown.standing = replace(shown.standing, state=state)
    cardholder.visit(page)

    assert cardholder.heading() == heading
    assert "/activation/" not in cardholder.page.text


def test_another_journey_records_nothing(
    shown: ShownJourney, cardholder: Cardholder, activations: Activations, database: Database
) -> None:
    cardholder.visit("welcome")
    cardholder.accept()

    assert activations.open_link(cardholder.path.removeprefix("/a/")).state is State.INVITED

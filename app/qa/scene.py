"""One request of a tester's own on its way, and what its cardholder can do with it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from flask import url_for

from app.activations import ActivationView, BrowserInfo, ConsentEvidence
from app.clock import brussels_day
from app.domain.cards import Card, CardBrand, brand_of
from app.domain.states import CURRENT_TERMS
from app.qa.wiring import run_due_jobs
from app.simulation.scenarios import SCENARIOS, SECURITY_CODE, BankPageRoute, Scenario
from app.simulation.testing import UNSHOWN, Milestone, SandboxTools
from app.web.wiring import services

_USER_AGENT = "Rehearsal"


class RunGoal(StrEnum):
    """How far a request is brought."""

    START = "start"
    PAGE = "page"


@dataclass(frozen=True)
class RunRequest:
    """What a tester asks for; what is left out is made up."""

    bank: str = ""
    language: str = "fr"
    reference: str = ""
    address: str = ""
    scenario: str = ""
    reach: RunGoal = RunGoal.START


@dataclass(frozen=True)
class ScenarioRun:
    """One request on its way."""

    own: SandboxTools
    public_id: str
    row: Scenario | None
    wish: RunRequest
    actor: str

    @property
    def activation(self) -> ActivationView:
        """Where it stands now."""
        return self.own.read_activation(self.public_id)

    def accept_terms(self) -> None:
        """Confirm the reference and accept the conditions, as if they had been read."""
        agreement = ConsentEvidence(CURRENT_TERMS, self.wish.language, UNSHOWN, UNSHOWN)
        self.own.activations.accept_terms(self.activation, agreement)

    def submit_card(self, row: Scenario) -> None:
        """Fill in the card of a scenario and send it."""
        return_url = services().settings.public_url + url_for("entrance.receive_return")
        browser = BrowserInfo(self.wish.language, _USER_AGENT, "text/html", return_url)
        self.own.activations.submit_card(self.activation, scenario_card(row), browser)

    def act_at_bank(self, route: BankPageRoute) -> bool:
        """Do there what a cardholder does; False where no attempt is open."""
        attempt = self.own.activations.last_attempt(self.activation)
        if attempt is None or attempt.concluded_at is not None:
            return False
        handle = self.own.activations.links.sign_attempt_handle(attempt.transaction)
        return self.own.bank.end_challenge(attempt.transaction, handle, route)

    def return_from_bank(self) -> None:
        """Return from the bank with an answer that only tells which attempt it belongs to."""
        attempt = self.own.activations.last_attempt(self.activation)
        if attempt is not None:
            handle = self.own.activations.links.sign_attempt_handle(attempt.transaction)
            self.own.activations.receive_return(None, handle)

    def run_due_jobs(self) -> None:
        """Do what is due."""
        run_due_jobs(self.own)

    def age_until(self, moment: Milestone) -> None:
        """Let time go by."""
        self.own.age_until(self.public_id, moment, self.run_due_jobs)


def scenario_card(row: Scenario) -> Card:
    """Return the scenario's first card with data that fit it; any good card where it has none."""
    [number, *_more] = row.cards or SCENARIOS["success"].cards
    good_until = brussels_day(services().clock() + timedelta(days=365))
    code = SECURITY_CODE + ("4" if brand_of(number) is CardBrand.AMEX else "")
    return Card(number, f"{good_until:%y%m}", code)

"""One request of a tester's own on its way, and what its cardholder can do with it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from flask import url_for

from app.activations import ActivationView, BrowserInfo, ConsentEvidence
from app.clock import brussels_day
from app.domain.cards import Card, CardBrand, brand_of
from app.domain.terms import CURRENT_TERMS
from app.qa.wiring import work_for
from app.rehearsal import UNSHOWN, Moment, Rehearsals
from app.simulator.scenarios import SCENARIOS, SECURITY_CODE, BankPageRoute, Scenario
from app.web.wiring import services

_USER_AGENT = "Rehearsal"


class Reach(StrEnum):
    """How far a request is brought."""

    START = "start"
    PAGE = "page"


@dataclass(frozen=True)
class Wish:
    """What a tester asks for; what is left out is made up."""

    bank: str = ""
    language: str = "fr"
    reference: str = ""
    address: str = ""
    scenario: str = ""
    reach: Reach = Reach.START


@dataclass(frozen=True)
class Scene:
    """One request on its way."""

    own: Rehearsals
    public_id: str
    row: Scenario | None
    wish: Wish
    actor: str

    @property
    def standing(self) -> ActivationView:
        """Where it stands now."""
        return self.own.standing(self.public_id)

    def accept(self) -> None:
        """Confirm the reference and accept the conditions, as if they had been read."""
        agreement = ConsentEvidence(CURRENT_TERMS, self.wish.language, UNSHOWN, UNSHOWN)
        self.own.activations.accept_terms(self.standing, agreement)

    def submit(self, row: Scenario) -> None:
        """Fill in the card of a scenario and send it."""
        return_url = services().settings.public_url + url_for("entrance.returned")
        browser = BrowserInfo(self.wish.language, _USER_AGENT, "text/html", return_url)
        self.own.activations.submit_card(self.standing, card_of(row), browser)

    def at_bank(self, route: BankPageRoute) -> bool:
        """Do there what a cardholder does; False where no attempt is open."""
        attempt = self.own.activations.last_attempt(self.standing)
        if attempt is None or attempt.concluded_at is not None:
            return False
        handle = self.own.activations.links.attempt(attempt.transaction)
        return self.own.bank.end(attempt.transaction, handle, route)

    def come_back(self) -> None:
        """Return from the bank with an answer that only tells which attempt it belongs to."""
        attempt = self.own.activations.last_attempt(self.standing)
        if attempt is not None:
            handle = self.own.activations.links.attempt(attempt.transaction)
            self.own.activations.receive_return(None, handle)

    def work(self) -> None:
        """Do what is due."""
        work_for(self.own)

    def wait_for(self, moment: Moment) -> None:
        """Let time go by."""
        self.own.age_to(self.public_id, moment, self.work)


def card_of(row: Scenario) -> Card:
    """Return the scenario's first card with data that fit it; any good card where it has none."""
    [number, *_more] = row.cards or SCENARIOS["success"].cards
    good_until = brussels_day(services().clock() + timedelta(days=365))
    code = SECURITY_CODE + ("4" if brand_of(number) is CardBrand.AMEX else "")
    return Card(number, f"{good_until:%y%m}", code)

"""One activation of a tester's own: order it, walk it, stop where asked."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from flask import url_for

from app.clock import brussels_day
from app.domain.bank_results import AppDecision
from app.domain.banks import APP_BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.cards import Card, CardBrand, brand_of
from app.domain.order_rules import OrderRequest
from app.domain.states import CURRENT_TERMS
from app.qa.tester_access import office_tools, run_due_jobs
from app.queries.activation_view import ActivationView
from app.services.card_attempts import BrowserInfo
from app.services.links import ConsentEvidence
from app.simulation.scenarios import (
    SCENARIOS,
    SECURITY_CODE,
    WRONG_CARD_REFERENCE,
    BankPageRoute,
    ReturnFault,
    Scenario,
    ScenarioSection,
)
from app.simulation.testing import UNSHOWN, ActivationRecord, Milestone, SandboxOffice, SandboxTools
from app.tokens import LinkClaims
from app.web.extensions import services

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
        return_url = services().settings.public_url + url_for("entry.receive_return")
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


def run_scenario(own: SandboxTools, office: SandboxOffice, wish: RunRequest) -> str:
    """Order, bring the request as far as it is wished, and return its id; raise Refused, BankFault."""
    row = SCENARIOS[wish.scenario] if wish.scenario else None
    placed = own.activations.place_order(_place_order(office, wish, row))
    scene = ScenarioRun(own, placed.public_id, row, wish, office.actor)
    scene.run_due_jobs()
    _STAGES.get(wish.scenario, _go_to_card if row else _stay_invited)(scene)
    scene.run_due_jobs()
    return placed.public_id


def _place_order(office: SandboxOffice, wish: RunRequest, row: Scenario | None) -> OrderRequest:
    in_app = row is not None and row.section is ScenarioSection.BANK_APP
    bank = wish.bank or SAMPLE_BANKS[ActivationRoute.BANK_APP if in_app else ActivationRoute.LINK]
    reference = wish.reference or _fresh_reference()
    domain = office.accountant.rpartition("@")[2]
    return OrderRequest(
        dossier_id=office.dossiers[0].id,
        bank=bank,
        client_reference=reference,
        address=wish.address or f"titulaire-{reference}@{domain}",
        language=wish.language,
        iban=office.accounts[bank] if bank in APP_BANKS else None,
        accountant=office.accountant,
        actor=office.actor,
    )


def _fresh_reference() -> str:
    reference = f"6{secrets.randbelow(10**9):09d}"
    return reference if reference != WRONG_CARD_REFERENCE else _fresh_reference()


def _stay_invited(_scene: ScenarioRun) -> None:
    """Leave it at the invitation."""


def _go_to_card(scene: ScenarioRun) -> None:
    """Open the card page; or walk on to the page on which the scenario ends."""
    scene.accept_terms()
    if scene.row and scene.wish.reach is RunGoal.PAGE:
        _walk_to_end(scene, scene.row)


def _walk_to_end(scene: ScenarioRun, row: Scenario) -> None:
    scene.submit_card(row)
    if not scene.act_at_bank(row.route) or row.route is BankPageRoute.NONE:
        return
    if row.route is BankPageRoute.LEAVE:
        scene.age_until(Milestone.BANK_TIMEOUT)
    elif row.route is BankPageRoute.ARRIVE_LATE:
        scene.age_until(Milestone.HANDOFF_END)
    elif row.quirk is not ReturnFault.NO_RETURN:
        scene.return_from_bank()


def _unblock_card(scene: ScenarioRun) -> None:
    scene.own.bank.help_cardholder(scene.activation.client_reference, "unblock_card")
    scene.accept_terms()
    if scene.wish.reach is RunGoal.PAGE:
        _walk_to_end(scene, SCENARIOS["temporarily_blocked"])


def _open_card_page(scene: ScenarioRun) -> None:
    """Open the card page: what is wrong with a field is told where it is typed."""
    scene.accept_terms()


def _run_expired(scene: ScenarioRun) -> None:
    scene.age_until(Milestone.LINK_END)


def _run_replaced(scene: ScenarioRun) -> None:
    scene.own.activations.replace_link(scene.public_id, scene.actor)


def _run_cancelled(scene: ScenarioRun) -> None:
    scene.own.activations.cancel_activation(scene.public_id, scene.actor)


def _run_active(scene: ScenarioRun) -> None:
    scene.accept_terms()
    _walk_to_end(scene, SCENARIOS["success"])


def _run_in_progress(scene: ScenarioRun) -> None:
    scene.accept_terms()
    scene.submit_card(SCENARIOS["success"])
    scene.act_at_bank(BankPageRoute.LEAVE)


def _run_locked(scene: ScenarioRun) -> None:
    scene.accept_terms()
    for _ in range(scene.own.activations.caps.refusals_a_day):
        scene.submit_card(SCENARIOS["unknown_card"])


def _run_app_decision(decision: AppDecision, scene: ScenarioRun) -> None:
    if scene.wish.reach is RunGoal.PAGE:
        standing = scene.activation
        scene.own.bank.decide_in_app(standing.bank, standing.client_reference, scene.public_id, decision)


def _run_silent_app(scene: ScenarioRun) -> None:
    if scene.wish.reach is RunGoal.PAGE:
        scene.age_until(Milestone.LINK_END)


#: How the scenarios without a card of their own begin; every other one begins on the card page.
_STAGES: Mapping[str, Callable[[ScenarioRun], None]] = {
    "bad_number": _open_card_page,
    "expired_typed": _open_card_page,
    "just_unblocked": _unblock_card,
    "link_altered": _stay_invited,
    "link_unknown": _stay_invited,
    "link_expired": _run_expired,
    "link_replaced": _run_replaced,
    "link_withdrawn": _run_cancelled,
    "link_active": _run_active,
    "link_in_progress": _run_in_progress,
    "link_locked": _run_locked,
    "link_missing": _stay_invited,
    "kbc_confirmed": partial(_run_app_decision, AppDecision.CONFIRMED),
    "kbc_refused": partial(_run_app_decision, AppDecision.REFUSED),
    "kbc_silent": _run_silent_app,
}


def scenario_link(record: ActivationRecord, scenario: str = "") -> str | None:
    """Return the link that shows what the scenario tells of; None at a bank that knows no links."""
    if record.link is None:
        return None
    return _OTHERS[scenario](record) if scenario in _OTHERS else record.link


def _signed_link(public_id: str, generation: int = 1) -> str:
    return office_tools().activations.links.activation_url(LinkClaims(public_id, generation))


def _link_without_cookie(record: ActivationRecord) -> str:
    return services().settings.public_url + url_for("wizard.show_welcome", public_id=record.facts.public_id)


_OTHERS: Mapping[str, Callable[[ActivationRecord], str]] = {
    "link_altered": lambda record: f"{record.link}x",
    "link_unknown": lambda record: _signed_link(secrets.token_hex(12)),
    "link_replaced": lambda record: _signed_link(record.facts.public_id, record.facts.generation - 1),
    "link_missing": _link_without_cookie,
}

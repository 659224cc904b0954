"""One activation of a tester's own: order it, walk it, stop where asked."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from flask import url_for

from app.clock import brussels_day
from app.domain.bank_results import AppDecision
from app.domain.banks import APP_BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.cards import Card, CardBrand, brand_of
from app.domain.order_rules import OrderRequest
from app.qa.request_fields import RunGoal, RunRequest
from app.qa.tester_access import office_tools, run_due_jobs
from app.queries.activation_view import ActivationView
from app.services.card_attempts import BrowserInfo
from app.services.consents import ConsentEvidence
from app.services.invitations import InvitationService
from app.simulation.scenarios import (
    SCENARIOS,
    SECURITY_CODE,
    WRONG_CARD_REFERENCE,
    BankPageRoute,
    ReturnFault,
    Scenario,
)
from app.simulation.testing import UNSHOWN, ActivationRecord, Milestone, SandboxOffice, SandboxTools
from app.tokens import LinkClaims
from app.web.extensions import services

_USER_AGENT = "Rehearsal"


@dataclass(frozen=True)
class ScenarioRun:
    """One request on its way."""

    tools: SandboxTools
    public_id: str
    scenario: Scenario | None
    run_request: RunRequest
    actor: str

    @property
    def activation(self) -> ActivationView:
        """Where it stands now."""
        return self.tools.read_activation(self.public_id)

    @property
    def invitations(self) -> InvitationService:
        """What its accountant can do."""
        return self.tools.services.invitations

    @property
    def is_walked(self) -> bool:
        """Whether it is brought to its last page."""
        return self.run_request.reach is RunGoal.PAGE

    def accept_terms(self) -> None:
        """Confirm the reference and accept the conditions, as if they had been read."""
        terms = self.tools.services.terms.current(self.run_request.language)
        agreement = ConsentEvidence(terms.version, terms.language, terms.sha256, UNSHOWN)
        self.tools.services.consents.accept_terms(self.activation, agreement)

    def stay_invited(self) -> None:
        """Leave it at the invitation."""

    def submit_card(self, scenario: Scenario) -> None:
        """Fill in the card of a scenario and send it."""
        return_url = services().settings.public_url + url_for("entry.receive_return")
        browser = BrowserInfo(self.run_request.language, _USER_AGENT, "text/html", return_url)
        self.tools.services.card_attempts.submit_card(self.activation, scenario_card(scenario), browser)

    def act_at_bank(self, route: BankPageRoute) -> bool:
        """Do there what a cardholder does; False where no attempt is open."""
        attempt = self.tools.services.links.last_attempt(self.activation)
        if attempt is None or attempt.concluded_at is not None:
            return False
        handle = self.tools.services.context.tokens.sign_attempt_handle(attempt.transaction)
        return self.tools.bank.end_challenge(attempt.transaction, handle, route)

    def return_from_bank(self) -> None:
        """Return from the bank with an answer that only tells which attempt it belongs to."""
        attempt = self.tools.services.links.last_attempt(self.activation)
        if attempt is not None:
            self.tools.services.attempt_results.process_return(attempt.transaction)

    def run_due_jobs(self) -> None:
        """Do what is due."""
        run_due_jobs(self.tools)

    def age_until(self, milestone: Milestone) -> None:
        """Let time go by."""
        self.tools.age_until(self.public_id, milestone, self.run_due_jobs)


def scenario_card(scenario: Scenario) -> Card:
    """Return the scenario's first card with data that fit it; any good card where it has none."""
    [number, *_more] = scenario.cards or SCENARIOS["success"].cards
    good_until = brussels_day(services().clock() + timedelta(days=365))
    code = SECURITY_CODE + ("4" if brand_of(number) is CardBrand.AMEX else "")
    return Card(number, f"{good_until:%y%m}", code)


def run_scenario(tools: SandboxTools, office: SandboxOffice, run_request: RunRequest) -> str:
    """Order, bring the request as far as it is wished, and return its id; raise Refused, BankFault."""
    scenario = SCENARIOS[run_request.scenario] if run_request.scenario else None
    placed = tools.services.orders.place_order(_place_order(office, run_request, scenario))
    run = ScenarioRun(tools, placed.public_id, scenario, run_request, office.actor)
    run.run_due_jobs()
    _WALKS.get(run_request.scenario, _go_to_card if scenario else ScenarioRun.stay_invited)(run)
    run.run_due_jobs()
    return placed.public_id


def _place_order(office: SandboxOffice, run_request: RunRequest, scenario: Scenario | None) -> OrderRequest:
    bank = run_request.bank or SAMPLE_BANKS[scenario.activation_route if scenario else ActivationRoute.LINK]
    reference = run_request.reference or _fresh_reference()
    domain = office.accountant.rpartition("@")[2]
    return OrderRequest(
        dossier_id=office.dossiers[0].id,
        bank=bank,
        client_reference=reference,
        address=run_request.address or f"titulaire-{reference}@{domain}",
        language=run_request.language,
        iban=office.accounts[bank] if bank in APP_BANKS else None,
        accountant=office.accountant,
        actor=office.actor,
    )


def _fresh_reference() -> str:
    reference = f"6{secrets.randbelow(10**9):09d}"
    return reference if reference != WRONG_CARD_REFERENCE else _fresh_reference()


def _go_to_card(run: ScenarioRun) -> None:
    """Open the card page; or walk on to the page on which the scenario ends."""
    run.accept_terms()
    if run.scenario and run.is_walked:
        _walk_to_end(run, run.scenario)


def _walk_to_end(run: ScenarioRun, scenario: Scenario) -> None:
    run.submit_card(scenario)
    if not run.act_at_bank(scenario.route) or scenario.route is BankPageRoute.NONE:
        return
    if scenario.route is BankPageRoute.LEAVE:
        run.age_until(Milestone.BANK_TIMEOUT)
    elif scenario.route is BankPageRoute.ARRIVE_LATE:
        run.age_until(Milestone.HANDOFF_END)
    elif scenario.quirk is not ReturnFault.NO_RETURN:
        run.return_from_bank()


def _unblock_card(run: ScenarioRun) -> None:
    run.tools.bank.help_cardholder(run.activation.office, run.activation.client_reference, "unblock_card")
    run.accept_terms()
    if run.is_walked:
        _walk_to_end(run, SCENARIOS["temporarily_blocked"])


def _run_active(run: ScenarioRun) -> None:
    run.accept_terms()
    _walk_to_end(run, SCENARIOS["success"])


def _run_stopped(run: ScenarioRun) -> None:
    _run_active(run)
    run.run_due_jobs()
    run.invitations.revoke_activation(run.public_id, run.actor)


def _run_in_progress(run: ScenarioRun) -> None:
    run.accept_terms()
    run.submit_card(SCENARIOS["success"])
    run.act_at_bank(BankPageRoute.LEAVE)


def _run_locked(run: ScenarioRun) -> None:
    run.accept_terms()
    for _ in range(run.tools.services.context.policy.caps.refusals_a_day):
        run.submit_card(SCENARIOS["unknown_card"])


def _run_app_decision(decision: AppDecision, run: ScenarioRun) -> None:
    if run.is_walked:
        activation = run.activation
        run.tools.bank.decide_in_app(activation.bank, activation.client_reference, run.public_id, decision)


def _leave_unanswered(run: ScenarioRun) -> None:
    if run.is_walked:
        run.age_until(Milestone.LINK_END)


#: How the scenarios without a card of their own begin; every other one begins on the card page.
_WALKS: Mapping[str, Callable[[ScenarioRun], object]] = {
    "bad_number": ScenarioRun.accept_terms,
    "expired_typed": ScenarioRun.accept_terms,
    "just_unblocked": _unblock_card,
    "link_altered": ScenarioRun.stay_invited,
    "link_unknown": ScenarioRun.stay_invited,
    "link_expired": lambda run: run.age_until(Milestone.LINK_END),
    "link_replaced": lambda run: run.invitations.replace_link(run.public_id, run.actor),
    "link_withdrawn": lambda run: run.invitations.cancel_activation(run.public_id, run.actor),
    "link_active": _run_active,
    "link_stopped": _run_stopped,
    "link_in_progress": _run_in_progress,
    "link_locked": _run_locked,
    "link_missing": ScenarioRun.stay_invited,
    "kbc_confirmed": partial(_run_app_decision, AppDecision.CONFIRMED),
    "kbc_refused": partial(_run_app_decision, AppDecision.REFUSED),
    "kbc_silent": _leave_unanswered,
}


def scenario_link(record: ActivationRecord, scenario: str = "") -> str | None:
    """Return the link that shows what the scenario tells of; None at a bank that knows no links."""
    if record.link is None:
        return None
    return _OTHERS[scenario](record) if scenario in _OTHERS else record.link


def _signed_link(public_id: str, generation: int = 1) -> str:
    return office_tools().services.context.tokens.activation_url(LinkClaims(public_id, generation))


_OTHERS: Mapping[str, Callable[[ActivationRecord], str]] = {
    "link_altered": lambda record: (record.link or "")[:-1],
    "link_unknown": lambda record: _signed_link(secrets.token_hex(12)),
    "link_replaced": lambda record: _signed_link(record.columns.public_id, record.columns.generation - 1),
    "link_missing": lambda record: (
        services().settings.public_url + url_for("wizard.show_welcome", public_id=record.columns.public_id)
    ),
}

"""Bringing a request of one's own to where a scenario starts, or straight to the page that it ends on."""

import secrets
from collections.abc import Callable, Mapping
from functools import partial

from app.activations import OrderRequest
from app.domain.bank_results import AppDecision
from app.domain.banks import APP_BANKS, SAMPLE_BANKS, ActivationRoute
from app.qa.scene import RunGoal, RunRequest, ScenarioRun
from app.simulation.scenarios import (
    SCENARIOS,
    WRONG_CARD_REFERENCE,
    BankPageRoute,
    ReturnFault,
    Scenario,
    ScenarioSection,
)
from app.simulation.testing import Milestone, SandboxOffice, SandboxTools


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

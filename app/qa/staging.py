"""Bringing a request of one's own to where a scenario starts, or straight to the page that it ends on."""

import secrets
from collections.abc import Callable, Mapping
from functools import partial

from app.activations import OrderRequest
from app.domain.banks import APP_BANKS, SAMPLE_BANKS, ActivationRoute
from app.domain.results import AppDecision
from app.qa.scene import Reach, Scene, Wish
from app.rehearsal import Moment, Rehearsals, TestOffice
from app.simulator.scenarios import (
    SCENARIOS,
    WRONG_CARD_REFERENCE,
    BankPageRoute,
    ReturnFault,
    Scenario,
    ScenarioSection,
)


def stage(own: Rehearsals, office: TestOffice, wish: Wish) -> str:
    """Order, bring the request as far as it is wished, and return its id; raise Refused, BankFault."""
    row = SCENARIOS[wish.scenario] if wish.scenario else None
    placed = own.activations.place_order(_order(office, wish, row))
    scene = Scene(own, placed.public_id, row, wish, office.actor)
    scene.work()
    _STAGES.get(wish.scenario, _at_card if row else _as_ordered)(scene)
    scene.work()
    return placed.public_id


def _order(office: TestOffice, wish: Wish, row: Scenario | None) -> OrderRequest:
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


def _as_ordered(_scene: Scene) -> None:
    """Leave it at the invitation."""


def _at_card(scene: Scene) -> None:
    """Open the card page; or walk on to the page on which the scenario ends."""
    scene.accept()
    if scene.row and scene.wish.reach is Reach.PAGE:
        _walk(scene, scene.row)


def _walk(scene: Scene, row: Scenario) -> None:
    scene.submit(row)
    if not scene.at_bank(row.route) or row.route is BankPageRoute.NONE:
        return
    if row.route is BankPageRoute.LEAVE:
        scene.wait_for(Moment.BANK_TIMEOUT)
    elif row.route is BankPageRoute.ARRIVE_LATE:
        scene.wait_for(Moment.HANDOFF_END)
    elif row.quirk is not ReturnFault.NO_RETURN:
        scene.come_back()


def _just_unblocked(scene: Scene) -> None:
    scene.own.bank.help(scene.standing.client_reference, "unblock_card")
    scene.accept()
    if scene.wish.reach is Reach.PAGE:
        _walk(scene, SCENARIOS["temporarily_blocked"])


def _only_typed(scene: Scene) -> None:
    """Open the card page: what is wrong with a field is told where it is typed."""
    scene.accept()


def _expired(scene: Scene) -> None:
    scene.wait_for(Moment.LINK_END)


def _replaced(scene: Scene) -> None:
    scene.own.activations.replace_link(scene.public_id, scene.actor)


def _withdrawn(scene: Scene) -> None:
    scene.own.activations.cancel_activation(scene.public_id, scene.actor)


def _active(scene: Scene) -> None:
    scene.accept()
    _walk(scene, SCENARIOS["success"])


def _in_progress(scene: Scene) -> None:
    scene.accept()
    scene.submit(SCENARIOS["success"])
    scene.at_bank(BankPageRoute.LEAVE)


def _locked(scene: Scene) -> None:
    scene.accept()
    for _ in range(scene.own.activations.caps.refusals_a_day):
        scene.submit(SCENARIOS["unknown_card"])


def _in_app(decision: AppDecision, scene: Scene) -> None:
    if scene.wish.reach is Reach.PAGE:
        standing = scene.standing
        scene.own.bank.decide(standing.bank, standing.client_reference, scene.public_id, decision)


def _silent(scene: Scene) -> None:
    if scene.wish.reach is Reach.PAGE:
        scene.wait_for(Moment.LINK_END)


#: How the scenarios without a card of their own begin; every other one begins on the card page.
_STAGES: Mapping[str, Callable[[Scene], None]] = {
    "bad_number": _only_typed,
    "expired_typed": _only_typed,
    "just_unblocked": _just_unblocked,
    "link_altered": _as_ordered,
    "link_unknown": _as_ordered,
    "link_expired": _expired,
    "link_replaced": _replaced,
    "link_withdrawn": _withdrawn,
    "link_active": _active,
    "link_in_progress": _in_progress,
    "link_locked": _locked,
    "link_missing": _as_ordered,
    "kbc_confirmed": partial(_in_app, AppDecision.CONFIRMED),
    "kbc_refused": partial(_in_app, AppDecision.REFUSED),
    "kbc_silent": _silent,
}

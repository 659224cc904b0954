"""THE table of every way an activation ends: the simulated bank, pages, tests and docs read it."""

from collections.abc import Mapping

from app.simulation.scenarios import after_signature, at_bank, before_bank
from app.simulation.scenarios.scenario import (
    BankPageRoute,
    RecoveryAction,
    ReturnFault,
    Scenario,
    ScenarioSection,
    ServerReply,
)

__all__ = [
    "GOOD_CARDS",
    "PIN",
    "SCENARIOS",
    "SECURITY_CODE",
    "WRONG_CARD_REFERENCE",
    "BankPageRoute",
    "RecoveryAction",
    "ReturnFault",
    "Scenario",
    "ScenarioSection",
    "ServerReply",
    "find_scenario",
    "group_card_number",
]

_ROWS = (*before_bank.ROWS, *at_bank.ROWS, *after_signature.ROWS, *after_signature.WITHOUT_CARD)
SCENARIOS: Mapping[str, Scenario] = {scenario.key: scenario for scenario in _ROWS}

#: What every test card shares.
SECURITY_CODE = "123"
PIN = "1234"

#: The only client reference to which the card of `wrong_card` belongs.
WRONG_CARD_REFERENCE = "6000000001"

GOOD_CARDS = SCENARIOS["success"].cards + SCENARIOS["success_mastercard"].cards

_BY_CARD: Mapping[str, Scenario] = {
    card: scenario for scenario in SCENARIOS.values() for card in scenario.cards
}


def find_scenario(card_number: str, client_reference: str | None = None) -> Scenario:
    """Return the scenario that a card leads to; a number that is in no row is an unknown card."""
    scenario = _BY_CARD.get(card_number, SCENARIOS["unknown_card"])
    if scenario.key == "wrong_card" and client_reference == WRONG_CARD_REFERENCE:
        return SCENARIOS["success"]
    return scenario


def group_card_number(card_number: str) -> str:
    """Show a card number as it is printed: in fours, American Express as 4-6-5."""
    if len(card_number) == 15:
        return f"{card_number[:4]} {card_number[4:10]} {card_number[10:]}"
    return " ".join(card_number[i : i + 4] for i in range(0, len(card_number), 4))

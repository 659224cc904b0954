"""The issuer's register: what a card leads to, both verdicts computed while the card is in hand."""

from dataclasses import dataclass
from datetime import datetime

from app.clock import brussels_day
from app.domain.bank_results import CardVerification
from app.simulation.bank.areq import AuthenticationRequest
from app.simulation.bank.holders import SimulatedCardholder, after_recovery
from app.simulation.scenarios import (
    SCENARIOS,
    SECURITY_CODE,
    Scenario,
    ServerReply,
    find_scenario,
)

#: Any month of the next three years is the right expiry date of every test card.
_GOOD_MONTHS = 36


@dataclass(frozen=True)
class RegisterDecision:
    """The scenario, and what the verification will say if the cardholder signs."""

    scenario: Scenario
    verification: CardVerification | None


def look_card_up(
    request: AuthenticationRequest, holder: SimulatedCardholder, now: datetime
) -> RegisterDecision:
    """Look a card up; nothing of its number or code goes further than this."""
    scenario = after_recovery(find_scenario(request.number, request.client_reference), holder, now)
    if scenario.reply is not ServerReply.CHALLENGE:
        return RegisterDecision(scenario, None)
    months = _months_left(request.expiry, now)
    if months < 0:
        return RegisterDecision(SCENARIOS["expired_at_bank"], None)
    right = request.code == SECURITY_CODE and months < _GOOD_MONTHS
    if right or scenario.verification is not CardVerification.APPROVED:
        return RegisterDecision(scenario, scenario.verification)
    wrong = SCENARIOS["wrong_security_code"]
    return RegisterDecision(scenario if scenario.quirk else wrong, wrong.verification)


def _months_left(expiry: str, now: datetime) -> int:
    today = brussels_day(now)
    year, month = 2000 + int(expiry[:2]), int(expiry[2:])
    return (year - today.year) * 12 + month - today.month

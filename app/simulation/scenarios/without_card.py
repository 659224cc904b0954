"""Sections E and F: the link itself, and the banks that confirm in their own app."""

from app.domain.states import ActivationState, LinkCondition
from app.simulation.scenarios.row import Scenario, ScenarioSection, ServerReply


def _link_scenario(key: str, why: str, page: LinkCondition | ActivationState) -> Scenario:
    return Scenario(key, ScenarioSection.LINK, why, ServerReply.NEVER_ASKED, page=page)


def _bank_app_scenario(
    key: str, why: str, page: ActivationState | None, *, problem: bool = False
) -> Scenario:
    return Scenario(key, ScenarioSection.BANK_APP, why, ServerReply.NEVER_ASKED, page=page, problem=problem)


ROWS = (
    _link_scenario("link_altered", "The link is incomplete or was altered.", LinkCondition.ALTERED),
    _link_scenario("link_unknown", "No request has this link; KBC and CBC have none.", LinkCondition.UNKNOWN),
    _link_scenario("link_expired", "The link has expired.", LinkCondition.EXPIRED),
    _link_scenario("link_replaced", "A newer link has replaced this one.", LinkCondition.REPLACED),
    _link_scenario("link_withdrawn", "The accountant has withdrawn the request.", LinkCondition.WITHDRAWN),
    _link_scenario("link_active", "The service is active already.", LinkCondition.ACTIVE),
    _link_scenario("link_in_progress", "An attempt is open elsewhere.", ActivationState.AWAITING_BANK),
    _link_scenario("link_locked", "Too many counted refusals in a day.", LinkCondition.LOCKED),
    _link_scenario(
        "link_missing", "A page of the wizard was opened without the link.", LinkCondition.MISSING
    ),
    _bank_app_scenario("kbc_confirmed", "KBC or CBC: the holder confirms in the bank's app.", None),
    _bank_app_scenario(
        "kbc_refused",
        "KBC or CBC: the holder refuses in the bank's app.",
        ActivationState.INVITED,
        problem=True,
    ),
    _bank_app_scenario("kbc_silent", "KBC or CBC: the holder does nothing.", ActivationState.EXPIRED),
)

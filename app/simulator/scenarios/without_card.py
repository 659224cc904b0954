"""Sections E and F: the link itself, and the banks that confirm in their own app."""

from app.domain.activation import LinkCondition, State
from app.simulator.scenarios.row import Reply, Scenario, Section


def _link(key: str, why: str, page: LinkCondition | State) -> Scenario:
    return Scenario(key, Section.LINK, why, Reply.NEVER_ASKED, page=page)


def _bank_app(key: str, why: str, page: State | None, *, problem: bool = False) -> Scenario:
    return Scenario(key, Section.BANK_APP, why, Reply.NEVER_ASKED, page=page, problem=problem)


ROWS = (
    _link("link_altered", "The link is incomplete or was altered.", LinkCondition.ALTERED),
    _link("link_unknown", "No request has this link; KBC and CBC have none.", LinkCondition.UNKNOWN),
    _link("link_expired", "The link has expired.", LinkCondition.EXPIRED),
    _link("link_replaced", "A newer link has replaced this one.", LinkCondition.REPLACED),
    _link("link_withdrawn", "The accountant has withdrawn the request.", LinkCondition.WITHDRAWN),
    _link("link_active", "The service is active already.", LinkCondition.ACTIVE),
    _link("link_in_progress", "An attempt is open elsewhere.", State.AWAITING_BANK),
    _link("link_locked", "Too many counted refusals in a day.", LinkCondition.LOCKED),
    _link("link_missing", "A page of the wizard was opened without the link.", LinkCondition.MISSING),
    _bank_app("kbc_confirmed", "KBC or CBC: the holder confirms in the bank's app.", None),
    _bank_app(
        "kbc_refused", "KBC or CBC: the holder refuses in the bank's app.", State.INVITED, problem=True
    ),
    _bank_app("kbc_silent", "KBC or CBC: the holder does nothing.", State.EXPIRED),
)

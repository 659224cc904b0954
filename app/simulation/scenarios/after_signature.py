"""Sections C to F: a good signature that fails afterwards, a bank that misbehaves, links, the bank's app."""

from app.domain.bank_results import CardVerification, TransactionStatus
from app.domain.failures import ChecklistItem, Failure
from app.domain.states import ActivationState, LinkCondition
from app.simulation.scenarios.scenario import (
    BankPageRoute,
    RecoveryAction,
    ReturnFault,
    Scenario,
    ScenarioSection,
    ServerReply,
)


def _verification_scenario(
    key: str,
    card: str,
    why: str,
    verification: CardVerification,
    page: Failure,
    first: ChecklistItem,
    recovery: RecoveryAction,
    *,
    counts: bool = True,
) -> Scenario:
    return Scenario(
        key, ScenarioSection.AFTER_THE_SIGNATURE, why, ServerReply.CHALLENGE, (card,), BankPageRoute.SIGN,
        TransactionStatus.AUTHENTICATED, verification=verification,
        page=page, first_items=(first,), recovery=recovery, counts=counts, problem=True,
    )  # fmt: skip


def _misbehaving_scenario(key: str, card: str, why: str, quirk: ReturnFault) -> Scenario:
    return Scenario(
        key, ScenarioSection.MISBEHAVING_BANK, why, ServerReply.CHALLENGE, (card,), BankPageRoute.SIGN,
        TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED, quirk=quirk,
    )  # fmt: skip


ROWS = (
    _verification_scenario(
        "wrong_security_code", "4000000000000127", "The security code is wrong.",
        CardVerification.WRONG_SECURITY_CODE, Failure.CARD_DATA, ChecklistItem.DATA,
        RecoveryAction.RIGHT_DATA,
    ),
    _verification_scenario(
        "card_blocked", "4000005600000112", "Blocked by the bank.",
        CardVerification.CARD_BLOCKED, Failure.CARD_BLOCKED, ChecklistItem.BLOCKED,
        RecoveryAction.UNBLOCK_CARD,
    ),
    _verification_scenario(
        "card_never_used", "4000005600000120", "New, and never used with its PIN.",
        CardVerification.CARD_NEVER_USED, Failure.CARD_NEVER_USED, ChecklistItem.NEW_CARD,
        RecoveryAction.USE_CARD,
    ),
    _verification_scenario(
        "verification_timeout", "4000005600000104", "The verification is not available.",
        CardVerification.NOT_AVAILABLE, Failure.TECHNICAL, ChecklistItem.LATER, RecoveryAction.TRY_AGAIN,
        counts=False,
    ),
    Scenario(
        "forged_success", ScenarioSection.MISBEHAVING_BANK,
        "The browser's answer says yes, the server's says no.",
        ServerReply.CHALLENGE, ("4000005600000138",), BankPageRoute.SIGN,
        TransactionStatus.NOT_AUTHENTICATED, "01",
        quirk=ReturnFault.FORGED_CRES, page=Failure.CARD_DATA, first_items=(ChecklistItem.DATA,),
        recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True,
    ),
    _misbehaving_scenario(
        "garbled_cres", "4000005600000146", "The browser's answer is unreadable, the server's says yes.",
        ReturnFault.GARBLED_CRES,
    ),
    _misbehaving_scenario(
        "duplicate_return", "4000005600000153", "The way back is travelled twice.",
        ReturnFault.DUPLICATE_RETURN
    ),
    Scenario(
        "foreign_acs", ScenarioSection.MISBEHAVING_BANK, "The challenge is on a host that nobody configured.",
        ServerReply.FOREIGN_CHALLENGE, ("4000005600000161",),
        page=Failure.TECHNICAL, first_items=(ChecklistItem.LATER,), recovery=RecoveryAction.RIGHT_CARD,
    ),
    _misbehaving_scenario(
        "late_result", "4000005600000179", "The browser returns before the result is there.",
        ReturnFault.LATE_RESULT,
    ),
    _misbehaving_scenario(
        "no_return", "4000005600000187", "Signed, and never sent back.", ReturnFault.NO_RETURN,
    ),
)  # fmt: skip


def _link_scenario(key: str, why: str, page: LinkCondition | ActivationState) -> Scenario:
    return Scenario(key, ScenarioSection.LINK, why, ServerReply.NEVER_ASKED, page=page)


def _bank_app_scenario(
    key: str, why: str, page: ActivationState | None, *, problem: bool = False
) -> Scenario:
    return Scenario(key, ScenarioSection.BANK_APP, why, ServerReply.NEVER_ASKED, page=page, problem=problem)


WITHOUT_CARD = (
    _link_scenario("link_altered", "The link is incomplete or was altered.", LinkCondition.ALTERED),
    _link_scenario(
        "link_unknown", "No request has this link, as at a bank with an app.", LinkCondition.UNKNOWN
    ),
    _link_scenario("link_expired", "The link has expired.", LinkCondition.EXPIRED),
    _link_scenario("link_replaced", "A newer link has replaced this one.", LinkCondition.REPLACED),
    _link_scenario("link_withdrawn", "The accountant has withdrawn the request.", LinkCondition.WITHDRAWN),
    _link_scenario("link_active", "The service is active already.", LinkCondition.ACTIVE),
    _link_scenario("link_stopped", "The accountant has stopped the service.", LinkCondition.STOPPED),
    _link_scenario("link_in_progress", "An attempt is open elsewhere.", ActivationState.AWAITING_BANK),
    _link_scenario("link_locked", "Too many counted refusals in a day.", LinkCondition.LOCKED),
    _link_scenario(
        "link_missing", "A page of the wizard was opened without the link.", LinkCondition.MISSING
    ),
    _bank_app_scenario("kbc_confirmed", "Bank with an app: the holder confirms there.", None),
    _bank_app_scenario(
        "kbc_refused",
        "Bank with an app: the holder refuses there.",
        ActivationState.INVITED,
        problem=True,
    ),
    _bank_app_scenario("kbc_silent", "Bank with an app: the holder does nothing.", ActivationState.EXPIRED),
)

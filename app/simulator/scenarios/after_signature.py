"""Sections C and D: a good signature, then a verification that fails or a bank that misbehaves."""

from app.domain.failures import Failure, Item
from app.domain.results import Status, Verification
from app.simulator.scenarios.row import Quirk, Recovery, Reply, Route, Scenario, Section


def _verified(
    key: str,
    card: str,
    why: str,
    verification: Verification,
    page: Failure,
    first: Item,
    recovery: Recovery,
    *,
    counts: bool = True,
) -> Scenario:
    return Scenario(
        key, Section.AFTER_THE_SIGNATURE, why, Reply.CHALLENGE, (card,), Route.SIGN,
        Status.AUTHENTICATED, verification=verification,
        page=page, first_items=(first,), recovery=recovery, counts=counts, problem=True,
    )  # fmt: skip


def _activates(key: str, card: str, why: str, quirk: Quirk) -> Scenario:
    return Scenario(
        key, Section.MISBEHAVING_BANK, why, Reply.CHALLENGE, (card,), Route.SIGN,
        Status.AUTHENTICATED, verification=Verification.APPROVED, quirk=quirk,
    )  # fmt: skip


ROWS = (
    _verified(
        "wrong_security_code", "4000000000000127", "The security code is wrong.",
        Verification.WRONG_SECURITY_CODE, Failure.CARD_DATA, Item.DATA, Recovery.RIGHT_DATA,
    ),
    _verified(
        "card_blocked", "4000005600000112", "Blocked by the bank.",
        Verification.CARD_BLOCKED, Failure.CARD_BLOCKED, Item.BLOCKED, Recovery.UNBLOCK_CARD,
    ),
    _verified(
        "card_never_used", "4000005600000120", "New, and never used with its PIN.",
        Verification.CARD_NEVER_USED, Failure.CARD_NEVER_USED, Item.NEW_CARD, Recovery.USE_CARD,
    ),
    _verified(
        "verification_timeout", "4000005600000104", "The verification is not available.",
        Verification.NOT_AVAILABLE, Failure.TECHNICAL, Item.LATER, Recovery.TRY_AGAIN, counts=False,
    ),
    Scenario(
        "forged_success", Section.MISBEHAVING_BANK, "The browser's answer says yes, the server's says no.",
        Reply.CHALLENGE, ("4000005600000138",), Route.SIGN, Status.NOT_AUTHENTICATED, "01",
        quirk=Quirk.FORGED_CRES, page=Failure.CARD_DATA, first_items=(Item.DATA,),
        recovery=Recovery.RIGHT_CARD, counts=True, problem=True,
    ),
    _activates(
        "garbled_cres", "4000005600000146", "The browser's answer is unreadable, the server's says yes.",
        Quirk.GARBLED_CRES,
    ),
    _activates(
        "duplicate_return", "4000005600000153", "The way back is travelled twice.", Quirk.DUPLICATE_RETURN
    ),
    Scenario(
        "foreign_acs", Section.MISBEHAVING_BANK, "The challenge is on a host that nobody configured.",
        Reply.FOREIGN_CHALLENGE, ("4000005600000161",),
        page=Failure.TECHNICAL, first_items=(Item.LATER,), recovery=Recovery.RIGHT_CARD,
    ),
    _activates(
        "late_result", "4000005600000179", "The browser returns before the result is there.",
        Quirk.LATE_RESULT,
    ),
    _activates("no_return", "4000005600000187", "Signed, and never sent back.", Quirk.NO_RETURN),
)  # fmt: skip

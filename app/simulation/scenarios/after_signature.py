"""Sections C to F: a good signature that fails afterwards, a bank that misbehaves, links, the bank's app."""

from functools import partial

from flask_babel.speaklater import LazyString

from app.domain.bank_results import CardVerification, TransactionStatus
from app.domain.failures import ChecklistItem, Failure
from app.domain.states import ActivationState, LinkCondition
from app.i18n import _l
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
    why: LazyString,
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


_misbehaving = partial(
    Scenario,
    section=ScenarioSection.MISBEHAVING_BANK,
    reply=ServerReply.CHALLENGE,
    route=BankPageRoute.SIGN,
    status=TransactionStatus.AUTHENTICATED,
    verification=CardVerification.APPROVED,
)

ROWS = (
    _verification_scenario(
        "wrong_security_code", "4000000000000127", _l("The security code is wrong."),
        CardVerification.WRONG_SECURITY_CODE, Failure.CARD_DATA, ChecklistItem.DATA,
        RecoveryAction.RIGHT_DATA,
    ),
    _verification_scenario(
        "card_blocked", "4000005600000112", _l("Blocked by the bank."),
        CardVerification.CARD_BLOCKED, Failure.CARD_BLOCKED, ChecklistItem.BLOCKED,
        RecoveryAction.UNBLOCK_CARD,
    ),
    _verification_scenario(
        "card_never_used", "4000005600000120", _l("New, and never used with its PIN."),
        CardVerification.CARD_NEVER_USED, Failure.CARD_NEVER_USED, ChecklistItem.NEW_CARD,
        RecoveryAction.USE_CARD,
    ),
    _verification_scenario(
        "verification_timeout", "4000005600000104", _l("The verification is not available."),
        CardVerification.NOT_AVAILABLE, Failure.TECHNICAL, ChecklistItem.LATER, RecoveryAction.TRY_AGAIN,
        counts=False,
    ),
    Scenario(
        "forged_success", ScenarioSection.MISBEHAVING_BANK,
        _l("The browser's answer says yes, the server's says no."),
        ServerReply.CHALLENGE, ("4000005600000138",), BankPageRoute.SIGN,
        TransactionStatus.NOT_AUTHENTICATED, "01",
        quirk=ReturnFault.FORGED_CRES, page=Failure.CARD_DATA, first_items=(ChecklistItem.DATA,),
        recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True,
    ),
    _misbehaving(
        "garbled_cres", why=_l("The browser's answer is unreadable, the server's says yes."),
        cards=("4000005600000146",), quirk=ReturnFault.GARBLED_CRES,
    ),
    _misbehaving(
        "duplicate_return", why=_l("The way back is travelled twice."),
        cards=("4000005600000153",), quirk=ReturnFault.DUPLICATE_RETURN,
    ),
    Scenario(
        "foreign_acs", ScenarioSection.MISBEHAVING_BANK,
        _l("The challenge is on a host that nobody configured."),
        ServerReply.FOREIGN_CHALLENGE, ("4000005600000161",),
        page=Failure.TECHNICAL, first_items=(ChecklistItem.LATER,), recovery=RecoveryAction.RIGHT_CARD,
    ),
    _misbehaving(
        "late_result", why=_l("The browser returns before the result is there."),
        cards=("4000005600000179",), quirk=ReturnFault.LATE_RESULT,
    ),
    _misbehaving(
        "no_return", why=_l("Signed, and never sent back."),
        cards=("4000005600000187",), quirk=ReturnFault.NO_RETURN,
    ),
)  # fmt: skip


_link = partial(Scenario, section=ScenarioSection.LINK, reply=ServerReply.NEVER_ASKED)
_bank_app = partial(Scenario, section=ScenarioSection.BANK_APP, reply=ServerReply.NEVER_ASKED)

WITHOUT_CARD = (
    _link("link_altered", why=_l("The link is incomplete or was altered."), page=LinkCondition.ALTERED),
    _link(
        "link_unknown",
        why=_l("No request has this link, as at a bank with an app."),
        page=LinkCondition.UNKNOWN,
    ),
    _link("link_expired", why=_l("The link has expired."), page=LinkCondition.EXPIRED),
    _link("link_replaced", why=_l("A newer link has replaced this one."), page=LinkCondition.REPLACED),
    _link(
        "link_withdrawn",
        why=_l("The accounting office has cancelled the request."),
        page=LinkCondition.WITHDRAWN,
    ),
    _link("link_active", why=_l("The service is active already."), page=LinkCondition.ACTIVE),
    _link(
        "link_stopped", why=_l("The accounting office has stopped the service."), page=LinkCondition.STOPPED
    ),
    _link("link_in_progress", why=_l("An attempt is open elsewhere."), page=ActivationState.AWAITING_BANK),
    _link("link_locked", why=_l("Too many counted refusals in a day."), page=LinkCondition.LOCKED),
    _link(
        "link_missing",
        why=_l("A page of the wizard was opened without the link."),
        page=LinkCondition.MISSING,
    ),
    _bank_app("kbc_confirmed", why=_l("Bank with an app: the cardholder confirms there.")),
    _bank_app(
        "kbc_refused",
        why=_l("Bank with an app: the cardholder refuses there."),
        page=ActivationState.INVITED,
        problem=True,
    ),
    _bank_app(
        "kbc_silent",
        why=_l("Bank with an app: the cardholder does nothing."),
        page=ActivationState.EXPIRED,
    ),
)

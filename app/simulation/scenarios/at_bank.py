"""Section B: the endings on the bank's side, most of them on its page."""

from functools import partial

from flask_babel.speaklater import LazyString

from app.domain.bank_results import CardVerification, TransactionStatus
from app.domain.failures import ChecklistItem, Failure
from app.i18n import _l
from app.simulation.scenarios.scenario import (
    BankPageRoute,
    RecoveryAction,
    Scenario,
    ScenarioSection,
    ServerReply,
)

_EITHER = (ChecklistItem.ONLINE, ChecklistItem.BLOCKED)
_PASSING = (ChecklistItem.LATER, ChecklistItem.TOO_OFTEN)


_success = partial(
    Scenario,
    section=ScenarioSection.AT_THE_BANK,
    reply=ServerReply.CHALLENGE,
    route=BankPageRoute.SIGN,
    status=TransactionStatus.AUTHENTICATED,
    verification=CardVerification.APPROVED,
)


def _challenge_scenario(
    key: str,
    why: LazyString,
    route: BankPageRoute,
    verdict: tuple[TransactionStatus, str | None, str | None],
    page: Failure,
    first: ChecklistItem | None = None,
    *,
    cards: tuple[str, ...] = (),
    bank_says: LazyString | None = None,
    recovery: RecoveryAction = RecoveryAction.TRY_AGAIN,
    counts: bool = False,
    problem: bool = False,
) -> Scenario:
    status, reason, cancel = verdict
    likeliest = (first,) if first else ()
    items = _EITHER if reason == "12" else likeliest
    return Scenario(
        key, ScenarioSection.AT_THE_BANK, why, ServerReply.CHALLENGE, cards, route, status, reason, cancel,
        bank_says=bank_says, page=page, first_items=items, recovery=recovery, counts=counts, problem=problem,
    )  # fmt: skip


def _frictionless_scenario(
    key: str,
    card: str,
    why: LazyString,
    status: TransactionStatus,
    reason: str | None,
    page: Failure,
    first: ChecklistItem,
    *,
    counts: bool = False,
    problem: bool = False,
) -> Scenario:
    later = RecoveryAction.TRY_AGAIN if first in _PASSING else RecoveryAction.RIGHT_CARD
    return Scenario(
        key, ScenarioSection.AT_THE_BANK, why, ServerReply.FINAL, (card,), BankPageRoute.NONE, status, reason,
        page=page, first_items=(first,), recovery=later, counts=counts, problem=problem,
    )  # fmt: skip


_N, _R, _U = TransactionStatus.NOT_AUTHENTICATED, TransactionStatus.REJECTED, TransactionStatus.UNAVAILABLE

ROWS = (
    _success("success", why=_l("Visa credit, signed."), cards=("4000024329596391",)),
    _success("success_mastercard", why=_l("Mastercard credit, signed."), cards=("5399999999999999",)),
    _challenge_scenario(
        "wrong_pin", _l("Any good card. The response is wrong three times."), BankPageRoute.WRONG_RESPONSES,
        (_N, "19", None), Failure.PIN, ChecklistItem.PIN_BLOCKED,
        recovery=RecoveryAction.UNBLOCK_PIN, counts=True, problem=True,
    ),
    _challenge_scenario(
        "cancelled", _l("Any good card, cancelled on the bank's page."), BankPageRoute.CANCEL,
        (_N, "26", "01"), Failure.CANCELLED,
    ),
    _challenge_scenario(
        "abandoned", _l("Any good card. The bank's page is left open for ten minutes."), BankPageRoute.LEAVE,
        (_N, "14", "04"), Failure.TIMED_OUT,
    ),
    _challenge_scenario(
        "handoff_late", _l("Any good card. The browser reaches the bank after thirty seconds."),
        BankPageRoute.ARRIVE_LATE, (_N, "14", "05"), Failure.HANDOFF_LATE,
    ),
    _challenge_scenario(
        "online_payments_off", _l("Online payments are not allowed on this card."), BankPageRoute.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, ChecklistItem.ONLINE,
        cards=("4000005600000013",), recovery=RecoveryAction.ALLOW_ONLINE, problem=True,
        bank_says=_l("Online payments are not allowed on this card."),
    ),
    _challenge_scenario(
        "temporarily_blocked", _l("Temporarily blocked in the bank's app."), BankPageRoute.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, ChecklistItem.BLOCKED,
        cards=("4000005600000021",), recovery=RecoveryAction.UNBLOCK_CARD, problem=True,
        bank_says=_l("You have temporarily blocked this card in your bank's app."),
    ),
    _challenge_scenario(
        "just_unblocked",
        _l("A blocked card less than five minutes after it was unblocked."),
        BankPageRoute.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, ChecklistItem.BLOCKED, recovery=RecoveryAction.WAIT,
        problem=True,
        bank_says=_l("This card was unblocked a moment ago. It works again after five minutes."),
    ),
    _challenge_scenario(
        "refused_no_reason", _l("Refused after a correct signature, no reason given."), BankPageRoute.SIGN,
        (_N, None, None), Failure.REFUSED, ChecklistItem.ONLINE,
        cards=("4000008400001629",), recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True,
    ),
    _frictionless_scenario(
        "suspected_fraud", "4000005600000039", _l("Suspected fraud."), _R, "11",
        Failure.BANK_REFUSED, ChecklistItem.BANK, counts=True, problem=True,
    ),
    _frictionless_scenario(
        "stolen", "4000000000009979", _l("Reported as stolen."), _R, "10",
        Failure.BANK_REFUSED, ChecklistItem.BANK, counts=True, problem=True,
    ),
    _frictionless_scenario(
        "lost", "4000000000009987", _l("Reported as lost."), _R, "10",
        Failure.BANK_REFUSED, ChecklistItem.BANK, counts=True, problem=True,
    ),
    _frictionless_scenario(
        "too_frequent", "4000005600000047", _l("Too many requests for this card."), _R, "04",
        Failure.TOO_FREQUENT, ChecklistItem.TOO_OFTEN, problem=True,
    ),
    _frictionless_scenario(
        "not_enrolled", "4000005600000054", _l("Not enrolled in 3-D Secure."), _N, "13",
        Failure.BANK_REFUSED, ChecklistItem.BANK, problem=True,
    ),
    _frictionless_scenario(
        "non_payment_unsupported", "4000005600000062", _l("The bank does not sign requests without payment."),
        _U, "20", Failure.BANK_REFUSED, ChecklistItem.BANK,
    ),
    _frictionless_scenario(
        "bank_technical", "4000000000000119", _l("Technical problem at the bank."), _U, "22",
        Failure.TECHNICAL, ChecklistItem.LATER,
    ),
    _frictionless_scenario(
        "attempt_only", "4000005600000070", _l("Proof of an attempt only: no signature is no consent."),
        TransactionStatus.ATTEMPTED, None, Failure.TECHNICAL, ChecklistItem.LATER,
    ),
    _frictionless_scenario(
        "frictionless", "4000005600000088",
        _l("Authenticated without a challenge: the signature is required."),
        TransactionStatus.AUTHENTICATED, None, Failure.BANK_REFUSED, ChecklistItem.BANK,
    ),
    _challenge_scenario(
        "reserved_reason", _l("Refused after a correct signature, with a reserved reason code."),
        BankPageRoute.SIGN,
        (_N, "87", None), Failure.CARD_DATA, ChecklistItem.DATA,
        cards=("4000005600000096",), recovery=RecoveryAction.RIGHT_DATA, counts=True, problem=True,
    ),
    _frictionless_scenario(
        "expired_at_bank", "4000000000000069", _l("Expired for the bank."), _N, "05",
        Failure.CARD_EXPIRED, ChecklistItem.VALIDITY, counts=True, problem=True,
    ),
    _challenge_scenario(
        "card_replaced",
        _l("The bank has sent a newer card, and this one no longer works."),
        BankPageRoute.SIGN,
        (_N, "05", None), Failure.CARD_EXPIRED, ChecklistItem.VALIDITY,
        cards=("4000005600000203",), recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True,
        bank_says=_l("This card was replaced by a newer one."),
    ),
    _challenge_scenario(
        "device_not_accepted", _l("The bank does not support this device or browser."), BankPageRoute.SIGN,
        (_N, "03", None), Failure.DEVICE, ChecklistItem.DEVICE,
        cards=("4000005600000211",), recovery=RecoveryAction.RIGHT_CARD, counts=True, problem=True,
        bank_says=_l("This device or browser is not accepted."),
    ),
)  # fmt: skip

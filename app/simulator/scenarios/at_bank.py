"""Section B: the endings on the bank's side, most of them on its page."""

from flask_babel.speaklater import LazyString

from app.domain.failures import Failure, Item
from app.domain.results import Status, Verification
from app.i18n import _l
from app.simulator.scenarios.row import Recovery, Reply, Route, Scenario, Section

_EITHER = (Item.ONLINE, Item.BLOCKED)


def _success(key: str, card: str, why: str) -> Scenario:
    return Scenario(
        key,
        Section.AT_THE_BANK,
        why,
        Reply.CHALLENGE,
        (card,),
        Route.SIGN,
        Status.AUTHENTICATED,
        verification=Verification.APPROVED,
    )


def _on_page(
    key: str,
    why: str,
    route: Route,
    verdict: tuple[Status, str | None, str | None],
    page: Failure,
    first: Item,
    *,
    cards: tuple[str, ...] = (),
    bank_says: LazyString | None = None,
    recovery: Recovery = Recovery.TRY_AGAIN,
    counts: bool = False,
    problem: bool = False,
) -> Scenario:
    status, reason, cancel = verdict
    items = _EITHER if reason == "12" else (first,)
    return Scenario(
        key, Section.AT_THE_BANK, why, Reply.CHALLENGE, cards, route, status, reason, cancel,
        bank_says=bank_says, page=page, first_items=items, recovery=recovery, counts=counts, problem=problem,
    )  # fmt: skip


def _at_once(
    key: str,
    card: str,
    why: str,
    status: Status,
    reason: str | None,
    page: Failure,
    first: Item,
    *,
    counts: bool = False,
    problem: bool = False,
) -> Scenario:
    later = Recovery.TRY_AGAIN if first is Item.LATER else Recovery.RIGHT_CARD
    return Scenario(
        key, Section.AT_THE_BANK, why, Reply.FINAL, (card,), Route.NONE, status, reason,
        page=page, first_items=(first,), recovery=later, counts=counts, problem=problem,
    )  # fmt: skip


_N, _R, _U = Status.NOT_AUTHENTICATED, Status.REJECTED, Status.UNAVAILABLE

ROWS = (
    _success("success", "4000024329596391", "Visa credit, signed."),
    _success("success_mastercard", "5399999999999999", "Mastercard credit, signed."),
    _on_page(
        "wrong_pin", "Any good card; the response is wrong three times.", Route.WRONG_RESPONSES,
        (_N, "19", None), Failure.PIN, Item.PIN,
        recovery=Recovery.UNBLOCK_PIN, counts=True, problem=True,
    ),
    _on_page(
        "cancelled", "Any good card; cancelled on the bank's page.", Route.CANCEL,
        (_N, "26", "01"), Failure.CANCELLED, Item.AGAIN,
    ),
    _on_page(
        "abandoned", "Any good card; the bank's page is left open for ten minutes.", Route.LEAVE,
        (_N, "14", "04"), Failure.TIMED_OUT, Item.LATER,
    ),
    _on_page(
        "handoff_late", "Any good card; the browser reaches the bank after thirty seconds.",
        Route.ARRIVE_LATE, (_N, "14", "05"), Failure.HANDOFF_LATE, Item.AGAIN,
    ),
    _on_page(
        "online_payments_off", "Online payments are not allowed on this card.", Route.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, Item.ONLINE,
        cards=("4000005600000013",), recovery=Recovery.ALLOW_ONLINE, problem=True,
        bank_says=_l("Online payments are not allowed on this card."),
    ),
    _on_page(
        "temporarily_blocked", "Temporarily blocked in the bank's app.", Route.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, Item.BLOCKED,
        cards=("4000005600000021",), recovery=Recovery.UNBLOCK_CARD, problem=True,
        bank_says=_l("You have temporarily blocked this card in your bank's app."),
    ),
    _on_page(
        "just_unblocked", "A blocked card less than five minutes after it was unblocked.", Route.SIGN,
        (_R, "12", None), Failure.NOT_PERMITTED, Item.BLOCKED, recovery=Recovery.WAIT, problem=True,
        bank_says=_l("This card was unblocked a moment ago. It works again after five minutes."),
    ),
    _on_page(
        "refused_no_reason", "Refused after a correct signature, no reason given.", Route.SIGN,
        (_N, None, None), Failure.REFUSED, Item.ONLINE,
        cards=("4000008400001629",), recovery=Recovery.RIGHT_CARD, counts=True, problem=True,
    ),
    _at_once(
        "suspected_fraud", "4000005600000039", "Suspected fraud.", _R, "11",
        Failure.BANK_REFUSED, Item.BANK, counts=True, problem=True,
    ),
    _at_once(
        "stolen", "4000000000009979", "Reported as stolen.", _R, "10",
        Failure.BANK_REFUSED, Item.BANK, counts=True, problem=True,
    ),
    _at_once(
        "lost", "4000000000009987", "Reported as lost.", _R, "10",
        Failure.BANK_REFUSED, Item.BANK, counts=True, problem=True,
    ),
    _at_once(
        "too_frequent", "4000005600000047", "Too many requests for this card.", _R, "04",
        Failure.TOO_FREQUENT, Item.LATER, problem=True,
    ),
    _at_once(
        "not_enrolled", "4000005600000054", "Not enrolled in 3-D Secure.", _N, "13",
        Failure.BANK_REFUSED, Item.BANK, problem=True,
    ),
    _at_once(
        "non_payment_unsupported", "4000005600000062", "The bank does not sign requests without payment.",
        _U, "20", Failure.BANK_REFUSED, Item.BANK,
    ),
    _at_once(
        "bank_technical", "4000000000000119", "Technical problem at the bank.", _U, "22",
        Failure.TECHNICAL, Item.LATER,
    ),
    _at_once(
        "attempt_only", "4000005600000070", "Proof of an attempt only: no signature is no consent.",
        Status.ATTEMPTED, None, Failure.TECHNICAL, Item.LATER,
    ),
    _at_once(
        "frictionless", "4000005600000088", "Authenticated without a challenge: the signature is required.",
        Status.AUTHENTICATED, None, Failure.BANK_REFUSED, Item.BANK,
    ),
    _on_page(
        "reserved_reason", "Refused after a correct signature, with a reserved reason code.", Route.SIGN,
        (_N, "87", None), Failure.CARD_DATA, Item.DATA,
        cards=("4000005600000096",), recovery=Recovery.RIGHT_DATA, counts=True, problem=True,
    ),
    _at_once(
        "expired_at_bank", "4000000000000069", "Expired for the bank.", _N, "05",
        Failure.CARD_EXPIRED, Item.VALIDITY, counts=True, problem=True,
    ),
    _on_page(
        "card_replaced", "The bank has sent a newer card, and this one no longer works.", Route.SIGN,
        (_N, "05", None), Failure.CARD_EXPIRED, Item.VALIDITY,
        cards=("4000005600000203",), recovery=Recovery.RIGHT_CARD, counts=True, problem=True,
        bank_says=_l("This card was replaced by a newer one."),
    ),
    _on_page(
        "device_not_accepted", "The bank does not support this device or browser.", Route.SIGN,
        (_N, "03", None), Failure.DEVICE, Item.DEVICE,
        cards=("4000005600000211",), recovery=Recovery.RIGHT_CARD, counts=True, problem=True,
        bank_says=_l("This device or browser is not accepted."),
    ),
)  # fmt: skip

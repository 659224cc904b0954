"""The result page of each state, which asks the journey for what it tells; looking changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.clock import brussels_day
from app.domain.cards import masked_card
from app.domain.identifiers import mask_address, shorten_reference
from app.domain.message_rules import ON_LINK_PAGES
from app.domain.states import ATTEMPT_TIME, ActivationState, LinkCondition, first_statement_month
from app.queries.activation_view import ActivationView, AttemptView
from app.web.extensions import services
from app.web.failure_pages import build_failure_page, lock_failure_page
from app.web.message_pages import offer_messages
from app.wizard.journey import Journey

#: The steps of the progress at which an attempt can stop: refused before the bank's page, or later.
_CARD_STEP, _BANK_STEP = 2, 3


@dataclass(frozen=True)
class ResultPage:
    """Which template tells the result, and with which words."""

    template: str
    words: Mapping[str, object]


def build_result_page(journey: Journey, activation: ActivationView, now: datetime) -> ResultPage | None:
    """Return the page of the result, or None where there is nothing to tell yet."""
    return _PAGES[activation.state](journey, activation, now)


def _pending_page(journey: Journey, activation: ActivationView, now: datetime) -> ResultPage:
    attempt = journey.last_attempt(activation)
    open_now = handoff_state(attempt, now) is HandoffState.OPEN
    ends_at = (attempt.started_at if attempt else now) + ATTEMPT_TIME
    return ResultPage("wizard/pending.html", {"handoff_open": open_now, "ends_at": ends_at})


def _active_page(journey: Journey, activation: ActivationView, now: datetime) -> ResultPage:
    since = activation.activated_at or now
    first_month = first_statement_month(brussels_day(since))
    kept = journey.receipt(activation)
    words = {
        "since": since,
        "first_month": first_month,
        "consent": shorten_reference(kept.consent) if kept else None,
        "card": masked_card(kept.brand, kept.last_four) if kept else None,
        "terms": {"version": kept.terms_version, "language": kept.terms_language} if kept else None,
        "address": mask_address(kept.address) if kept and kept.address else None,
    }
    return ResultPage("wizard/active.html", words)


def _failed_page(journey: Journey, activation: ActivationView, now: datetime) -> ResultPage | None:
    attempt = journey.last_attempt(activation)
    if attempt is None or attempt.failure is None or not attempt.has_failed_since(activation.invited_at):
        return None
    page = build_failure_page(attempt.failure, activation.client_reference, attempt.concluded_at or now, now)
    opens_at = journey.card_page_opens_at(activation)
    if opens_at:
        page = lock_failure_page(page, activation.office, opens_at, now, services().settings.caps)
    closed = ON_LINK_PAGES[LinkCondition.LOCKED] if opens_at else ()
    stopped_at = _BANK_STEP if attempt.challenged_at else _CARD_STEP
    words = {"failure": page, "stopped_at": stopped_at, "choices": offer_messages(activation, closed)}
    return ResultPage("wizard/failure.html", words)


def _no_page(_journey: Journey, _activation: ActivationView, _now: datetime) -> None:
    return None


#: Total over the states: those without a page of their own have nothing to tell here.
_PAGES: Mapping[ActivationState, Callable[[Journey, ActivationView, datetime], ResultPage | None]] = {
    ActivationState.INVITED: _no_page,
    ActivationState.TERMS_ACCEPTED: _failed_page,
    ActivationState.AWAITING_BANK: _pending_page,
    ActivationState.ACTIVE: _active_page,
    ActivationState.EXPIRED: _no_page,
    ActivationState.CANCELLED: _no_page,
    ActivationState.REVOKED: _no_page,
}

#: A reserved attempt that has no answer after this was cut off; the pending page tells of it.
_ASKING = timedelta(seconds=20)


class HandoffState(StrEnum):
    """What the browser can do about the bank's page."""

    ASKING = "asking"
    OPEN = "open"
    OVER = "over"


def handoff_state(attempt: AttemptView | None, now: datetime) -> HandoffState:
    """Tell whether the bank is still being asked, waits for the browser, or no longer does."""
    if attempt is None or attempt.concluded_at or attempt.returned_at:
        return HandoffState.OVER
    if attempt.is_handoff_open(now):
        return HandoffState.OPEN
    asking = attempt.challenged_at is None and now < attempt.started_at + _ASKING
    return HandoffState.ASKING if asking else HandoffState.OVER

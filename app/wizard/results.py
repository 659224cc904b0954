"""The result page as a function of the state and the last attempt; nothing is changed by looking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.activations import LastAttempt, Standing
from app.clock import brussels_day
from app.domain.activation import ATTEMPT_TIME, State
from app.domain.statements import first_statement_month
from app.web.failure_pages import failure_page
from app.wizard.handoff import Handoff, handoff


@dataclass(frozen=True)
class ResultPage:
    """Which template tells the result, and with which words."""

    template: str
    words: Mapping[str, object]


def result_page(standing: Standing, attempt: LastAttempt | None, now: datetime) -> ResultPage | None:
    """Return the page of the result, or None where there is nothing to tell yet."""
    return _PAGES[standing.state](standing, attempt, now)


def _pending(_standing: Standing, attempt: LastAttempt | None, now: datetime) -> ResultPage:
    open_now = handoff(attempt, now) is Handoff.OPEN
    ends_at = (attempt.started_at if attempt else now) + ATTEMPT_TIME
    return ResultPage("wizard/pending.html", {"handoff_open": open_now, "ends_at": ends_at})


def _active(standing: Standing, _attempt: LastAttempt | None, now: datetime) -> ResultPage:
    since = standing.activated_at or now
    first_month = first_statement_month(brussels_day(since))
    return ResultPage("wizard/active.html", {"since": since, "first_month": first_month})


def _failed(standing: Standing, attempt: LastAttempt | None, now: datetime) -> ResultPage | None:
    if attempt is None or attempt.failure is None:
        return None
    told = failure_page(attempt.failure, standing.client_reference, attempt.concluded_at or now, now)
    return ResultPage("wizard/failure.html", {"failure": told})


def _nothing(_standing: Standing, _attempt: LastAttempt | None, _now: datetime) -> None:
    return None


#: Total over the states: those without a page of their own have nothing to tell here.
_PAGES: Mapping[State, Callable[[Standing, LastAttempt | None, datetime], ResultPage | None]] = {
    State.INVITED: _nothing,
    State.TERMS_ACCEPTED: _failed,
    State.AWAITING_BANK: _pending,
    State.ACTIVE: _active,
    State.EXPIRED: _nothing,
    State.CANCELLED: _nothing,
    State.REVOKED: _nothing,
}

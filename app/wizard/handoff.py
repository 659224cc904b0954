"""The way to the bank's own page: when it is open."""

from datetime import datetime, timedelta
from enum import StrEnum

from app.activations import AttemptView

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

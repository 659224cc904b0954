"""The way to the bank's own page: when it is open, and what the browser carries there."""

import base64
import json
from datetime import datetime, timedelta
from enum import StrEnum

from app.activations import LastAttempt

#: A reserved attempt that has no answer after this was cut off; the pending page tells of it.
_ASKING = timedelta(seconds=20)


class Handoff(StrEnum):
    """What the browser can do about the bank's page."""

    ASKING = "asking"
    OPEN = "open"
    OVER = "over"


def handoff(attempt: LastAttempt | None, now: datetime) -> Handoff:
    """Tell whether the bank is still being asked, waits for the browser, or no longer does."""
    if attempt is None or attempt.concluded_at or attempt.returned_at:
        return Handoff.OVER
    if attempt.handoff_open(now):
        return Handoff.OPEN
    asking = attempt.challenged_at is None and now < attempt.started_at + _ASKING
    return Handoff.ASKING if asking else Handoff.OVER


def creq(attempt: LastAttempt) -> str:
    """Return the challenge request that the browser posts (EMV 3DS 2.2.0: base64url without padding)."""
    message = {
        "messageType": "CReq",
        "messageVersion": "2.2.0",
        "threeDSServerTransID": attempt.transaction,
        "acsTransID": attempt.acs_transaction,
        # Window size 05 is the full page.
        "challengeWindowSize": "05",
    }
    return base64.urlsafe_b64encode(json.dumps(message).encode()).rstrip(b"=").decode()

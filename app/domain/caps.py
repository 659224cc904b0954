"""How often is enough: what closes the card page, and what spares somebody's mailbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.history import EventType

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)

#: One mistake can always be mended, and pages write the number as a word.
FEWEST, MOST = 2, 10

#: What counts as sending; ordering does not.
SENDS = (EventType.RESENT, EventType.LINK_REPLACED, EventType.RELAUNCHED)


@dataclass(frozen=True)
class Caps:
    """How often something may happen before it has to wait; each is a setting."""

    #: Counted refusals that close the card page (PSD2 RTS art. 4(3)(b), read for our own pages).
    refusals_a_day: int = 5
    #: So often a request may be sent again, replaced or taken up again; ordering it does not count.
    sends_a_day: int = 3
    #: More links than this are asked for by somebody else than the accountant.
    sign_in_links_an_hour: int = 5


def next_allowed_at(times: Iterable[datetime], cap: int, within: timedelta, now: datetime) -> datetime | None:
    """Return when there is room for one more, None where there is now."""
    lately = sorted(at for at in times if at > now - within)
    return lately[-cap] + within if len(lately) >= cap else None


def can_send_again_at(history: Iterable[Any], caps: Caps, now: datetime) -> datetime | None:
    """Return when the cardholder may be written to again by its history, None where that is now."""
    return next_allowed_at(
        (event.at for event in history if event.event_type in SENDS), caps.sends_a_day, DAY, now
    )

"""The only place that reads or measures time; everything else is handed a clock and a stopwatch."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from time import monotonic
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
#: Seconds since some moment in the past: what lies between two readings is how long something took.
Stopwatch = Callable[[], float]

#: A job of the worker that meets a slow relay or bank leaves the rest for its next turn after so long.
_JOB_SECONDS = 5

BRUSSELS = ZoneInfo("Europe/Brussels")


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def system_stopwatch() -> float:
    """Return seconds that no change of the machine's clock makes longer or shorter."""
    return monotonic()


def start_time_limit(stopwatch: Stopwatch) -> Callable[[], bool]:
    """Start the time limit of one job; return what tells whether there is time left."""
    end = stopwatch() + _JOB_SECONDS
    return lambda: stopwatch() < end


def brussels_day(instant: datetime) -> date:
    """Return the calendar day of an instant where the cardholders live."""
    return instant.astimezone(BRUSSELS).date()

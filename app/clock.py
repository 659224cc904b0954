"""The only place that reads, measures or lets go by time; all else is handed what does."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from time import monotonic, sleep
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
#: Seconds since some moment in the past: what lies between two readings is how long something took.
Stopwatch = Callable[[], float]
#: Lets so many seconds go by.
Pause = Callable[[float], None]

#: A job of the worker that meets a slow relay or bank leaves the rest for its next turn after so long.
_JOB_SECONDS = 5

BRUSSELS = ZoneInfo("Europe/Brussels")


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def system_stopwatch() -> float:
    """Return seconds that no change of the machine's clock makes longer or shorter."""
    return monotonic()


def system_pause(seconds: float) -> None:
    """Let real time go by."""
    sleep(seconds)


def start_time_limit(stopwatch: Stopwatch) -> Callable[[], bool]:
    """Start the time limit of one job; return what tells whether there is time left."""
    end = stopwatch() + _JOB_SECONDS
    return lambda: stopwatch() < end


def brussels_day(instant: datetime) -> date:
    """Return the calendar day of an instant where the cardholders live."""
    return instant.astimezone(BRUSSELS).date()

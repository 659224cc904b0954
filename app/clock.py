"""The only place that reads the time; everything else is handed a clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

BRUSSELS = ZoneInfo("Europe/Brussels")


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)


def brussels_day(instant: datetime) -> date:
    """Return the calendar day of an instant where the cardholders live."""
    return instant.astimezone(BRUSSELS).date()

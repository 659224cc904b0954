"""Instants as a cardholder in Belgium reads them."""

from datetime import datetime

from babel.dates import format_date, format_time

from app.clock import BRUSSELS, brussels_day
from app.i18n import current_language

#: How dates are written in Belgium, and in the English of Europe.
_LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_GB", "de": "de_BE"}


def clock_time(instant: datetime) -> str:
    """Return the time of the day in Brussels, like 14:35."""
    return format_time(instant.astimezone(BRUSSELS), "HH:mm", locale=_LOCALES[current_language()])


def day(instant: datetime) -> str:
    """Return the day in Brussels, written in full."""
    return format_date(brussels_day(instant), "long", locale=_LOCALES[current_language()])


def month_after(instant: datetime) -> str:
    """Return the month that follows the instant in Brussels, with its year."""
    today = brussels_day(instant)
    following = today.replace(year=today.year + today.month // 12, month=today.month % 12 + 1, day=1)
    return format_date(following, "MMMM yyyy", locale=_LOCALES[current_language()])

"""Languages: which ones there are, which one a request speaks, and the sentences in it.

English is the language of the msgids and needs no catalogue; each other language has one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from math import inf
from pathlib import Path
from typing import Literal

from babel import dates, lists, numbers
from flask import g
from flask_babel.speaklater import LazyString
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.catalogues import SOURCE, BadCatalogues, find_faults, load_catalogue
from app.clock import BRUSSELS, brussels_day
from app.paths import CATALOGUES

ListStyle = Literal["standard", "or"]


@dataclass(frozen=True)
class LanguageEntry:
    """A language: its own name, the locale whose habits its dates follow, its first day of a month.

    `first_day` is a pattern of CLDR; None where the first is written like any other day.
    """

    name: str
    locale: str
    first_day: str | None = None


#: THE list of languages, in the order of menus: everything else is derived from it.
LANGUAGE_TABLE: Mapping[str, LanguageEntry] = {
    "fr": LanguageEntry("Français", "fr_BE", first_day="d'er' MMMM y"),
    "nl": LanguageEntry("Nederlands", "nl_BE"),
    "en": LanguageEntry("English", "en_GB"),
    "de": LanguageEntry("Deutsch", "de_BE"),
}
LANGUAGES: Mapping[str, str] = {code: entry.name for code, entry in LANGUAGE_TABLE.items()}
#: The languages that need a catalogue.
TRANSLATED = tuple(code for code in LANGUAGES if code != SOURCE)
#: What is spoken where nobody has chosen; a setting may say another one for pages.
DEFAULT_LANGUAGE = "fr"
NO_BREAK_SPACE = "\u00a0"
_LONGEST_ACCEPTED = 200


@cache
def require_catalogues(folder: Path = CATALOGUES) -> None:
    """Raise BadCatalogues where a language would be answered in English."""
    if faults := find_faults(LANGUAGES, folder):
        raise BadCatalogues(faults, folder)


def current_language() -> str:
    """Return the language of the page or mail being made."""
    language: str = g.get("language", DEFAULT_LANGUAGE)
    return language


def set_locale(language: str) -> None:
    """Speak this language for the rest of the request."""
    g.language = language


def follow_language(language: str) -> None:
    """Speak the language of the activation or accountant, unless the reader has chosen one."""
    if not g.get("language_chosen"):
        set_locale(language)


@contextmanager
def override_locale(language: str) -> Iterator[None]:
    """Speak another language for a while: a mail speaks its recipient's."""
    before = current_language()
    set_locale(language)
    try:
        yield
    finally:
        set_locale(before)


def gettext(msgid: str) -> str:
    """Translate one whole sentence."""
    return load_catalogue(current_language()).gettext(msgid)


def _(msgid: str, **params: object) -> str:
    """Translate a sentence and fill its named placeholders."""
    text = gettext(msgid)
    return text % params if params else text


def _l(msgid: str, **params: object) -> LazyString:
    """Mark a sentence for translation at the moment it is shown."""
    return LazyString(partial(_, msgid, **params))


def format_time(instant: datetime) -> str:
    """Write the time of the day in Brussels, like 14:35."""
    return dates.format_time(
        instant.astimezone(BRUSSELS), "HH:mm", locale=LANGUAGE_TABLE[current_language()].locale
    )


@lru_cache(maxsize=1024)
def format_day(day: date, language: str) -> str:
    """Write a day in full, like 7 décembre 2026 or 1er décembre 2026, so that no line may tear it."""
    entry = LANGUAGE_TABLE[language]
    shape = entry.first_day if day.day == 1 and entry.first_day else "long"
    return dates.format_date(day, shape, locale=entry.locale).replace(" ", NO_BREAK_SPACE)


def format_date(instant: datetime) -> str:
    """Write the day in Brussels in full, in the language that is spoken."""
    return format_day(brussels_day(instant), current_language())


def format_month(day: date, language: str | None = None) -> str:
    """Write the month of a day with its year, like décembre 2026, so that no line may tear it."""
    entry = LANGUAGE_TABLE[language or current_language()]
    return dates.format_date(day, "MMMM yyyy", locale=entry.locale).replace(" ", NO_BREAK_SPACE)


def format_days(days: Sequence[int]) -> str:
    """Write numbers of days, the unit behind the last one, like 14, 28 and 42 days."""
    locale = LANGUAGE_TABLE[current_language()].locale
    last = dates.format_timedelta(timedelta(days[-1]), granularity="day", threshold=inf, locale=locale)
    return format_list([*map(str, days[:-1]), last])


def format_list(names: Sequence[str], style: ListStyle = "standard") -> str:
    """Write names as a sentence lists them: all of them, or one of them with the style `or`."""
    return lists.format_list(names, style, LANGUAGE_TABLE[current_language()].locale)


@lru_cache(maxsize=1024)
def _short_day(day: date, language: str, *, with_year: bool) -> str:
    entry = LANGUAGE_TABLE[language]
    first = entry.first_day if day.day == 1 else None
    shape = (first or dates.get_date_format("long", locale=entry.locale).pattern).replace("MMMM", "MMM")
    written = dates.format_date(day, shape if with_year else shape.removesuffix(" y"), locale=entry.locale)
    return written.replace(" ", NO_BREAK_SPACE)


def format_short_day(day: date) -> str:
    """Write a day within the year, like 7 déc. or 1er déc., on one line."""
    return _short_day(day, current_language(), with_year=False)


def format_short_date(instant: datetime) -> str:
    """Write the day in Brussels as short as a column wants it, like 7 déc. 2026."""
    return _short_day(brussels_day(instant), current_language(), with_year=True)


#: When something is, begins or ends: today, tomorrow, or on any other day.
_MOMENTS = (_l("today at %(time)s"), _l("tomorrow at %(time)s"), _l("on %(day)s at %(time)s"))
_STARTS = (_l("from %(time)s"), _l("from %(time)s tomorrow"), _l("from %(day)s at %(time)s"))
_ENDS = (_l("until %(time)s today"), _l("until %(time)s tomorrow"), _l("until %(day)s at %(time)s"))


def _speak_moment(
    phrases: tuple[LazyString, LazyString, LazyString], instant: datetime, now: datetime
) -> str:
    days = (brussels_day(instant) - brussels_day(now)).days
    phrase = phrases[days] if days in (0, 1) else phrases[-1]
    return str(phrase) % {"day": format_date(instant), "time": format_time(instant)}


def format_moment(instant: datetime, now: datetime) -> str:
    """Say when something is, like: today at 14:35."""
    return _speak_moment(_MOMENTS, instant, now)


def format_start(instant: datetime, now: datetime) -> str:
    """Say from when on something is, like: from 14:35 tomorrow."""
    return _speak_moment(_STARTS, instant, now)


def format_end(instant: datetime, now: datetime) -> str:
    """Say until when something is, like: until 7 December 2026 at 14:35."""
    return _speak_moment(_ENDS, instant, now)


def format_last_day(instant: datetime, now: datetime) -> str:
    """Write the last day of something, with the hour where it is near: for what may be read later."""
    if (brussels_day(instant) - brussels_day(now)).days > 1:
        return format_date(instant)
    return _("%(day)s at %(time)s", day=format_date(instant), time=format_time(instant))


def format_number(number: int) -> str:
    """Write a number with the separators of the language, like 1 000."""
    return _number_in(number, current_language())


@lru_cache(maxsize=1024)
def _number_in(number: int, language: str) -> str:
    written = numbers.format_decimal(number, locale=LANGUAGE_TABLE[language].locale)
    return written.replace("\u202f", NO_BREAK_SPACE)


def supported_language(accepted: str | None) -> str | None:
    """Return the language of a tag like nl, nl-BE, nl_BE or NL;q=0.9 if it is one of ours, else None.

    Nothing of the input is reflected.
    """
    language = re.split(r"[-_;]", accepted or "")[0].strip().lower()
    return language if language in LANGUAGES else None


def preferred_language(accepted: str) -> str | None:
    """Return the first of ours in a browser's Accept-Language; what is longer than any browser's is cut."""
    return _preferred_language(accepted[:_LONGEST_ACCEPTED])


@lru_cache(maxsize=256)
def _preferred_language(accepted: str) -> str | None:
    # Werkzeug's own match puts "fr" before "nl-BE".
    wanted = parse_accept_header(accepted, LanguageAccept)
    return next(filter(None, (supported_language(tag) for tag, quality in wanted if quality)), None)

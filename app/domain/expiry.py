"""Reading the expiry date of a card: every spelling that can mean only one month."""

import re
from datetime import date

from app.domain.cards import CardProblem, InvalidCard
from app.domain.typed_text import fold_text, plain_text, strip_label

_MONTH, _DAY = r"(?P<month>0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12][0-9]|3[01])"
_YEAR, _FULL_YEAR = r"(?:20)?(?P<year>[0-9]{2})", r"20(?P<year>[0-9]{2})"
#: Digits with a stroke between their groups. Cards print the month first: what can be read so is meant so.
_MONTH_FIRST = re.compile(f"{_MONTH}/?{_YEAR}")
#: Without its century it must be a year that a card can bear: 2012 is a year alone.
_YEAR_FIRST = re.compile(f"(?:{_FULL_YEAR}|(?P<short>2[6-9]|[3-9][0-9]))/?{_MONTH}")
#: The whole date of a calendar; 01/05/2029 is a day in January to some, in May to others.
_DATES = tuple(
    map(
        re.compile,
        (
            f"{_FULL_YEAR}/?{_MONTH.replace('0?', '0')}/?{_DAY.replace('0?', '0')}",
            f"{_DAY}/{_MONTH}/{_FULL_YEAR}",
            f"{_MONTH}/{_DAY}/{_FULL_YEAR}",
        ),
    )
)
#: What stands behind the date of a moment.
_TIME_OF_DAY = re.compile(r"(?<=[0-9])[T ][0-9]{2}:[0-9]{2}[0-9:.]*(?:Z|[+-][0-9:]+)?$")
_FURTHEST_YEARS = 20
_WORD = re.compile(r"[^\W\d_]{3,}")
_YEAR_DIGITS = 4

#: The names of the months in the languages of the pages, folded, and the short forms that do not begin them.
_MONTH_NAMES = (
    "janvier januari january januar",
    "fevrier februari february februar",
    "mars maart march marz mrt",
    "avril april",
    "mai mei may",
    "juin juni june",
    "juillet juli july",
    "aout augustus august",
    "septembre september",
    "octobre oktober october",
    "novembre november",
    "decembre december dezember",
)


def parse_expiry(text: str, today: date) -> str:
    """Return YYMM of a typed expiry date; raise InvalidCard. A card is good through its month's last day."""
    if not plain_text(text):
        raise InvalidCard(CardProblem.EXPIRY_MISSING)
    month = read_month(text)
    if month is None:
        raise InvalidCard(CardProblem.EXPIRY_FORMAT)
    first, last = expiry_months(today)
    if month < first:
        raise InvalidCard(CardProblem.EXPIRY_PAST)
    if month > last:
        raise InvalidCard(CardProblem.EXPIRY_FAR)
    return f"{month:%y%m}"


def expiry_months(today: date) -> tuple[date, date]:
    """Return the first and the last month, by their first days, in which a card can expire."""
    return today.replace(day=1), date(today.year + _FURTHEST_YEARS, 12, 1)


def read_month(text: str) -> date | None:
    """Return the first day of the only month that a text can mean."""
    groups = _group_digits(text)
    if match := _MONTH_FIRST.fullmatch(groups):
        return _first_day(match)
    if match := _YEAR_FIRST.fullmatch(groups):
        return _first_day(match)
    months = {_first_day(match) for shape in _DATES if (match := shape.fullmatch(groups))}
    return months.pop() if len(months) == 1 else None


def _first_day(match: re.Match[str]) -> date:
    found = match.groupdict()
    return date(2000 + int(found["year"] or found["short"]), int(found["month"]), 1)


def _group_digits(text: str) -> str:
    """Return the digits of a text with a stroke between their groups; anything unreadable is left in it."""
    plain = plain_text(text)
    months = {month for word in _WORD.findall(plain) if (month := _month_called(word))}
    if not months:
        return re.sub(r"[\W_]+", "/", strip_label(_TIME_OF_DAY.sub("", plain)))
    groups = re.findall(r"[0-9]+", plain)
    years = [group for group in groups if len(group) == _YEAR_DIGITS] or groups
    return f"{months.pop()}/{years[0]}" if len(months) == len(years) == 1 else ""


def _month_called(word: str) -> int | None:
    """Return the only month whose name begins so; None for any other word."""
    beginning = f" {fold_text(word)}"
    months = [month for month, names in enumerate(_MONTH_NAMES, start=1) if beginning in f" {names}"]
    return months[0] if len(months) == 1 else None

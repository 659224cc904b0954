"""What is asked of the list: read from an address, written into the next one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self, TypeVar

from app.domain.banks import BANKS
from app.domain.failures import Failure
from app.domain.identifiers import LONGEST_KEY, REFERENCE_DIGITS, parse_client_reference, search_key
from app.domain.states import StatusLabel
from app.domain.typed_text import visible_text
from app.i18n import LANGUAGES

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Identities of rows fit PostgreSQL's integers; what stands behind them is the sorted key.
_CURSOR = re.compile(r"([0-9]{1,9})\.(-?[0-9])\.([0-9]{1,17})\.([0-9]{1,9})\.([0-9]{1,9})\.([^\0]{0,120})")
_BETWEEN_DIGITS = re.compile(r"[.,:/_-]")


class ListSort(StrEnum):
    """What the rows are sorted by; as an address writes it, with a minus in front where it goes down."""

    CODE = "code"
    NAME = "name"
    STATE = "state"
    DATE = "date"


class ProblemCause(StrEnum):
    """Why a request is a problem where no attempt with a card has failed."""

    REFUSED_IN_APP = "refused_in_app"


Cause = Failure | ProblemCause
CAUSES: Mapping[str, Cause] = {cause: cause for cause in (*Failure, *ProblemCause)}


@dataclass(frozen=True)
class ListCursor:
    """Where a row stands: its number in the list, and what it is sorted by.

    `activation_id` is 0 for a dossier without any; what a list is not sorted by keeps its usual value.
    """

    position: int = 0
    rank: int = 0
    since: datetime = EPOCH
    dossier_id: int = 0
    activation_id: int = 0
    key: str = ""

    def __str__(self) -> str:
        since = (self.since - EPOCH) // _MICROSECOND
        return f"{self.position}.{self.rank}.{since}.{self.dossier_id}.{self.activation_id}.{self.key}"

    @classmethod
    def parse_cursor(cls, text: str) -> Self | None:
        """Read a cursor as it is written; None for anything else."""
        if not (match := _CURSOR.fullmatch(text)):
            return None
        position, rank, since, dossier, activation = (int(match[group]) for group in range(1, 6))
        try:
            return cls(position, rank, EPOCH + since * _MICROSECOND, dossier, activation, match[6])
        except OverflowError:
            return None


@dataclass(frozen=True)
class SearchWord:
    """One word that is looked for, and its digits where it may be a piece of a client reference."""

    text: str
    digits: str = ""

    @classmethod
    def parse_word(cls, text: str) -> Self:
        """Read one folded word."""
        digits = _BETWEEN_DIGITS.sub("", text)
        return cls(text, digits if re.fullmatch(f"[0-9]{{1,{REFERENCE_DIGITS}}}", digits) else "")


T = TypeVar("T")


@dataclass(frozen=True)
class ListQuery:
    """Which rows of the list, in which order, after a cursor or just before it."""

    text: str = ""
    label: StatusLabel | None = None
    bank: str | None = None
    language: str | None = None
    cause: Cause | None = None
    sort: ListSort = ListSort.CODE
    descending: bool = False
    after: ListCursor | None = None
    before: ListCursor | None = None

    @classmethod
    def parse_arguments(cls, arguments: Mapping[str, str]) -> tuple[Self, bool]:
        """Read an address; tell whether it asks for a filter or an order that does not exist."""
        choices: dict[str, Any] = {
            "label": _choose(arguments.get("state"), {label: label for label in StatusLabel}),
            "bank": _choose(arguments.get("bank"), {key: key for key in BANKS}),
            "language": _choose(arguments.get("language"), {code: code for code in LANGUAGES}),
            "cause": _choose(arguments.get("problem"), CAUSES),
            "sort": _choose(arguments.get("sort", "").removeprefix("-"), {sort: sort for sort in ListSort}),
        }
        known = {name: value for name, (value, _) in choices.items() if value}
        list_query = cls(
            text=visible_text(arguments.get("q", ""))[:LONGEST_KEY],
            descending="sort" in known and arguments["sort"].startswith("-"),
            after=ListCursor.parse_cursor(arguments.get("after", "")),
            before=ListCursor.parse_cursor(arguments.get("before", "")),
            **known,
        )
        return list_query, any(unknown for _, unknown in choices.values())

    def to_arguments(self) -> dict[str, str]:
        """Write the same rows as an address has them, without the cursor."""
        written = {
            "q": self.text,
            "state": self.label,
            "bank": self.bank,
            "language": self.language,
            "problem": self.cause,
            "sort": self.written_sort,
        }
        return {name: str(value) for name, value in written.items() if value}

    @property
    def written_sort(self) -> str:
        """The order as an address has it; empty for the usual one."""
        usual = self.sort is ListSort.CODE and not self.descending
        return "" if usual else f"{'-' if self.descending else ''}{self.sort}"

    @property
    def cursor(self) -> ListCursor | None:
        """The row beside which the page begins."""
        return self.before or self.after

    @property
    def words(self) -> tuple[SearchWord, ...]:
        """What is looked for: every word must be found; a whole reference is one, however it is written."""
        if reference := parse_client_reference(self.text):
            return (SearchWord(reference, reference),)
        return tuple(map(SearchWord.parse_word, dict.fromkeys(search_key(self.text).split())))

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the state narrows the list."""
        return bool(self.words or self.bank or self.language or self.cause)

    @property
    def first_page(self) -> Self:
        """The same rows from the first one on."""
        return replace(self, after=None, before=None)


def _choose(written: str | None, choices: Mapping[str, T]) -> tuple[T | None, bool]:
    """Return the choice that is written, and whether something else is written."""
    choice = choices.get(written or "")
    return choice, bool(written) and choice is None

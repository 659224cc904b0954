"""What is asked of the list and what it answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.domain.banks import BANKS
from app.domain.states import ActivationState, StatusLabel

#: Identities of rows fit PostgreSQL's integers; what stands behind them is the sorted key.
_PLACE = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([^\0]{0,120})")


class NotOrderableReason(StrEnum):
    """Why CARO cannot be ordered for a dossier."""

    NO_MANDATE = "no_mandate"
    NO_BANK = "no_bank"


@dataclass(frozen=True)
class ListCursor:
    """Where a row stands in the order of the list; a request's number is 0 for a dossier without any."""

    key: str
    dossier_id: int
    request_id: int

    def __str__(self) -> str:
        return f"{self.dossier_id}.{self.request_id}.{self.key}"

    @classmethod
    def parse_cursor(cls, text: str) -> Self | None:
        """Read a place as it is written; None for anything else."""
        found = _PLACE.fullmatch(text)
        return cls(found[3], int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True)
class ListQuery:
    """Which rows: those with a label, those that begin so, those beyond a place or just before it."""

    text: str = ""
    label: StatusLabel | None = None
    after: ListCursor | None = None
    before: ListCursor | None = None


@dataclass(frozen=True)
class ActivationRow:
    """One row: a dossier and a reference with where the request stands, or a dossier without any.

    `banks` are the one of the request, or those at which CARO can be ordered.
    """

    place: ListCursor
    code: str
    name: str
    banks: Sequence[str]
    client_reference: str | None
    public_id: str | None
    label: StatusLabel
    since: datetime | None = None
    obstacle: NotOrderableReason | None = None

    @property
    def bank_names(self) -> str:
        """The banks as their customers know them."""
        return ", ".join(BANKS[bank].name for bank in self.banks)

    @property
    def dossier_id(self) -> int:
        """The dossier that is managed."""
        return self.place.dossier_id


@dataclass(frozen=True)
class ActivationPage:
    """The rows asked for, the places that lead on and back, and how many there are of each label.

    Counting ends at a number above which nobody counts; `cut_off` where a search found more than is shown.
    `under_way` is how many of the invited have come to a state beyond the first; only the first page asks.
    """

    entries: Sequence[ActivationRow]
    counts: Mapping[StatusLabel, int]
    previous: ListCursor | None = None
    next: ListCursor | None = None
    cut_off: bool = False
    under_way: Mapping[ActivationState, int] | None = None

"""The list of dossiers and activations: rows, counts, pages by cursor; summaries for commands."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Any, Self

from sqlalchemy import Connection, Row, ScalarSelect, Select, func, select

from app.context import Context
from app.domain.banks import BANKS
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.identifiers import parse_client_reference, search_key
from app.domain.states import SINCE, ActivationState, StatusLabel, status_label
from app.models import Activation, Attempt, Dossier, Office
from app.queries import list_statements
from app.queries.list_statements import (
    BY_DOSSIER,
    FOUND,
    OWN_DOSSIER,
    OWN_REQUEST,
    PAGE,
    UNORDERED,
    Statement,
    literal_limit,
)

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


COUNTED = 1000
#: How far an invited cardholder has come.
UNDER_WAY = (ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK)


def _count_label(label: StatusLabel) -> ScalarSelect[int]:
    if label is StatusLabel.NOT_ORDERED:
        # Without the order SQLite would take another index and look into each row.
        rows = select(Dossier.id).where(OWN_DOSSIER, UNORDERED).order_by(*BY_DOSSIER)
    else:
        rows = select(Activation.id).where(OWN_REQUEST, Activation.label == label)
    return (
        select(func.count()).select_from(rows.limit(literal_limit(COUNTED + 1)).subquery()).scalar_subquery()
    )


#: As many of the invited as are counted: looking into each of more would take as long as there are.
_INVITED = (
    select(Activation.state)
    .where(OWN_REQUEST, Activation.label == StatusLabel.INVITATION_SENT)
    .limit(literal_limit(COUNTED + 1))
    .subquery()
)
COUNTS: Statement = select(*(_count_label(label).label(label) for label in StatusLabel))
COUNTS_AND_PROGRESS: Statement = COUNTS.add_columns(
    *(func.count().filter(_INVITED.c.state == state).label(state) for state in UNDER_WAY)
).select_from(_INVITED)


_Line = Row[*tuple[Any, ...]]
#: Behind every letter there is.
_END = "\U0010ffff"
#: What is listed for a label; for any other one the requests that bear it.
_LISTS = {
    None: list_statements.select_all_dossiers,
    StatusLabel.NOT_ORDERED: list_statements.select_unordered_dossiers,
}
#: Each list by its direction, and by whether there is a place to go on from.
_STATEMENTS = {
    (listed, way, begun): listed(way, begun)
    for listed, way, begun in product(
        (*_LISTS.values(), list_statements.select_by_label),
        (list_statements.ON, list_statements.BACK),
        (False, True),
    )
}


class Directory(Context):
    """The list of one office."""

    def list_activations(self, wanted: ListQuery) -> ActivationPage:
        """Return a page of the list, or what a search finds."""
        key = search_key(wanted.text)
        with self.database.read_connection() as connection:
            return self._search_rows(connection, key, wanted) if key else self._read_page(connection, wanted)

    def _read_page(self, connection: Connection, wanted: ListQuery) -> ActivationPage:
        place, back = wanted.before or wanted.after, wanted.before is not None
        listed = _LISTS.get(wanted.label, list_statements.select_by_label)
        statement = _STATEMENTS[
            listed, list_statements.BACK if back else list_statements.ON, place is not None
        ]
        asked = {"office": self.office_id, "label": wanted.label, **_cursor_values(place)}
        lines = connection.execute(statement, asked).all()
        if place and not lines:
            return self._read_page(connection, ListQuery(label=wanted.label))
        more = len(lines) > PAGE
        entries = self._to_rows(connection, lines[:PAGE][:: -1 if back else 1])
        begins = not place and not wanted.label
        counts = COUNTS_AND_PROGRESS if begins else COUNTS
        counted = connection.execute(counts, {"office": self.office_id}).one()
        return ActivationPage(
            entries,
            dict(zip(StatusLabel, counted, strict=False)),
            previous=entries[0].place if (more if back else place) else None,
            next=entries[-1].place if (back or more) else None,
            under_way=dict(zip(UNDER_WAY, counted[len(StatusLabel) :], strict=True)) if begins else None,
        )

    def _search_rows(self, connection: Connection, key: str, wanted: ListQuery) -> ActivationPage:
        least, greatest = _reference_range(wanted.text)
        asked = {"office": self.office_id, "text": key, "end": key + _END}
        asked |= {"least": least, "greatest": greatest}
        lines = connection.execute(list_statements.FOUND_ROWS, asked).all()
        found = self._to_rows(connection, lines[:FOUND])
        counts = Counter(entry.label for entry in found)
        shown = [entry for entry in found if wanted.label in (None, entry.label)]
        return ActivationPage(shown, {one: counts[one] for one in StatusLabel}, cut_off=len(lines) > FOUND)

    def _to_rows(self, connection: Connection, lines: Sequence[_Line]) -> list[ActivationRow]:
        free = [line.dossier_id for line in lines if line.request_id is None]
        banks: defaultdict[int, set[str]] = defaultdict(set)
        if free:
            for dossier_id, bank in connection.execute(list_statements.MANDATES, {"dossiers": free}):
                banks[dossier_id].add(bank)
        now = self.clock()
        return [
            _activation_row(line, now) if line.request_id else _dossier_row(line, banks[line.dossier_id])
            for line in lines
        ]


def _activation_row(line: _Line, now: datetime) -> ActivationRow:
    where = status_label(line.state, line.expires_at, line.problem, now)
    return _build_row(
        line, banks=[line.bank], label=where, since=getattr(line, SINCE.get(where, "changed_at"))
    )


def _dossier_row(line: _Line, mandated: Iterable[str]) -> ActivationRow:
    carried = [bank for bank in BANKS if bank in mandated]
    missing = NotOrderableReason.NO_BANK if mandated else NotOrderableReason.NO_MANDATE
    return _build_row(
        line, banks=carried, label=StatusLabel.NOT_ORDERED, obstacle=None if carried else missing
    )


def _build_row(line: _Line, **told: Any) -> ActivationRow:
    return ActivationRow(
        place=ListCursor(line.key, line.dossier_id, line.request_id or 0),
        code=line.code,
        name=line.name,
        client_reference=line.client_reference,
        public_id=line.public_id,
        **told,
    )


def _cursor_values(place: ListCursor | None) -> Mapping[str, str | int]:
    if place is None:
        return {}
    return {"key": place.key, "dossier": place.dossier_id, "request": place.request_id}


def _reference_range(text: str) -> tuple[str, str]:
    """Return the least and the greatest reference that begin so; an empty range where none can."""
    bounds = (
        (parse_client_reference(text + "0" * left), parse_client_reference(text + "9" * left))
        for left in range(10)
    )
    return next(((least, greatest) for least, greatest in bounds if least and greatest), ("", ""))


@dataclass(frozen=True)
class ActivationSummary:
    """One request: whose, for which reference, where it stands and since when."""

    public_id: str
    office: str
    dossier_code: str
    dossier_name: str
    bank: str
    client_reference: str
    state: ActivationState
    changed_at: datetime
    expires_at: datetime
    last_failure: Failure | None
    label: StatusLabel


class Listings(Context):
    """Reading back."""

    def list_summaries(self) -> list[ActivationSummary]:
        """Return every request, newest first."""
        now = self.clock()
        with self.database.read_connection() as connection:
            rows = connection.execute(_LINES).all()
        return [_summary_row(row, now) for row in rows]


_LAST_FAILURE = (
    select(Attempt.failure)
    .where(
        Attempt.activation_id == Activation.id,
        Attempt.outcome.in_((AttemptOutcome.FAILED, AttemptOutcome.SUCCEEDED)),
    )
    .order_by(Attempt.id.desc())
    .limit(1)
    .correlate(Activation)
    .scalar_subquery()
)

_LINES: Select[*tuple[Any, ...]] = (
    select(
        Activation.public_id,
        Office.name,
        Dossier.code,
        Dossier.name,
        Activation.bank,
        Activation.client_reference,
        Activation.state,
        Activation.changed_at,
        Activation.expires_at,
        _LAST_FAILURE,
        Activation.problem,
    )
    .join(Office, Office.id == Activation.office_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .order_by(Activation.id.desc())
)


def _summary_row(row: Row[*tuple[Any, ...]], now: datetime) -> ActivationSummary:
    where = status_label(row.state, row.expires_at, row.problem, now)
    return ActivationSummary(*(*row[:-1], where))

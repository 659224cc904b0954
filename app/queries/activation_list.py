"""The list of dossiers and activations: rows, counts, pages by cursor; summaries for commands."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Self

from sqlalchemy import Connection, select

from app.context import Context
from app.db import TypedColumns, TypedRow
from app.domain.banks import BANKS
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.identifiers import REFERENCE_DIGITS, reference_prefix, search_key
from app.domain.states import SINCE, ActivationState, StatusLabel, status_label
from app.models import Activation, Attempt, Dossier, Mandate, Office
from app.queries import list_statements
from app.queries.list_statements import (
    ACTIVATION_ID,
    DOSSIER_ID,
    LABEL_COUNTS,
    MANDATE_COLUMNS,
    PAGE_ROWS,
    PROGRESS_COUNTS,
    ROW_COLUMNS,
    SEARCH_ROWS,
    SORT_KEY,
)

#: Identities of rows fit PostgreSQL's integers; what stands behind them is the sorted key.
_CURSOR = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([^\0]{0,120})")


class NotOrderableReason(StrEnum):
    """Why CARO cannot be ordered for a dossier."""

    NO_MANDATE = "no_mandate"
    NO_BANK = "no_bank"


@dataclass(frozen=True)
class ListCursor:
    """Where a row stands in the order of the list; `activation_id` is 0 for a dossier without any."""

    key: str
    dossier_id: int
    activation_id: int

    def __str__(self) -> str:
        return f"{self.dossier_id}.{self.activation_id}.{self.key}"

    @classmethod
    def parse_cursor(cls, text: str) -> Self | None:
        """Read a cursor as it is written; None for anything else."""
        match = _CURSOR.fullmatch(text)
        return cls(match[3], int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class ListQuery:
    """Which rows: those with a label, those that begin so, those after a cursor or just before it."""

    text: str = ""
    label: StatusLabel | None = None
    after: ListCursor | None = None
    before: ListCursor | None = None


@dataclass(frozen=True, kw_only=True)
class ActivationRow:
    """One row: a dossier and a reference with where its activation stands, or a dossier without any.

    `banks` are the one of the activation, or those at which CARO can be ordered.
    """

    cursor: ListCursor
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
        return self.cursor.dossier_id


@dataclass(frozen=True)
class ActivationPage:
    """The rows of a page, the cursors that lead on and back, and how many there are of each label.

    Counting ends at a number above which nobody counts; `cut_off` where a search found more than is shown.
    `under_way` is how many of the invited have come to a state beyond the first; only the first page asks.
    """

    entries: Sequence[ActivationRow]
    counts: Mapping[StatusLabel, int]
    previous: ListCursor | None = None
    next: ListCursor | None = None
    cut_off: bool = False
    under_way: Mapping[ActivationState, int] | None = None


#: Behind every letter there is.
_END = "\U0010ffff"
#: What is listed for a label; for any other one the requests that bear it.
_LISTS = {
    None: list_statements.select_all_dossiers,
    StatusLabel.NOT_ORDERED: list_statements.select_unordered_dossiers,
}
#: Each list by its direction, and by whether there is a cursor to go on from.
_STATEMENTS = {
    (select_rows, direction, has_cursor): select_rows(direction, has_cursor)
    for select_rows, direction, has_cursor in product(
        (*_LISTS.values(), list_statements.select_by_label),
        (list_statements.ON, list_statements.BACK),
        (False, True),
    )
}


def list_activations(context: Context, list_query: ListQuery) -> ActivationPage:
    """Return a page of the list of one office, or what a search finds."""
    read_rows = _search_rows if search_key(list_query.text) else _read_page
    with context.database.read_connection() as connection:
        return read_rows(context, connection, list_query)


def _read_page(context: Context, connection: Connection, list_query: ListQuery) -> ActivationPage:
    cursor, back = list_query.before or list_query.after, list_query.before is not None
    select_rows = _LISTS.get(list_query.label, list_statements.select_by_label)
    direction = list_statements.BACK if back else list_statements.ON
    parameters = {"office": context.office_id, "label": list_query.label, **_cursor_values(cursor)}
    statement = _STATEMENTS[select_rows, direction, cursor is not None]
    rows = ROW_COLUMNS.rows(connection.execute(statement, parameters))
    if cursor and not rows:
        return _read_page(context, connection, ListQuery(label=list_query.label))
    more = len(rows) > PAGE_ROWS
    entries = _to_entries(connection, rows[:PAGE_ROWS][:: -1 if back else 1], context.clock())
    is_first = not cursor and not list_query.label
    columns, statement = list_statements.FIRST_PAGE_COUNTS if is_first else list_statements.COUNTS
    (counts,) = columns.rows(connection.execute(statement, {"office": context.office_id}))
    return ActivationPage(
        entries,
        {label: counts[column] for label, column in LABEL_COUNTS.items()},
        previous=entries[0].cursor if (more if back else cursor) else None,
        next=entries[-1].cursor if (back or more) else None,
        under_way={state: counts[column] for state, column in PROGRESS_COUNTS.items()} if is_first else None,
    )


def _search_rows(context: Context, connection: Connection, list_query: ListQuery) -> ActivationPage:
    key, (least, greatest) = search_key(list_query.text), _reference_range(list_query.text)
    parameters = {"office": context.office_id, "text": key, "end": key + _END}
    parameters |= {"least": least, "greatest": greatest}
    rows = ROW_COLUMNS.rows(connection.execute(list_statements.SEARCH, parameters))
    entries = _to_entries(connection, rows[:SEARCH_ROWS], context.clock())
    counts = Counter(entry.label for entry in entries)
    return ActivationPage(
        [entry for entry in entries if list_query.label in (None, entry.label)],
        {label: counts[label] for label in StatusLabel},
        cut_off=len(rows) > SEARCH_ROWS,
    )


def _to_entries(connection: Connection, rows: Sequence[TypedRow], now: datetime) -> list[ActivationRow]:
    unordered = [row[DOSSIER_ID] for row in rows if row[ACTIVATION_ID] is None]
    banks: defaultdict[int, set[str]] = defaultdict(set)
    if unordered:
        mandates = connection.execute(list_statements.MANDATES, {"dossiers": unordered})
        for mandate in MANDATE_COLUMNS.rows(mandates):
            banks[mandate[Mandate.dossier_id]].add(mandate[Mandate.bank])
    return [
        _activation_row(row, now) if row[ACTIVATION_ID] else _dossier_row(row, banks[row[DOSSIER_ID]])
        for row in rows
    ]


def _activation_row(row: TypedRow, now: datetime) -> ActivationRow:
    label = status_label(row[Activation.state], row[Activation.expires_at], row[Activation.problem], now)
    return _build_row(
        row,
        banks=[row[Activation.bank]],
        label=label,
        since=row[getattr(Activation, SINCE.get(label, "changed_at"))],
    )


def _dossier_row(row: TypedRow, mandated: Iterable[str]) -> ActivationRow:
    orderable = [bank for bank in BANKS if bank in mandated]
    missing = NotOrderableReason.NO_BANK if mandated else NotOrderableReason.NO_MANDATE
    return _build_row(
        row, banks=orderable, label=StatusLabel.NOT_ORDERED, obstacle=None if orderable else missing
    )


def _build_row(
    row: TypedRow,
    *,
    banks: Sequence[str],
    label: StatusLabel,
    since: datetime | None = None,
    obstacle: NotOrderableReason | None = None,
) -> ActivationRow:
    return ActivationRow(
        cursor=ListCursor(row[SORT_KEY], row[DOSSIER_ID], row[ACTIVATION_ID] or 0),
        code=row[Dossier.code],
        name=row[Dossier.name],
        banks=banks,
        client_reference=row[Activation.client_reference],
        public_id=row[Activation.public_id],
        label=label,
        since=since,
        obstacle=obstacle,
    )


def _cursor_values(cursor: ListCursor | None) -> Mapping[str, str | int]:
    if cursor is None:
        return {}
    return {"key": cursor.key, "dossier": cursor.dossier_id, "request": cursor.activation_id}


def _reference_range(text: str) -> tuple[str, str]:
    """Return the least and the greatest reference that begin so; an empty range where none can."""
    if beginning := reference_prefix(text):
        return beginning.ljust(REFERENCE_DIGITS, "0"), beginning.ljust(REFERENCE_DIGITS, "9")
    return "", ""


@dataclass(frozen=True, kw_only=True)
class ActivationSummary:
    """One activation: whose, for which reference, where it stands and since when."""

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

_SUMMARY_COLUMNS = TypedColumns(
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
_SUMMARIES = (
    select(*_SUMMARY_COLUMNS.columns)
    .join(Office, Office.id == Activation.office_id)
    .join(Dossier, Dossier.id == Activation.dossier_id)
    .order_by(Activation.id.desc())
)


def list_summaries(context: Context) -> list[ActivationSummary]:
    """Return every activation of every office, newest first."""
    now = context.clock()
    with context.database.read_connection() as connection:
        rows = _SUMMARY_COLUMNS.rows(connection.execute(_SUMMARIES))
    return [_summary_row(row, now) for row in rows]


def _summary_row(row: TypedRow, now: datetime) -> ActivationSummary:
    state, expires_at = row[Activation.state], row[Activation.expires_at]
    return ActivationSummary(
        public_id=row[Activation.public_id],
        office=row[Office.name],
        dossier_code=row[Dossier.code],
        dossier_name=row[Dossier.name],
        bank=row[Activation.bank],
        client_reference=row[Activation.client_reference],
        state=state,
        changed_at=row[Activation.changed_at],
        expires_at=expires_at,
        last_failure=row[_LAST_FAILURE],
        label=status_label(state, expires_at, row[Activation.problem], now),
    )

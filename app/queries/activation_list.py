"""The list of dossiers and activations: rows, counts, pages by cursor; summaries for commands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from app.context import Context
from app.db import TypedColumns, TypedRow
from app.domain.banks import BANKS
from app.domain.failures import Failure
from app.domain.reminder_schedule import Reminder
from app.domain.states import OPEN, ActivationState, StatusLabel, status_label, version_mark
from app.models import Activation, Dossier, Office
from app.queries.list_branches import (
    ENDED,
    FEW_REQUESTS,
    LAST_FAILURE,
    MANY_DOSSIERS,
    MANY_REFERENCES,
    SELECTIVE_DIGITS,
)
from app.queries.list_query import Cause, ListCursor, ListQuery, ListSort, ProblemCause
from app.queries.list_shape import UNMEASURED, ListBreadth, list_parameters, list_shape
from app.queries.list_statements import (
    ACTIVATION_ID,
    CAUSE,
    CHOSEN_ROWS,
    COUNTED,
    COUNTS,
    DOSSIER_ID,
    INVITATION_LOST,
    KEY,
    LABEL_COUNTS,
    MANDATE_BANKS,
    PAGE_ROWS,
    RANK,
    ROW_COLUMNS,
    SHOWN_ENDED,
    SINCE,
    select_breadth,
    select_filtered_total,
    select_page,
    select_total,
)
from app.queries.next_reminder import read_next_reminder

_BATCH_ROWS = 500


class NotOrderableReason(StrEnum):
    """Why CARO cannot be ordered for a dossier."""

    NO_MANDATE = "no_mandate"
    NO_BANK = "no_bank"


@dataclass(frozen=True, kw_only=True)
class ActivationRow:
    """One row: a dossier and a reference with where its activation stands, or a dossier without any.

    `banks` are the one of the activation, or those at which CARO can be ordered.
    """

    cursor: ListCursor
    code: str
    name: str
    banks: Sequence[str]
    client_reference: str | None = None
    public_id: str | None = None
    version_mark: str = ""
    language: str | None = None
    label: StatusLabel = StatusLabel.NOT_ORDERED
    state: ActivationState | None = None
    since: datetime | None = None
    cause: Cause | None = None
    invitation_lost: bool = False
    reminder: Reminder | None = None
    expires_at: datetime | None = None
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
    """The rows of a page, the cursors that lead on and back, and how many rows there are.

    Counting ends at a number above which nobody counts; `counts` of each label is empty where more than the
    state narrows the list.
    """

    entries: Sequence[ActivationRow]
    total: int
    counts: Mapping[StatusLabel, int]
    previous: ListCursor | None = None
    next: ListCursor | None = None


def list_activations(context: Context, list_query: ListQuery) -> ActivationPage:
    """Return a page of the list of one office; the first one where nothing is left beside the cursor."""
    with context.database.read_connection() as connection:
        breadth = _measure_breadth(context, connection, list_query)
        rows, more = _read_rows(context, connection, list_query, breadth, PAGE_ROWS)
        if list_query.cursor and not rows:
            list_query = list_query.first_page
            rows, more = _read_rows(context, connection, list_query, breadth, PAGE_ROWS)
        back, cursor = list_query.before is not None, list_query.cursor
        is_last = not (back or more)
        counts = {} if list_query.is_filtered else _count_labels(context, connection)
        # Whoever has read to the end has counted.
        read = rows[-1].cursor.position if rows else 0
        return ActivationPage(
            rows,
            read if is_last else _count_rows(context, connection, list_query, breadth, counts),
            counts,
            previous=rows[0].cursor if (more if back else cursor) else None,
            next=None if is_last else rows[-1].cursor,
        )


def stream_activations(context: Context, list_query: ListQuery) -> Iterator[ActivationRow]:
    """Yield all rows in their order, however many there are, with no connection held between two batches."""
    list_query, more, breadth = list_query.first_page, True, None
    while more:
        with context.database.read_connection() as connection:
            breadth = breadth or _measure_breadth(context, connection, list_query)
            rows, more = _read_rows(context, connection, list_query, breadth, _BATCH_ROWS)
        yield from rows
        list_query = replace(list_query, after=rows[-1].cursor) if rows else list_query


def read_chosen_activations(context: Context, public_ids: Sequence[str]) -> Sequence[ActivationRow]:
    """Return these requests as the list has them, by dossier; what the office does not have is left out."""
    parameters = {"office": context.office_id, "public_ids": public_ids}
    with context.database.read_connection() as connection:
        rows = ROW_COLUMNS.rows(connection.execute(CHOSEN_ROWS, parameters))
    return [_activation_row(context, row, position) for position, row in enumerate(rows, start=1)]


def _read_rows(
    context: Context, connection: Connection, list_query: ListQuery, breadth: ListBreadth, limit: int
) -> tuple[list[ActivationRow], bool]:
    """Return so many rows in the order of the list, and whether more follow where it is read to."""
    statement = select_page(list_shape(list_query, limit + 1, breadth))
    if statement is None:
        return [], False
    rows = ROW_COLUMNS.rows(connection.execute(statement, list_parameters(list_query, context.office_id)))
    more, rows = len(rows) > limit, rows[:limit]
    if list_query.before:
        rows.reverse()
    first = _first_position(list_query, len(rows), more=more)
    return [_activation_row(context, row, first + offset) for offset, row in enumerate(rows)], more


def _first_position(list_query: ListQuery, size: int, *, more: bool) -> int:
    """Return the number of a page's first row: rows are counted on from the cursor, and back to it."""
    if list_query.before:
        return max(list_query.before.position - size, 1) if more else 1
    return list_query.after.position + 1 if list_query.after else 1


def _measure_breadth(context: Context, connection: Connection, list_query: ListQuery) -> ListBreadth:
    """Return how much is found, where that matters: by filters, by digits, or by words in another order."""
    list_query = list_query.first_page
    parameters = list_parameters(list_query, context.office_id)
    if list_query.bank or list_query.language:
        filtered_total = select_filtered_total(list_shape(list_query, 0))
        if connection.execute(filtered_total, parameters).scalar_one() <= FEW_REQUESTS:
            return ListBreadth(few_requests=True)
    by_key = list_query.sort in (ListSort.CODE, ListSort.NAME)
    digits = max((len(word.digits) for word in list_query.words), default=0)
    if not list_query.words or (by_key and not 0 < digits < SELECTIVE_DIGITS):
        return UNMEASURED
    statement = select_breadth(list_shape(list_query, 0))
    dossiers, references = connection.execute(statement, parameters).one()
    return ListBreadth(dossiers > MANY_DOSSIERS, references > MANY_REFERENCES)


def _count_labels(context: Context, connection: Connection) -> Mapping[StatusLabel, int]:
    columns, statement = COUNTS
    (counts,) = columns.rows(connection.execute(statement, {"office": context.office_id}))
    return {label: counts[column] for label, column in LABEL_COUNTS.items()}


def _count_rows(
    context: Context,
    connection: Connection,
    list_query: ListQuery,
    breadth: ListBreadth,
    counts: Mapping[StatusLabel, int],
) -> int:
    """Return how many rows the list has: its labels tell, unless more than the state narrows it."""
    if list_query.is_filtered:
        return _count_found(context, connection, list_query, breadth)
    if list_query.label:
        return counts[list_query.label]
    rows = sum(counts[label] for label in counts if label not in ENDED)
    if rows <= COUNTED:
        rows += connection.execute(SHOWN_ENDED, {"office": context.office_id}).scalar_one()
    return min(rows, COUNTED + 1)


def _count_found(
    context: Context, connection: Connection, list_query: ListQuery, breadth: ListBreadth
) -> int:
    # The order does not matter: in the usual one the fewest rows are read.
    usual = replace(list_query.first_page, sort=ListSort.CODE, descending=False)
    statement = select_total(list_shape(usual, COUNTED + 1, breadth, in_order=False))
    if statement is None:
        return 0
    return connection.execute(statement, list_parameters(usual, context.office_id)).scalar_one()


def _activation_row(context: Context, row: TypedRow, position: int) -> ActivationRow:
    cursor = ListCursor(position, row[RANK], row[SINCE], row[DOSSIER_ID], row[ACTIVATION_ID] or 0, row[KEY])
    if row[ACTIVATION_ID] is None:
        return _dossier_row(row, cursor)
    now, expires_at = context.clock(), row[Activation.expires_at]
    label = status_label(row[Activation.state], expires_at, row[Activation.problem], now)
    refused_in_app = row[Activation.problem] and row[Activation.refused_at] is not None
    return ActivationRow(
        cursor=cursor,
        code=row[Dossier.code],
        name=row[Dossier.name],
        banks=[row[Activation.bank]],
        client_reference=row[Activation.client_reference],
        public_id=row[Activation.public_id],
        version_mark=version_mark(row[Activation.state], row[Activation.generation], row[Activation.round]),
        language=row[Activation.language],
        label=label,
        state=row[Activation.state],
        # Until the worker marks what is over, the stored moment is still the invitation's.
        since=expires_at if label is StatusLabel.EXPIRED else row[Activation.label_since],
        cause=ProblemCause.REFUSED_IN_APP if refused_in_app else row[CAUSE],
        invitation_lost=bool(row[INVITATION_LOST]),
        reminder=read_next_reminder(context, row),
        expires_at=expires_at if row[Activation.state] in OPEN and label is not StatusLabel.EXPIRED else None,
    )


def _dossier_row(row: TypedRow, cursor: ListCursor) -> ActivationRow:
    mandated = (row[MANDATE_BANKS] or "").split(",")
    orderable = [bank for bank in BANKS if bank in mandated]
    missing = NotOrderableReason.NO_BANK if row[MANDATE_BANKS] else NotOrderableReason.NO_MANDATE
    return ActivationRow(
        cursor=cursor,
        code=row[Dossier.code],
        name=row[Dossier.name],
        banks=orderable,
        obstacle=None if orderable else missing,
    )


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
    LAST_FAILURE,
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
        last_failure=row[LAST_FAILURE],
        label=status_label(state, expires_at, row[Activation.problem], now),
    )

"""The statements behind the list: each takes a bounded number of rows, in the order of an index.

A list goes on from the last row that was shown, never from a count of rows; a prefix is a range of an index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    SQLColumnExpression,
    and_,
    asc,
    bindparam,
    desc,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db import TypedColumns
from app.domain.states import HOLDING, ActivationState, StatusLabel
from app.models import Activation, Dossier, Mandate
from app.models.office import MandateState

Statement = Select[*tuple[Any, ...]]
_SortKey = tuple[InstrumentedAttribute[Any], ...]

#: Rows of a page, and rows that a search shows.
PAGE_ROWS, SEARCH_ROWS = 50, 100

_ENDED = (StatusLabel.CANCELLED, StatusLabel.EXPIRED)
_OWN_DOSSIER = Dossier.office_id == bindparam("office")
#: In the words of its index, which SQLite compares literally.
_UNORDERED = text("NOT dossier.ordered")
_OWN_ACTIVATION = Activation.office_id == bindparam("office")

_other = aliased(Activation)
#: A request that has ended makes room for another one of the same dossier and reference; its label shows it.
_SHOWN = or_(
    Activation.label.not_in(_ENDED),
    ~exists().where(
        _other.office_id == Activation.office_id,
        _other.client_reference == Activation.client_reference,
        _other.dossier_id == Activation.dossier_id,
        or_(_other.id > Activation.id, _other.state.in_(HOLDING)),
        _other.id != Activation.id,
    ),
)

DOSSIER_ID = Dossier.id.label("dossier_id")
#: None beside a dossier without any activation, as all columns of an activation are there.
ACTIVATION_ID: SQLColumnExpression[int | None] = Activation.id.label("request_id")
#: What a row is sorted by, and what the next page goes on from.
SORT_KEY = Dossier.code_key.label("key")
#: What a row is made of; a column that is added to the list is added here.
_CONTENT = (
    DOSSIER_ID,
    Dossier.code,
    Dossier.name,
    ACTIVATION_ID,
    Activation.public_id,
    Activation.bank,
    Activation.client_reference,
    Activation.state,
    Activation.problem,
    Activation.invited_at,
    Activation.changed_at,
    Activation.expires_at,
)
ROW_COLUMNS = TypedColumns(*_CONTENT, SORT_KEY)
_ROW: Statement = select(*ROW_COLUMNS.columns)
#: The same columns; the sort key is the copy that the index of the labels has.
_LABELLED_ROW: Statement = select(*_CONTENT, Activation.dossier_key.label(SORT_KEY.name))


@dataclass(frozen=True)
class _ScanDirection:
    """Reading on, or back: what comes after the cursor, what from it on, and the order."""

    after_cursor: Callable[[Any, Any], ColumnElement[bool]]
    from_cursor: Callable[[Any, Any], ColumnElement[bool]]
    sort: Callable[[Any], ColumnElement[Any]]

    def order_by(self, columns: _SortKey) -> list[ColumnElement[Any]]:
        """Return the order of a statement."""
        return [self.sort(column) for column in columns]


ON, BACK = _ScanDirection(gt, ge, asc), _ScanDirection(lt, le, desc)

_BY_DOSSIER: _SortKey = (Dossier.code_key, Dossier.id)
_BY_ROW: _SortKey = (*_BY_DOSSIER, Activation.id)
_BY_ACTIVATION: _SortKey = (Activation.dossier_key, Activation.id)
_DOSSIER_CURSOR = tuple_(bindparam("key"), bindparam("dossier"))
_ACTIVATION_CURSOR = tuple_(bindparam("key"), bindparam("request"))


def select_all_dossiers(direction: _ScanDirection, has_cursor: bool) -> Statement:
    """Return the dossiers, each with its requests; no page needs more dossiers than it has rows."""
    here = tuple_(*_BY_DOSSIER)
    dossiers = (
        select(Dossier.id)
        .where(_OWN_DOSSIER)
        .order_by(*direction.order_by(_BY_DOSSIER))
        .limit(_literal_limit(PAGE_ROWS + 2))
    )
    if has_cursor:
        dossiers = dossiers.where(direction.from_cursor(here, _DOSSIER_CURSOR))
    rows = (
        _join_activations(_ROW, dossiers)
        .order_by(*direction.order_by(_BY_ROW))
        .limit(_literal_limit(PAGE_ROWS + 1))
    )
    if has_cursor:
        later_activation = direction.after_cursor(Activation.id, bindparam("request"))
        rows = rows.where(or_(direction.after_cursor(here, _DOSSIER_CURSOR), later_activation))
    return rows


def select_unordered_dossiers(direction: _ScanDirection, has_cursor: bool) -> Statement:
    """Return the dossiers for which there has never been a request."""
    dossiers = select(Dossier.id).where(_OWN_DOSSIER, _UNORDERED).order_by(*direction.order_by(_BY_DOSSIER))
    if has_cursor:
        dossiers = dossiers.where(direction.after_cursor(tuple_(*_BY_DOSSIER), _DOSSIER_CURSOR))
    return _join_activations(_ROW, dossiers.limit(_literal_limit(PAGE_ROWS + 1))).order_by(
        *direction.order_by(_BY_DOSSIER)
    )


def select_by_label(direction: _ScanDirection, has_cursor: bool) -> Statement:
    """Return the requests of one label, those that made room for another one included."""
    rows = _LABELLED_ROW.join(Dossier, Dossier.id == Activation.dossier_id).where(
        _OWN_ACTIVATION, Activation.label == bindparam("label")
    )
    if has_cursor:
        rows = rows.where(direction.after_cursor(tuple_(*_BY_ACTIVATION), _ACTIVATION_CURSOR))
    return rows.order_by(*direction.order_by(_BY_ACTIVATION)).limit(_literal_limit(PAGE_ROWS + 1))


def _literal_limit(rows: int) -> ColumnElement[int]:
    """Write a limit out: where PostgreSQL cannot read it, it plans a prepared statement for many rows."""
    return literal_column(str(rows))


def _join_activations(rows: Statement, dossiers: Select[int]) -> Statement:
    dossier_ids = dossiers.subquery()
    return (
        rows.select_from(dossier_ids)
        .join(Dossier, Dossier.id == dossier_ids.c.id)
        .outerjoin(Activation, and_(Activation.dossier_id == Dossier.id, _SHOWN))
    )


def _matching_prefix(key: InstrumentedAttribute[str]) -> Statement:
    dossiers = (
        select(Dossier.id)
        .where(_OWN_DOSSIER, key >= bindparam("text"), key < bindparam("end"))
        .order_by(key, Dossier.id)
        .limit(_literal_limit(SEARCH_ROWS + 1))
    )
    pairs: Statement = select(Dossier.id.label("dossier_id"), Activation.id.label("request_id"))
    return _join_activations(pairs, dossiers).order_by(*_BY_ROW).limit(_literal_limit(SEARCH_ROWS + 1))


def _matching_reference() -> Statement:
    return (
        select(Activation.dossier_id, Activation.id)
        .where(
            _OWN_ACTIVATION, Activation.client_reference.between(bindparam("least"), bindparam("greatest"))
        )
        .where(_SHOWN)
        .order_by(Activation.client_reference, Activation.id)
        .limit(_literal_limit(SEARCH_ROWS + 1))
    )


def _select_matches() -> Statement:
    branches = (_matching_prefix(Dossier.code_key), _matching_prefix(Dossier.name_key), _matching_reference())
    pairs = union(*(select(branch.subquery()) for branch in branches)).subquery()
    return (
        _ROW.select_from(pairs)
        .join(Dossier, Dossier.id == pairs.c.dossier_id)
        .outerjoin(Activation, Activation.id == pairs.c.request_id)
        # A whole code that was typed must not be cut off behind everything else that begins so.
        .order_by(Dossier.code_key != bindparam("text"), *_BY_ROW)
        .limit(_literal_limit(SEARCH_ROWS + 1))
    )


SEARCH: Statement = _select_matches()
MANDATE_COLUMNS = TypedColumns(Mandate.dossier_id, Mandate.bank)
MANDATES = select(*MANDATE_COLUMNS.columns).where(
    Mandate.state == MandateState.ACTIVE, Mandate.dossier_id.in_(bindparam("dossiers", expanding=True))
)

#: Counting ends above it.
COUNTED = 1000
#: How far an invited cardholder has come.
_UNDER_WAY = (ActivationState.TERMS_ACCEPTED, ActivationState.AWAITING_BANK)


def _count_label(label: StatusLabel) -> Label[int]:
    if label is StatusLabel.NOT_ORDERED:
        # Without the order SQLite would take another index and look into each row.
        rows = select(Dossier.id).where(_OWN_DOSSIER, _UNORDERED).order_by(*_BY_DOSSIER)
    else:
        rows = select(Activation.id).where(_OWN_ACTIVATION, Activation.label == label)
    counted = rows.limit(_literal_limit(COUNTED + 1)).subquery()
    return select(func.count()).select_from(counted).scalar_subquery().label(label)


#: As many of the invited as are counted: looking into each of more would take as long as there are.
_INVITED = (
    select(Activation.state)
    .where(_OWN_ACTIVATION, Activation.label == StatusLabel.INVITATION_SENT)
    .limit(_literal_limit(COUNTED + 1))
    .subquery()
)
LABEL_COUNTS = {label: _count_label(label) for label in StatusLabel}
PROGRESS_COUNTS = {state: func.count().filter(_INVITED.c.state == state).label(state) for state in _UNDER_WAY}
_COUNTS = TypedColumns(*LABEL_COUNTS.values())
_FIRST_COUNTS = TypedColumns(*_COUNTS.columns, *PROGRESS_COUNTS.values())
#: The numbers of a page; of the first one, with how far the invited have come.
COUNTS = (_COUNTS, select(*_COUNTS.columns))
FIRST_PAGE_COUNTS = (_FIRST_COUNTS, select(*_FIRST_COUNTS.columns).select_from(_INVITED))

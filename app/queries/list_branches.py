"""The reads of which the list is merged: each short, in the order of an index, from the last row shown on.

Whoever looks into the middle of words, or sorts by name, reads the office's dossiers from one index and joins
their requests; all else reads the requests label by label. A list goes on from a row, never from a number.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    and_,
    asc,
    bindparam,
    case,
    desc,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from app.db import UtcDateTime
from app.domain.banks import BANKS
from app.domain.history import AttemptOutcome
from app.domain.states import HOLDING, StatusLabel
from app.models import Activation, Attempt, Dossier, Mandate
from app.models.office import MandateState
from app.queries.list_query import EPOCH, ListSort, ProblemCause
from app.queries.list_shape import CURSOR_FIELDS, ListShape

Statement = Select[*tuple[Any, ...]]
_Order = Mapping[str, SQLColumnExpression[Any]]

#: A search that finds more of an office is broad: its rows are looked into in their order, and not sorted.
MANY_DOSSIERS, MANY_REFERENCES = 500, 2000
#: Where filters leave no more requests, these are sorted; else rows are filtered in their order.
FEW_REQUESTS = 1000
#: So many digits in a row are in few references.
SELECTIVE_DIGITS = 5

#: In the order in which an accountant looks for something to do.
URGENCY = (
    StatusLabel.PROBLEM,
    StatusLabel.INVITATION_SENT,
    StatusLabel.EXPIRED,
    StatusLabel.NOT_ORDERED,
    StatusLabel.ACTIVE,
    StatusLabel.CANCELLED,
)
ENDED = (StatusLabel.CANCELLED, StatusLabel.EXPIRED)
OWN_DOSSIER = Dossier.office_id == bindparam("office")
UNORDERED = Dossier.ordered == false()
OWN_ACTIVATION = Activation.office_id == bindparam("office")

_other = aliased(Activation)
#: A request that has ended makes room for another one of the same dossier and reference; its label shows it.
SHOWN = or_(
    Activation.label.not_in(ENDED),
    ~exists().where(
        _other.office_id == Activation.office_id,
        _other.client_reference == Activation.client_reference,
        _other.dossier_id == Activation.dossier_id,
        or_(_other.id > Activation.id, _other.state.in_(HOLDING)),
        _other.id != Activation.id,
    ),
)
ACTIVE_MANDATE = and_(Mandate.dossier_id == Dossier.id, Mandate.state == MandateState.ACTIVE)
#: Not EXISTS, for which PostgreSQL would read the mandates of all offices.
_MANDATE_AT_BANK = (
    select(Mandate.id)
    .where(ACTIVE_MANDATE, Mandate.bank == bindparam("bank"))
    .limit(1)
    .correlate(Dossier)
    .scalar_subquery()
    .is_not(None)
)
#: The failure of the last attempt that came to an end.
LAST_FAILURE = (
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

#: What a branch is not sorted by is the same in all of its rows.
_CONSTANTS: Mapping[str, ColumnElement[Any]] = {
    "since": literal(EPOCH, UtcDateTime),
    "key": literal_column("''", String),
    "activation": literal_column("0", Integer),
}


def _branch(shape: ListShape, rows: Statement, order: _Order, rank: int = 0) -> Iterator[Statement]:
    """Yield some rows in their order, from the cursor on; none where all of them lie before it."""
    if shape.from_rank is not None:
        if "rank" in order or rank == shape.from_rank:
            rows = rows.where(*_behind_cursor(shape, order))
        elif (rank < shape.from_rank) is shape.ascending:
            return
    sort = asc if shape.ascending else desc
    rows = _select_places(rows, order, rank)
    # Where nothing is searched the order is an index's, and keeps SQLite from any other.
    if shape.in_order or not (shape.by_dossier and shape.words):
        rows = rows.order_by(*(sort(value) for value in order.values()))
    yield rows.limit(literal_limit(shape.limit))


def _select_places(rows: Statement, order: _Order, rank: int = 0) -> Statement:
    """Return where these rows stand in the list: the columns that every branch has."""
    values = {"rank": literal_column(str(rank), Integer), **_CONSTANTS, **order}
    return rows.with_only_columns(*(values[name].label(name) for name in CURSOR_FIELDS))


def _behind_cursor(shape: ListShape, order: _Order) -> Iterator[ColumnElement[bool]]:
    yield _compare(shape, order)
    if shape.by_dossier and next(iter(order)) == "key":
        # Once more without the requests, in the columns of the dossiers' index.
        yield _compare(shape, {name: order[name] for name in ("key", "dossier")}, or_equal=True)


def _compare(shape: ListShape, order: _Order, *, or_equal: bool = False) -> ColumnElement[bool]:
    here = tuple_(*order.values())
    types = {"since": UtcDateTime}
    there = tuple_(*(bindparam(f"from_{name}", type_=types.get(name)) for name in order))
    if shape.ascending:
        return here >= there if or_equal else here > there
    return here <= there if or_equal else here < there


def literal_limit(rows: int) -> ColumnElement[int]:
    """Write a limit out: where PostgreSQL cannot read it, it plans a prepared statement for many rows."""
    return literal_column(str(rows))


def list_branches(shape: ListShape) -> Iterator[Statement]:
    """Yield the reads that a question needs, each of no more rows than are wanted in all."""
    if shape.label is StatusLabel.NOT_ORDERED and (shape.language or shape.cause):
        return
    yield from _dossier_branches(shape) if shape.by_dossier else _label_branches(shape)


def _label_branches(shape: ListShape) -> Iterator[Statement]:
    """Yield the rows of each label in the order of an index."""
    by_date, by_state = shape.sort is ListSort.DATE, shape.sort is ListSort.STATE
    for label in URGENCY if shape.label is None else (shape.label,):
        rank = URGENCY.index(label) if by_state else 0
        if label is not StatusLabel.NOT_ORDERED:
            if shape.cause is None or label is StatusLabel.PROBLEM:
                place = {"since": Activation.label_since} if by_date else {"key": Activation.dossier_key}
                order = {**place, "dossier": Activation.dossier_id, "activation": Activation.id}
                yield from _branch(shape, _select_labelled(shape, label), order, rank)
        elif not (shape.language or shape.cause):
            # They have no date, and stand last in either direction.
            last = -1 if shape.descending else 1
            order = {"key": Dossier.code_key, "dossier": Dossier.id}
            yield from _branch(shape, _select_unordered(shape), order, last if by_date else rank)


def _select_labelled(shape: ListShape, label: StatusLabel) -> Statement:
    rows = select(Activation.id).where(OWN_ACTIVATION, Activation.label == label, *_activation_filters(shape))
    if shape.words:
        rows = rows.join(Dossier, Dossier.id == Activation.dossier_id).where(
            *match_words(shape, in_references=True)
        )
    return rows.where(SHOWN) if shape.label is None and label in ENDED else rows


def _select_unordered(shape: ListShape) -> Statement:
    rows = select(Dossier.id).where(OWN_DOSSIER, UNORDERED, *match_words(shape))
    return rows.where(_MANDATE_AT_BANK) if shape.bank else rows


def _activation_filters(shape: ListShape) -> Iterator[ColumnElement[bool]]:
    if shape.bank:
        yield Activation.bank == bindparam("bank")
    if shape.language:
        yield Activation.language == bindparam("language")
    if shape.cause:
        yield Activation.label == StatusLabel.PROBLEM
    if shape.cause is ProblemCause:
        yield Activation.refused_at.is_not(None)
    elif shape.cause:
        yield and_(Activation.refused_at.is_(None), bindparam("cause") == LAST_FAILURE)


def _dossier_branches(shape: ListShape) -> Iterator[Statement]:
    """Yield the dossiers in the order of an index, each with its requests."""
    order, of_dossiers = _dossier_order(shape), [*_select_dossiers(shape)]
    in_requests = [_select_by_reference(shape)] if shape.by_reference else []
    if shape.words and shape.in_order and shape.sort is ListSort.CODE and not shape.descending:
        # A whole code that was typed comes first, whatever else contains it.
        is_code = Dossier.code_key == bindparam("code")
        for rows in of_dossiers:
            yield from _branch(shape, rows.where(is_code), order, -1)
        of_dossiers, in_requests = (
            [rows.where(~is_code) for rows in found] for found in (of_dossiers, in_requests)
        )
    for rows in (*of_dossiers, *in_requests):
        yield from _branch(shape, rows, order)


def _select_by_reference(shape: ListShape) -> Statement:
    """Return the requests in whose reference a word is found, and in which all others are."""
    digits = or_(*(in_reference(place) for place, has_digits in enumerate(shape.words) if has_digits))
    matching = select(Activation.id).where(OWN_ACTIVATION, digits)
    if not shape.in_order:
        matching = matching.order_by(Activation.client_reference, Activation.id)
    return _select_requests(shape, matching)


def _select_requests(shape: ListShape, matching: Statement) -> Statement:
    """Return those of some requests that a question finds; they are read first, each with its dossier."""
    return (
        select(Activation.id)
        .join(Dossier, Dossier.id == Activation.dossier_id)
        .where(Activation.id.in_(matching), *match_words(shape, in_references=True), *_row_filters(shape))
    )


def select_chosen() -> Statement:
    """Return the requests that somebody named, wherever they stand in the list."""
    order = {"key": Activation.dossier_key, "dossier": Activation.dossier_id, "activation": Activation.id}
    named = Activation.public_id.in_(bindparam("public_ids", expanding=True))
    return _select_places(select(Activation.id).where(OWN_ACTIVATION, named), order)


def select_filtered(shape: ListShape) -> Statement:
    """Return the requests that the filters by bank and language leave, whatever else is wanted of them."""
    # Whoever wants any bank names them all: the index begins with the bank.
    bank = Activation.bank == bindparam("bank") if shape.bank else Activation.bank.in_(BANKS)
    rows = select(Activation.id).where(OWN_ACTIVATION, bank)
    return rows.where(Activation.language == bindparam("language")) if shape.language else rows


def match_words(shape: ListShape, *, in_references: bool = False) -> Iterator[ColumnElement[bool]]:
    """Yield for each word where it may be found."""
    for place, has_digits in enumerate(shape.words):
        keys = (_contains(key, f"word_{place}") for key in (Dossier.code_key, Dossier.name_key))
        yield or_(*keys, *([in_reference(place)] if in_references and has_digits else []))


def in_reference(place: int) -> ColumnElement[bool]:
    """Tell whether a word is a piece of the reference."""
    return _contains(Activation.client_reference, f"digits_{place}")


def _contains(column: SQLColumnExpression[str], name: str) -> ColumnElement[bool]:
    return column.like(bindparam(name, type_=String), escape="\\")


def _select_dossiers(shape: ListShape) -> Iterator[Statement]:
    if shape.label is StatusLabel.NOT_ORDERED:
        yield _select_unordered(shape)
        return
    rows = select(Dossier.id).where(OWN_DOSSIER, *match_words(shape, in_references=not shape.by_reference))
    requests = and_(Activation.dossier_id == Dossier.id, *_row_filters(shape))
    if not (shape.label or shape.bank or shape.language or shape.cause):
        yield rows.outerjoin(Activation, requests)
        return
    few = shape.breadth.few_requests
    yield _select_requests(shape, select_filtered(shape)) if few else rows.join(Activation, requests)
    if not (shape.label or shape.language or shape.cause):
        yield _select_unordered(shape).outerjoin(Activation, Activation.dossier_id == Dossier.id)


def _row_filters(shape: ListShape) -> Iterator[ColumnElement[bool]]:
    yield from _activation_filters(shape)
    yield Activation.label == shape.label if shape.label else SHOWN


def _dossier_order(shape: ListShape) -> _Order:
    ends: dict[str, SQLColumnExpression[Any]] = {"dossier": Dossier.id}
    ordered = shape.label is not StatusLabel.NOT_ORDERED
    if ordered:
        ends["activation"] = func.coalesce(Activation.id, 0)
    key = Dossier.name_key if shape.sort is ListSort.NAME else Dossier.code_key
    if shape.sort not in (ListSort.STATE, ListSort.DATE) or not ordered:
        return {"key": key, **ends}
    ranks = {label: URGENCY.index(label) for label in URGENCY}
    if shape.sort is ListSort.STATE:
        rank = case(ranks, value=Activation.label, else_=ranks[StatusLabel.NOT_ORDERED])
        return {"rank": rank, "key": key, **ends}
    no_date = Activation.id.is_(None)
    rank = case((no_date, -1 if shape.descending else 1), else_=0)
    since = func.coalesce(Activation.label_since, literal(EPOCH, UtcDateTime))
    return {"rank": rank, "since": since, "key": case((no_date, key), else_=""), **ends}

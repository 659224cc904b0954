"""The statements behind the list: each takes a bounded number of rows, in the order of an index.

A list goes on from the last row that was shown, never from a count of rows; a prefix is a range of an index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    asc,
    bindparam,
    desc,
    exists,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.domain.states import HOLDING, StatusLabel
from app.models import Activation, Dossier, Mandate
from app.models.office import MandateState

Statement = Select[*tuple[Any, ...]]
_Columns = tuple[InstrumentedAttribute[Any], ...]

#: Rows of a page, and rows that a search shows.
PAGE, FOUND = 50, 100

_ENDED = (StatusLabel.CANCELLED, StatusLabel.EXPIRED)
OWN_DOSSIER = Dossier.office_id == bindparam("office")
#: In the words of its index, which SQLite compares literally.
UNORDERED = text("NOT dossier.ordered")
OWN_REQUEST = Activation.office_id == bindparam("office")

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

_LINE: Statement = select(
    Dossier.id.label("dossier_id"),
    Dossier.code,
    Dossier.name,
    Activation.id.label("request_id"),
    Activation.public_id,
    Activation.bank,
    Activation.client_reference,
    Activation.state,
    Activation.problem,
    Activation.invited_at,
    Activation.changed_at,
    Activation.expires_at,
)
#: What a row is sorted by, and what the next page goes on from.
_KEY = Dossier.code_key.label("key")


@dataclass(frozen=True)
class _ScanDirection:
    """Reading on, or back: what lies beyond a place, what lies there or beyond, and the order."""

    beyond: Callable[[Any, Any], ColumnElement[bool]]
    from_: Callable[[Any, Any], ColumnElement[bool]]
    sort: Callable[[Any], ColumnElement[Any]]

    def order_by(self, columns: _Columns) -> list[ColumnElement[Any]]:
        """Return the order of a statement."""
        return [self.sort(column) for column in columns]


ON, BACK = _ScanDirection(gt, ge, asc), _ScanDirection(lt, le, desc)

BY_DOSSIER: _Columns = (Dossier.code_key, Dossier.id)
_BY_ROW: _Columns = (*BY_DOSSIER, Activation.id)
_BY_REQUEST: _Columns = (Activation.dossier_key, Activation.id)
_DOSSIER_PLACE = tuple_(bindparam("key"), bindparam("dossier"))
_REQUEST_PLACE = tuple_(bindparam("key"), bindparam("request"))


def select_all_dossiers(way: _ScanDirection, begun: bool) -> Statement:
    """Return the dossiers, each with its requests; no page needs more dossiers than it has rows."""
    here = tuple_(*BY_DOSSIER)
    near = (
        select(Dossier.id)
        .where(OWN_DOSSIER)
        .order_by(*way.order_by(BY_DOSSIER))
        .limit(literal_limit(PAGE + 2))
    )
    if begun:
        near = near.where(way.from_(here, _DOSSIER_PLACE))
    rows = (
        _join_activations(_LINE.add_columns(_KEY), near)
        .order_by(*way.order_by(_BY_ROW))
        .limit(literal_limit(PAGE + 1))
    )
    if begun:
        further = way.beyond(Activation.id, bindparam("request"))
        rows = rows.where(or_(way.beyond(here, _DOSSIER_PLACE), further))
    return rows


def select_unordered_dossiers(way: _ScanDirection, begun: bool) -> Statement:
    """Return the dossiers for which there has never been a request."""
    near = select(Dossier.id).where(OWN_DOSSIER, UNORDERED).order_by(*way.order_by(BY_DOSSIER))
    if begun:
        near = near.where(way.beyond(tuple_(*BY_DOSSIER), _DOSSIER_PLACE))
    return _join_activations(_LINE.add_columns(_KEY), near.limit(literal_limit(PAGE + 1))).order_by(
        *way.order_by(BY_DOSSIER)
    )


def select_by_label(way: _ScanDirection, begun: bool) -> Statement:
    """Return the requests of one label, those that made room for another one included."""
    line = _LINE.add_columns(Activation.dossier_key.label("key"))
    rows = line.join(Dossier, Dossier.id == Activation.dossier_id).where(
        OWN_REQUEST, Activation.label == bindparam("label")
    )
    if begun:
        rows = rows.where(way.beyond(tuple_(*_BY_REQUEST), _REQUEST_PLACE))
    return rows.order_by(*way.order_by(_BY_REQUEST)).limit(literal_limit(PAGE + 1))


def literal_limit(rows: int) -> ColumnElement[int]:
    """Write a limit out: where PostgreSQL cannot read it, it plans a prepared statement for many rows."""
    return literal_column(str(rows))


def _join_activations(rows: Statement, near: Select[int]) -> Statement:
    few = near.subquery()
    return (
        rows.select_from(few)
        .join(Dossier, Dossier.id == few.c.id)
        .outerjoin(Activation, and_(Activation.dossier_id == Dossier.id, _SHOWN))
    )


def _matching_prefix(key: InstrumentedAttribute[str]) -> Statement:
    near = (
        select(Dossier.id)
        .where(OWN_DOSSIER, key >= bindparam("text"), key < bindparam("end"))
        .order_by(key, Dossier.id)
        .limit(literal_limit(FOUND + 1))
    )
    pairs: Statement = select(Dossier.id.label("dossier_id"), Activation.id.label("request_id"))
    return _join_activations(pairs, near).order_by(*_BY_ROW).limit(literal_limit(FOUND + 1))


def _matching_reference() -> Statement:
    return (
        select(Activation.dossier_id, Activation.id)
        .where(OWN_REQUEST, Activation.client_reference.between(bindparam("least"), bindparam("greatest")))
        .where(_SHOWN)
        .order_by(Activation.client_reference, Activation.id)
        .limit(literal_limit(FOUND + 1))
    )


def _select_matches() -> Statement:
    branches = (_matching_prefix(Dossier.code_key), _matching_prefix(Dossier.name_key), _matching_reference())
    pairs = union(*(select(branch.subquery()) for branch in branches)).subquery()
    return (
        _LINE.add_columns(_KEY)
        .select_from(pairs)
        .join(Dossier, Dossier.id == pairs.c.dossier_id)
        .outerjoin(Activation, Activation.id == pairs.c.request_id)
        # A whole code that was typed must not be cut off behind everything else that begins so.
        .order_by(Dossier.code_key != bindparam("text"), *_BY_ROW)
        .limit(literal_limit(FOUND + 1))
    )


FOUND_ROWS = _select_matches()
MANDATES: Statement = select(Mandate.dossier_id, Mandate.bank).where(
    Mandate.state == MandateState.ACTIVE, Mandate.dossier_id.in_(bindparam("dossiers", expanding=True))
)

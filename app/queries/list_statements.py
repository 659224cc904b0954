"""The statements of the list: a page of rows, and how many there are."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Integer,
    Label,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    String,
    Subquery,
    asc,
    case,
    desc,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    union,
    union_all,
)

from app.db import TypedColumns, UtcDateTime
from app.domain.banks import INVITATION_KINDS
from app.domain.failures import Failure
from app.domain.states import ActivationState, StatusLabel
from app.models import Activation, Dossier, Mandate, OutboxMessage
from app.queries.list_branches import (
    ACTIVE_MANDATE,
    ENDED,
    FEW_REQUESTS,
    LAST_FAILURE,
    MANY_DOSSIERS,
    MANY_REFERENCES,
    OWN_ACTIVATION,
    OWN_DOSSIER,
    SHOWN,
    UNORDERED,
    Statement,
    in_reference,
    list_branches,
    literal_limit,
    match_words,
    select_chosen,
    select_filtered,
)
from app.queries.list_shape import CURSOR_FIELDS, ListShape

#: Rows of a page; and the number above which nobody counts.
PAGE_ROWS, COUNTED = 50, 1000

#: What a row is sorted by, as its cursor has it.
RANK: SQLColumnExpression[int] = literal_column("place.rank", Integer)
SINCE: SQLColumnExpression[Any] = literal_column("place.since", UtcDateTime)
KEY: SQLColumnExpression[str] = literal_column("place.key", String)
DOSSIER_ID = Dossier.id.label("dossier_id")
#: None beside a dossier without any activation, as all columns of an activation are there.
ACTIVATION_ID: SQLColumnExpression[int | None] = Activation.id.label("request_id")
#: The failure behind a problem; None where there is no problem, or no attempt.
CAUSE: SQLColumnExpression[Failure | None] = case((Activation.problem, LAST_FAILURE)).label("cause")
#: Whether the invitation of this round was given up, while nothing shows that the cardholder has it.
INVITATION_LOST: SQLColumnExpression[bool | None] = case(
    (
        Activation.state == ActivationState.INVITED,
        exists()
        .where(
            OutboxMessage.activation_id == Activation.id,
            OutboxMessage.kind.in_(sorted(INVITATION_KINDS)),
            OutboxMessage.round == Activation.round,
            OutboxMessage.recipient_id.is_(None),
            OutboxMessage.dead_at.is_not(None),
            OutboxMessage.dropped.is_(False),
        )
        .correlate(Activation),
    )
).label("invitation_lost")
#: The banks of a dossier without requests that has active mandates, with commas between them.
MANDATE_BANKS: SQLColumnExpression[str | None] = case(
    (
        Activation.id.is_(None),
        select(func.aggregate_strings(Mandate.bank, ","))
        .where(ACTIVE_MANDATE)
        .correlate(Dossier)
        .scalar_subquery(),
    )
).label("banks")
ROW_COLUMNS = TypedColumns(
    RANK,
    SINCE,
    KEY,
    DOSSIER_ID,
    ACTIVATION_ID,
    Dossier.code,
    Dossier.name,
    MANDATE_BANKS,
    CAUSE,
    INVITATION_LOST,
    Activation.public_id,
    Activation.bank,
    Activation.client_reference,
    Activation.language,
    Activation.state,
    Activation.problem,
    Activation.generation,
    Activation.round,
    Activation.label_since,
    Activation.invited_at,
    Activation.expires_at,
    Activation.next_reminder_at,
    Activation.refused_at,
)


@lru_cache(maxsize=256)
def select_page(shape: ListShape) -> Statement | None:
    """Return the statement of a page; None where nothing can be on it."""
    merged, sort = _merge_branches(shape), asc if shape.ascending else desc
    if merged is None:
        return None
    order = [sort(merged.c[name]) for name in CURSOR_FIELDS]
    place = select(merged).order_by(*order).limit(literal_limit(shape.limit)).subquery("place")
    return _select_rows(place).order_by(*(sort(place.c[name]) for name in CURSOR_FIELDS))


def _select_rows(place: Subquery) -> Statement:
    return (
        select(*ROW_COLUMNS.columns)
        .select_from(place)
        .join(Dossier, Dossier.id == place.c.dossier)
        .outerjoin(Activation, Activation.id == place.c.activation)
    )


#: The requests of an office that somebody ticked, by dossier.
CHOSEN_ROWS = _select_rows(select_chosen().subquery("place")).order_by(
    Dossier.code_key, Dossier.id, ACTIVATION_ID
)


def _merge_branches(shape: ListShape) -> Subquery | None:
    """Return what all branches read; one request may be found by its dossier and by its reference."""
    branches = [select(branch.subquery()) for branch in list_branches(shape)]
    merge = union if shape.by_reference else union_all
    return merge(*branches).subquery() if branches else None


@lru_cache(maxsize=256)
def select_total(shape: ListShape) -> Select[int] | None:
    """Return the statement that counts all rows, as far as anybody counts; None where there can be none."""
    merged = _merge_branches(shape)
    if merged is None:
        return None
    counted = select(merged.c.dossier).limit(literal_limit(COUNTED + 1)).subquery()
    return select(func.count()).select_from(counted)


@lru_cache(maxsize=256)
def select_breadth(shape: ListShape) -> Select[int, int]:
    """Return the statement that tells how much of an office a search finds, as far as that matters."""
    references = [in_reference(place) for place, has_digits in enumerate(shape.words) if has_digits]
    return select(
        _count_up_to(select(Dossier.id).where(OWN_DOSSIER, *match_words(shape)), MANY_DOSSIERS),
        _count_up_to(select(Activation.id).where(OWN_ACTIVATION, or_(false(), *references)), MANY_REFERENCES),
    )


@lru_cache(maxsize=256)
def select_filtered_total(shape: ListShape) -> Select[int]:
    """Return the statement that tells how many requests the filters leave, as far as that matters."""
    return select(_count_up_to(select_filtered(shape), FEW_REQUESTS))


def _count_up_to(rows: Select[int], most: int) -> ScalarSelect[int]:
    counted = rows.limit(literal_limit(most + 1)).subquery()
    return select(func.count()).select_from(counted).scalar_subquery()


def _count_label(label: StatusLabel) -> Label[int]:
    if label is StatusLabel.NOT_ORDERED:
        rows = select(Dossier.id).where(OWN_DOSSIER, UNORDERED)
    else:
        rows = select(Activation.id).where(OWN_ACTIVATION, Activation.label == label)
    return _count_up_to(rows, COUNTED).label(label)


LABEL_COUNTS = {label: _count_label(label) for label in StatusLabel}
_COUNTS = TypedColumns(*LABEL_COUNTS.values())
#: How many there are of each label, as far as anybody counts.
COUNTS = (_COUNTS, select(*_COUNTS.columns))
#: How many that have ended stand in the list of all labels: others have made room for a new request.
SHOWN_ENDED = select(
    _count_up_to(select(Activation.id).where(OWN_ACTIVATION, Activation.label.in_(ENDED), SHOWN), COUNTED)
)

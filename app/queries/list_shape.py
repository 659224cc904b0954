"""A question of the list without its values, and its values: a statement is made once for each shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.identifiers import search_key
from app.domain.states import StatusLabel
from app.queries.list_query import ListQuery, ListSort


class ListBreadth(NamedTuple):
    """Whether a search finds many dossiers or references, and whether the filters leave few requests."""

    many_dossiers: bool = False
    many_references: bool = False
    few_requests: bool = False


UNMEASURED = ListBreadth()


@dataclass(frozen=True)
class ListShape:
    """A question without its values: questions of one shape share a statement.

    `backwards` reads against the order of the list, for the page before; `from_rank` is None on the first.
    Whoever only counts wants no order.
    """

    label: StatusLabel | None
    bank: bool
    language: bool
    cause: type | None
    words: tuple[bool, ...]
    breadth: ListBreadth
    in_order: bool
    sort: ListSort
    descending: bool
    backwards: bool
    from_rank: int | None
    limit: int

    @property
    def ascending(self) -> bool:
        """Whether the rows are read upwards."""
        return self.descending is self.backwards

    @property
    def by_dossier(self) -> bool:
        """Whether dossiers are read, and not labels."""
        breadth = self.breadth
        if breadth.few_requests or (self.words and not (breadth.many_dossiers or breadth.many_references)):
            return True
        filtered = self.label or self.bank or self.language or self.cause
        return self.sort is ListSort.NAME or (self.sort is ListSort.CODE and bool(self.words or not filtered))

    @property
    def by_reference(self) -> bool:
        """Whether the references are read for themselves, and not looked into on the way."""
        if self.breadth.many_references or self.breadth.few_requests:
            return False
        return any(self.words) and self.by_dossier and self.label is not StatusLabel.NOT_ORDERED


def list_shape(
    list_query: ListQuery, limit: int, breadth: ListBreadth = UNMEASURED, *, in_order: bool = True
) -> ListShape:
    """Return the shape of a question."""
    cursor = list_query.cursor
    return ListShape(
        label=list_query.label,
        bank=bool(list_query.bank),
        language=bool(list_query.language),
        cause=type(list_query.cause) if list_query.cause else None,
        # What matters of a word is whether it may be a piece of a reference.
        words=tuple(bool(word.digits) for word in list_query.words),
        breadth=breadth,
        in_order=in_order,
        sort=list_query.sort,
        descending=list_query.descending,
        backwards=list_query.before is not None,
        from_rank=cursor.rank if cursor else None,
        limit=limit,
    )


def list_parameters(list_query: ListQuery, office: int | None) -> Mapping[str, object]:
    """Return the values of a question; the whole of what is searched may be a code."""
    cursor = list_query.cursor
    return {
        "office": office,
        "bank": list_query.bank,
        "language": list_query.language,
        "cause": list_query.cause,
        "code": search_key(list_query.text),
        **{f"word_{place}": _pattern(word.text) for place, word in enumerate(list_query.words)},
        **{f"digits_{place}": _pattern(word.digits) for place, word in enumerate(list_query.words)},
        **(
            {f"from_{name}": getattr(cursor, field) for name, field in CURSOR_FIELDS.items()}
            if cursor
            else {}
        ),
    }


def _pattern(text_: str) -> str:
    escaped = text_.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


#: What a row is sorted by, the first first: columns of each branch, and where a cursor has their values.
CURSOR_FIELDS = {
    "rank": "rank",
    "since": "since",
    "key": "key",
    "dossier": "dossier_id",
    "activation": "activation_id",
}

"""Reading the list: the rows, what stands in the way of the dossiers without a request, and the counts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import Connection, Row

from app.activations.desk import Context
from app.activations.directory import statements
from app.activations.directory.counts import COUNTS, COUNTS_AND_PROGRESS, UNDER_WAY
from app.activations.directory.pages import (
    ActivationPage,
    ActivationRow,
    ListCursor,
    ListQuery,
    NotOrderableReason,
)
from app.activations.directory.statements import FOUND, PAGE
from app.domain.banks import BANKS
from app.domain.identifiers import parse_client_reference, search_key
from app.domain.states import SINCE, StatusLabel, status_label

_Line = Row[*tuple[Any, ...]]
#: Behind every letter there is.
_END = "\U0010ffff"
#: What is listed for a label; for any other one the requests that bear it.
_LISTS = {None: statements.select_all_dossiers, StatusLabel.NOT_ORDERED: statements.select_unordered_dossiers}
#: Each list by its direction, and by whether there is a place to go on from.
_STATEMENTS = {
    (listed, way, begun): listed(way, begun)
    for listed, way, begun in product(
        (*_LISTS.values(), statements.select_by_label), (statements.ON, statements.BACK), (False, True)
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
        listed = _LISTS.get(wanted.label, statements.select_by_label)
        statement = _STATEMENTS[listed, statements.BACK if back else statements.ON, place is not None]
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
        lines = connection.execute(statements.FOUND_ROWS, asked).all()
        found = self._to_rows(connection, lines[:FOUND])
        counts = Counter(entry.label for entry in found)
        shown = [entry for entry in found if wanted.label in (None, entry.label)]
        return ActivationPage(shown, {one: counts[one] for one in StatusLabel}, cut_off=len(lines) > FOUND)

    def _to_rows(self, connection: Connection, lines: Sequence[_Line]) -> list[ActivationRow]:
        free = [line.dossier_id for line in lines if line.request_id is None]
        banks: defaultdict[int, set[str]] = defaultdict(set)
        if free:
            for dossier_id, bank in connection.execute(statements.MANDATES, {"dossiers": free}):
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

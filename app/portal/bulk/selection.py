"""Which requests of the list something is done with, and which of them it cannot be done with now."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

from flask import request
from flask_babel.speaklater import LazyString

from app.context import Context
from app.domain.states import StatusLabel
from app.i18n import _, format_number
from app.portal.bulk.bulk_wording import CHANGED_SINCE_TICKED, NOTHING_TICKED
from app.portal.dossiers.actions import STILL_WAITING, why_unavailable
from app.portal.list_address import list_url, read_list_query
from app.portal.list_wording import UNKNOWN_FILTER
from app.queries.activation_detail import ActivationDetail
from app.queries.activation_list import stream_activations
from app.queries.dossier_detail import SelectedActivation, read_selected_activations
from app.queries.list_query import ListQuery
from app.services.bulk_actions import MOST_ROWS
from app.services.invitations import ActivationAction


class SelectionRefused(Exception):
    """Nothing can be done with what was chosen; says why."""

    def __init__(self, sentence: LazyString | str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class ListSelection:
    """What was ticked, with the mark of each request as it was listed; or all of the list."""

    list_query: ListQuery
    version_marks: Mapping[str, str]
    takes_all: bool
    has_unknown: bool

    @classmethod
    def read_address(cls) -> Self:
        """Read what the form around the list has sent; a row is a public id, a full stop and the mark."""
        list_query, has_unknown = read_list_query()
        ticked = (row.partition(".") for row in request.args.getlist("row"))
        marks = {public_id: mark for public_id, _stop, mark in ticked if "\0" not in public_id}
        return cls(list_query, marks, request.args.get("all") == "yes", has_unknown)

    @property
    def list_address(self) -> str:
        """The same page of the list, with everything still ticked."""
        return list_url(
            self.list_query,
            after=self.list_query.after,
            before=self.list_query.before,
            row=[f"{public_id}.{mark}" for public_id, mark in self.version_marks.items()],
            all="yes" if self.takes_all else "",
        )

    def require_known_filter(self) -> None:
        """Raise SelectionRefused where all rows of a filter are meant that does not exist."""
        if self.takes_all and self.has_unknown:
            raise SelectionRefused(UNKNOWN_FILTER)

    def read_rows(self, context: Context) -> list[SelectedActivation]:
        """Return the requests as they are now; raise SelectionRefused where there are none, or too many."""
        self.require_known_filter()
        public_ids: Sequence[str] = tuple(self.version_marks)
        if self.takes_all:
            rows = (row for row in stream_activations(context, self.list_query) if row.public_id)
            public_ids = [row.public_id or "" for row in islice(rows, MOST_ROWS + 1)]
        if len(public_ids) > MOST_ROWS:
            raise SelectionRefused(
                _(
                    "One action takes up to %(rows)s requests. Narrow the list first.",
                    rows=format_number(MOST_ROWS),
                )
            )
        if not public_ids:
            raise SelectionRefused(NOTHING_TICKED)
        return read_selected_activations(context, public_ids)


@dataclass(frozen=True)
class ReviewedRow:
    """A request that was chosen, as it is now, and why it is left out; None where it is not."""

    dossier_id: int
    code: str
    name: str
    public_id: str
    client_reference: str
    has_link: bool
    label: StatusLabel
    version_mark: str
    reason: str | None


@dataclass(frozen=True)
class ReviewedSelection:
    """What an action would be done with, and what is left out."""

    included: Sequence[ReviewedRow]
    left_out: Sequence[ReviewedRow]

    @property
    def version_marks(self) -> dict[str, str]:
        """The mark of each request that it would be done with."""
        return {row.public_id: row.version_mark for row in self.included}

    @property
    def mark(self) -> str:
        """What the form carries of all of them, so that nothing is done that was not shown."""
        text = " ".join(f"{public_id}.{mark}" for public_id, mark in self.version_marks.items())
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def review_selection(
    context: Context, selection: ListSelection, action: ActivationAction
) -> ReviewedSelection:
    """Tell what can be done with each request as it is now; raise SelectionRefused."""
    rows = [_review_row(selected, selection, action) for selected in selection.read_rows(context)]
    return ReviewedSelection(
        included=[row for row in rows if row.reason is None],
        left_out=[row for row in rows if row.reason is not None],
    )


def _review_row(
    selected: SelectedActivation, selection: ListSelection, action: ActivationAction
) -> ReviewedRow:
    detail = selected.activation
    seen = None if selection.takes_all else selection.version_marks[detail.public_id]
    has_changed = seen not in (None, detail.version_mark)
    return ReviewedRow(
        selected.dossier_id,
        selected.code,
        selected.name,
        detail.public_id,
        detail.client_reference,
        detail.has_link,
        detail.label,
        detail.version_mark,
        str(CHANGED_SINCE_TICKED) if has_changed else _why_left_out(action, detail),
    )


def _why_left_out(action: ActivationAction, detail: ActivationDetail) -> str | None:
    """Return why nothing would come of it; for one request, sending again what waits opens a closed page."""
    if action is ActivationAction.RESEND and detail.invitations.is_waiting and not detail.card_page_opens_at:
        return str(STILL_WAITING)
    return why_unavailable(action, detail)

"""The list of all dossiers and activations: filters, search and the funnel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from app.domain.identifiers import LONGEST_KEY
from app.domain.states import ActivationState, StatusLabel
from app.domain.typed_text import visible_text
from app.i18n import _l
from app.portal.forms import hide_card_number
from app.portal.sign_in_guard import office_services, portal_blueprint
from app.queries import activation_list
from app.queries.activation_list import ActivationPage, ListCursor, ListQuery, NotOrderableReason
from app.queries.list_statements import COUNTED, SEARCH_ROWS
from app.wording import LABELS

bp = portal_blueprint("portal")

#: In the order in which an accountant looks for something to do.
_FILTERS = (
    StatusLabel.PROBLEM,
    StatusLabel.INVITATION_SENT,
    StatusLabel.EXPIRED,
    StatusLabel.NOT_ORDERED,
    StatusLabel.ACTIVE,
    StatusLabel.CANCELLED,
)
#: What was ordered and has not ended; each bar lists its own rows.
_FUNNEL = (StatusLabel.INVITATION_SENT, StatusLabel.ACTIVE, StatusLabel.PROBLEM)
#: How far some of the invited have come.
_UNDER_WAY: Mapping[ActivationState, LazyString] = {
    ActivationState.TERMS_ACCEPTED: _l("Conditions accepted"),
    ActivationState.AWAITING_BANK: _l("At the bank"),
}
_OBSTACLES: Mapping[NotOrderableReason, LazyString] = {
    NotOrderableReason.NO_MANDATE: _l("No active CODA mandate"),
    NotOrderableReason.NO_BANK: _l("No CODA mandate with a bank that offers CARO"),
}


@bp.get("/")
def redirect_to_list() -> Response:
    """Lead to the list."""
    return redirect(url_for(".list_activations"), 303)


@bp.get("/caro")
def list_activations() -> str:
    """Show the office's dossiers and where each request stands."""
    list_query = _read_list_query()
    page = activation_list.list_activations(office_services().context, list_query)
    return render_template(
        "portal/activations.html",
        list_query=list_query,
        page=page,
        shown=SEARCH_ROWS,
        funnel_steps=build_funnel(page),
        filters={label: _count_text(page, label) for label in _FILTERS},
        labels={label: str(word) for label, word in LABELS.items()},
        obstacles=_OBSTACLES,
        address=partial(_list_url, list_query),
        language_link=partial(_list_url_in, list_query),
    )


def _read_list_query() -> ListQuery:
    """Read the address; what it does not say well, it does not say."""
    state = request.args.get("state", "")
    return ListQuery(
        text=hide_card_number(visible_text(request.args.get("q", "")))[:LONGEST_KEY],
        label=StatusLabel(state) if state in set(StatusLabel) else None,
        after=ListCursor.parse_cursor(request.args.get("after", "")),
        before=ListCursor.parse_cursor(request.args.get("before", "")),
    )


def _count_text(page: ActivationPage, label: StatusLabel) -> str:
    """Tell how many rows there are of a label, as far as they were counted."""
    count = page.counts[label]
    return format_count(count, page.cut_off or count > COUNTED)


def _list_url(list_query: ListQuery, **changes: object) -> str:
    """Return the address of the same list with something changed."""
    parameters: dict[str, Any] = {"q": list_query.text, "state": list_query.label, **changes}
    return url_for(".list_activations", **{name: value for name, value in parameters.items() if value})


def _list_url_in(list_query: ListQuery, language: str) -> str:
    """Return the address of these same rows in another language."""
    return _list_url(list_query, after=list_query.after, before=list_query.before, lang=language)


@dataclass(frozen=True)
class FunnelBar:
    """One bar: the label whose rows it lists, how many they are, their share, how far some have come."""

    label: StatusLabel
    count: str
    share: int
    parts: Mapping[LazyString, str]


def build_funnel(page: ActivationPage) -> Sequence[FunnelBar]:
    """Return the stages of a list; none beyond the first page, or where nothing was ever ordered."""
    if page.under_way is None:
        return ()
    whole = sum(page.counts[label] for label in _FUNNEL)
    more = page.counts[StatusLabel.INVITATION_SENT] > COUNTED
    parts = {name: format_count(page.under_way[state], more) for state, name in _UNDER_WAY.items()}
    return tuple(
        FunnelBar(
            label,
            format_count(page.counts[label], page.counts[label] > COUNTED),
            round(100 * page.counts[label] / whole),
            parts if label is StatusLabel.INVITATION_SENT else {},
        )
        for label in _FUNNEL
        if whole
    )


def format_count(count: int, more: bool) -> str:
    """Write a count as far as it was counted."""
    return f"{min(count, COUNTED)}+" if more else str(count)

"""The list of all dossiers and activations: search, filters, order and pages."""

from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.domain.banks import BANKS
from app.domain.states import StatusLabel
from app.domain.typed_text import visible_text
from app.i18n import LANGUAGES, format_number
from app.portal.forms import hide_card_number
from app.portal.list_wording import (
    CAUSES,
    OBSTACLES,
    PROGRESS,
    SORTS,
    next_event,
    sort_links,
)
from app.portal.sign_in_guard import office_services, portal_blueprint
from app.queries import activation_list
from app.queries.activation_list import ActivationPage
from app.queries.list_branches import URGENCY
from app.queries.list_query import ListQuery
from app.queries.list_statements import COUNTED
from app.wording import LABELS

bp = portal_blueprint("portal")


@bp.get("/")
def redirect_to_list() -> Response:
    """Lead to the list."""
    return redirect(url_for(".list_activations"), 303)


@bp.get("/caro")
def list_activations() -> str:
    """Show the office's dossiers and where each request stands."""
    list_query, has_unknown = read_list_query()
    page = activation_list.list_activations(office_services().context, list_query)
    address = partial(_list_url, list_query)
    return render_template(
        "portal/activations.html",
        list_query=list_query,
        has_unknown=has_unknown,
        page=page,
        counted=COUNTED,
        filters={label: _count_text(page, label) for label in URGENCY},
        labels={label: str(word) for label, word in LABELS.items()},
        choices=_choices(),
        sorts=sort_links(list_query, address),
        causes=CAUSES,
        progress=PROGRESS,
        obstacles=OBSTACLES,
        next_event=next_event,
        address=address,
        language_link=partial(_list_url_in, list_query),
    )


def read_list_query() -> tuple[ListQuery, bool]:
    """Read the address; tell whether it asks for something that does not exist."""
    text = hide_card_number(visible_text(request.args.get("q", "")))
    return ListQuery.parse_arguments({**request.args, "q": text})


def _choices() -> dict[str, dict[str, Any]]:
    """Return what each filter can be, by the name that it has in the address."""
    return {
        "state": {label: LABELS[label] for label in URGENCY},
        "bank": {key: bank.name for key, bank in BANKS.items()},
        "language": dict(LANGUAGES),
        "problem": dict(CAUSES.items()),
        "sort": dict(SORTS),
    }


def _count_text(page: ActivationPage, label: StatusLabel) -> str:
    """Tell how many rows there are of a label, as far as they were counted; nothing where they were not."""
    count = page.counts.get(label)
    return "" if count is None else format_count(count)


def _list_url(list_query: ListQuery, **changes: object) -> str:
    """Return the address of the same list with something changed."""
    parameters: dict[str, Any] = {**list_query.to_arguments(), **changes}
    return url_for(".list_activations", **{name: value for name, value in parameters.items() if value})


def _list_url_in(list_query: ListQuery, language: str) -> str:
    """Return the address of these same rows in another language."""
    return _list_url(list_query, after=list_query.after, before=list_query.before, lang=language)


def format_count(count: int) -> str:
    """Write a count as far as it was counted."""
    return f"{format_number(min(count, COUNTED))}{'+' if count > COUNTED else ''}"

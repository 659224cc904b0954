"""The list as an address: read from one, written into another."""

from typing import Any

from flask import request, url_for

from app.domain.typed_text import visible_text
from app.portal.forms import hide_card_number
from app.queries.list_query import ListQuery


def read_list_query() -> tuple[ListQuery, bool]:
    """Read the address; tell whether it asks for something that does not exist."""
    text = hide_card_number(visible_text(request.args.get("q", "")))
    return ListQuery.parse_arguments({**request.args, "q": text})


def list_url(list_query: ListQuery, endpoint: str = "portal.list_activations", **changes: object) -> str:
    """Return the address of the same list, or of its file, with something changed."""
    parameters: dict[str, Any] = {**list_query.to_arguments(), **changes}
    return url_for(endpoint, **{name: value for name, value in parameters.items() if value})

"""How the address of a mailed link is read: whole, whatever a mail program has put into it."""

import re
from urllib.parse import quote

from flask import request
from werkzeug.routing import BaseConverter

from app.tokens import find_tokens

#: The beginning of a link in any letters, wherever it stands in an address.
_BEGINNING = re.compile(r"(?is)/(a|portal/sign-in)/(.+)")


class MailedText(BaseConverter):
    """The rest of a path, slashes and line ends included."""

    regex = "(?s:.+)"
    part_isolating = False


def mailed_text(path: str) -> str:
    """Return what came behind the beginning of a link, the query included."""
    return f"{path}?{request.query_string.decode(errors='replace')}"


def misplaced_link() -> str | None:
    """Return where a link belongs that came in capitals, or pasted behind the beginning of an address."""
    found = _BEGINNING.search(mailed_text(request.path))
    if found is None or not any(find_tokens(found[2])):
        return None
    return f"/{found[1].lower()}/{quote(found[2].rstrip('?'))}"

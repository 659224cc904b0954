"""How the address of a mailed link is read: whole, whatever a mail program has put into it."""

from flask import request
from werkzeug.routing import BaseConverter


class MailedText(BaseConverter):
    """The rest of a path, slashes and line ends included."""

    regex = "(?s:.+)"
    part_isolating = False


def mailed_text(path: str) -> str:
    """Return what came behind the beginning of a link, the query included."""
    return f"{path}?{request.query_string.decode(errors='replace')}"

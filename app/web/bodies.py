"""What the body of a request may be: a plain form, or where one is asked for a file, never on a disk."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO
from urllib.parse import unquote_to_bytes

from flask import Request, abort, redirect, request, url_for
from werkzeug.exceptions import BadRequest, RequestTimeout, UnsupportedMediaType

from app.deadlines import BODY_CUT_OFF
from app.settings import Settings
from app.web.cookies import portal_cookie_name
from app.web.extensions import services

#: The endpoints that take a file, and the form of each; the front knows them by how their paths begin.
UPLOADS: Mapping[str, str] = {
    "dossier_import.upload_file": "dossier_import.show_form",
    "bulk_orders.upload_file": "bulk_orders.show_form",
}
#: Of a file, or of what is pasted in its place.
MOST_BYTES = 2 * 1024 * 1024
#: Around it: the other fields and what parts them.
_WRAPPING = 16 * 1024


class ProductRequest(Request):
    """A request whose files stay in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def _admit_upload(settings: Settings, form: str) -> None:
    """Let more be read than of other forms; whoever shows no session is led away before anything is."""
    if portal_cookie_name(settings) not in request.cookies:
        abort(redirect(url_for("auth.show_sign_in", next=url_for(form)), 303))
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType
    request.max_content_length = MOST_BYTES + _WRAPPING
    request.max_form_memory_size = MOST_BYTES


_FORM = "application/x-www-form-urlencoded"

#: A garbled answer of the bank still finds its attempt, so its body is read leniently.
LENIENT = frozenset({"entry.receive_return"})
#: Blueprints whose bodies are no forms.
OTHERWISE = frozenset({"qa_api", "news"})


def check_completeness() -> None:
    """Refuse what a client was too slow to send: half a form may look like a whole one."""
    if request.environ.get(BODY_CUT_OFF):
        raise RequestTimeout


def check_body() -> None:
    """Refuse what is no form of ours; let files in where they are asked for."""
    if request.method != "POST" or request.endpoint is None or request.endpoint in LENIENT:
        return
    if request.blueprint in OTHERWISE:
        return
    if request.endpoint in UPLOADS:
        _admit_upload(services().settings, UPLOADS[request.endpoint])
    elif request.mimetype != _FORM:
        raise UnsupportedMediaType
    elif not _is_valid_text(request.get_data(cache=True)):
        raise BadRequest
    # Werkzeug would take the first of two values in silence.
    if any(len(values) > 1 for _, values in request.form.lists()):
        raise BadRequest


def _is_valid_text(body: bytes) -> bool:
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError:
        return False
    return True

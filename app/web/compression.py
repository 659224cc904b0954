"""Answers that travel compressed: files, and pages in which nothing stands that the request has said."""

import re
import zlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request

from app.web.middleware import is_hashed_file, language_wanted

#: Bytes; what is smaller fits into one packet as it is.
_SMALLEST = 1024
_LEVEL = 6
#: A gzip header around the compressed bytes (RFC 1952), without a file's name or date.
_GZIP = 16 + zlib.MAX_WBITS
#: Whole lines of a script or a style sheet that only whoever reads the source needs.
_COMMENTS = re.compile(rb"^ *(//.*|/\*.*\*/)\n", re.MULTILINE)


def init_app(app: Flask) -> None:
    """Compress answers for whoever takes gzip."""
    app.after_request(compress_answer)


def compress_answer(response: Response) -> Response:
    """Send a file or a page compressed.

    A page holds its form's token. Whoever can have a browser ask for pages with words of their choice in them
    could guess it from their lengths (BREACH), so that only pages without such words are compressed.
    """
    is_file = is_hashed_file(response)
    if not is_file and not _is_own_page(response):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        response.set_data(_read_compressed_file(response) if is_file else _compress(response.get_data()))
        response.content_encoding = "gzip"
    return response


def _read_compressed_file(response: Response) -> bytes:
    response.direct_passthrough = False
    response.close()
    return _compress_file(Path(str(current_app.static_folder), *(request.view_args or {}).values()))


def _is_own_page(response: Response) -> bool:
    return (
        response.status_code == 200
        and response.mimetype == "text/html"
        and not response.is_streamed
        and request.method in ("GET", "HEAD")
        and (not request.query_string or request.query_string == f"lang={language_wanted()}".encode())
        and len(response.get_data()) >= _SMALLEST
    )


@cache
def _compress_file(path: Path) -> bytes:
    """Return a file under a hashed address compressed, once in the life of the process."""
    content = path.read_bytes()
    return _compress(_COMMENTS.sub(b"", content) if path.suffix in (".css", ".js") else content)


def _compress(body: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return packer.compress(body) + packer.flush()

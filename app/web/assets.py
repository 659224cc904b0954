"""Static files under addresses that change with their content, so that they may be kept for ever."""

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import current_app

from app.paths import STATIC


@cache
def file_hash(path: Path) -> str:
    """Return the short hash of a file's content, read once in the life of the process."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset_url(name: str) -> str:
    """Return the address of a static file, its content's hash included."""
    return _hashed_url(str(current_app.static_folder), str(current_app.static_url_path), name)


@cache
def icon_url() -> str:
    """Return the icon itself as an address (RFC 2397), so that a first view asks for one file less."""
    drawing = (STATIC / "icon.svg").read_text().strip().replace('"', "'")
    return "data:image/svg+xml," + quote(drawing, safe=" '/:=")


@cache
def _hashed_url(folder: str, root: str, name: str) -> str:
    return f"{root}/{name}?v={file_hash(Path(folder, name))}"

"""Static files under addresses that change with their content, so that they may be kept for ever."""

import hashlib
from functools import cache
from pathlib import Path

from flask import current_app


@cache
def fingerprint(path: Path) -> str:
    """Return the short hash of a file's content, read once in the life of the process."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file, its content's hash included."""
    return _address(str(current_app.static_folder), str(current_app.static_url_path), name)


@cache
def _address(folder: str, root: str, name: str) -> str:
    return f"{root}/{name}?v={fingerprint(Path(folder, name))}"

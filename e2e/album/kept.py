"""A page as it stands in one browser, written down so that another engine can show it without a server."""

import re
from pathlib import Path

from app.paths import ROOT
from e2e.album.pages import AlbumPage

_SHEET = re.compile(r'href="[^"]*/(\w+)(?:\.\w+)?\.css[^"]*"')
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)


def keep(stop: AlbumPage, folder: Path) -> Path:
    """Write the page into a file, with the style sheets of this checkout and without its script."""
    html = _SHEET.sub(rf'href="{ROOT.as_uri()}/static/css/\1.css"', _SCRIPT.sub("", stop.html))
    file = folder / f"{re.sub(r'[^a-z0-9]+', '-', f'{stop.door} {stop.name}'.lower())}.html"
    file.write_text(html)
    return file

"""What the portal's menu leads to, in its order."""

from flask import Flask
from flask_babel.speaklater import LazyString

from app.i18n import _l

ROOMS: tuple[tuple[str, LazyString], ...] = (
    ("requests.listing", _l("CARO requests")),
    ("previews.start", _l("Preview")),
    ("gallery.page", _l("Messages")),
    ("toolkit.page", _l("Toolkit")),
)


def install(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals["rooms"] = lambda: ROOMS

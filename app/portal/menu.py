"""What the portal's menu leads to, in its order."""

from flask import Flask
from flask_babel.speaklater import LazyString

from app.i18n import _l

ROOMS: tuple[tuple[str, LazyString], ...] = (
    ("requests.list_activations", _l("CARO requests")),
    ("previews.show_start", _l("Preview")),
    ("gallery.show_messages", _l("Messages")),
    ("toolkit.show_toolkit", _l("Toolkit")),
)


def init_menu(app: Flask) -> None:
    """Give the templates the menu."""
    app.jinja_env.globals["rooms"] = lambda: ROOMS

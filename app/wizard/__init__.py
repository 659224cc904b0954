"""The cardholder's pages: from the mailed link to the confirmed service, four steps."""

from collections.abc import Callable

from flask import Blueprint, Flask

from app.wizard.journey import Journey, live_journey
from app.wizard.routes import entrance, journey_factories, receive_return, wizard


def init_app(app: Flask) -> None:
    """Register the pages; `app.web.setup.init_app` comes first."""
    app.register_blueprint(entrance)
    # The bank posts from another site and cannot know our token.
    app.extensions["csrf"].exempt(receive_return)
    journey_factories(app)[wizard.name] = live_journey
    app.register_blueprint(wizard, url_prefix="/activation/<public_id>")


def register_preview(room: Blueprint, app: Flask, journey: Callable[[], Journey]) -> None:
    """Show the same pages within another blueprint, behind its guards and with its journey."""
    room.register_blueprint(wizard, url_prefix="/<public_id>")
    app.register_blueprint(room)
    journey_factories(app)[f"{room.name}.{wizard.name}"] = journey

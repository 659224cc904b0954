"""The cardholder's pages: from the mailed link to the confirmed service, four steps."""

from collections.abc import Callable

from flask import Blueprint, Flask

from app.wizard import message_routes
from app.wizard.journey import Journey, live_journey
from app.wizard.routes import bp, entry_bp, journey_factories, receive_return


def init_app(app: Flask) -> None:
    """Register the pages; `app.web.setup.init_app` comes first."""
    app.register_blueprint(entry_bp)
    app.register_blueprint(message_routes.bp)
    # The bank posts from another site and cannot know our token.
    app.extensions["csrf"].exempt(receive_return)
    journey_factories(app)[bp.name] = live_journey
    app.register_blueprint(bp, url_prefix="/activation/<public_id>")


def register_preview(app: Flask, parent: Blueprint, path: str, journey: Callable[[], Journey]) -> None:
    """Show the same pages within another blueprint, behind its guards and with its journey.

    Flask finds the guards by the dotted name; nesting by itself would have to come before the parent is
    registered for the first time, and one process may make several applications.
    """
    name = f"{parent.name}.{bp.name}"
    app.register_blueprint(bp, name=name, url_prefix=f"{parent.url_prefix}{path}/<public_id>")
    journey_factories(app)[name] = journey

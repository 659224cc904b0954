"""The testers' pages and API, only in a simulation: every outcome, the mails, the clock."""

from flask import Flask

from app.qa.api.routes import api
from app.qa.routes import mails, pages
from app.qa.tester_access import init_sandbox_tools
from app.web.extensions import services


def init_app(app: Flask) -> None:
    """Register the testers' pages; `app.web.setup.init_app` comes first."""
    with app.app_context():
        init_sandbox_tools(app, services())
    # A program shows its key and no cookie is read, so nobody else's page can act in its place.
    app.extensions["csrf"].exempt(api)
    for blueprint in (api, pages, mails):
        app.register_blueprint(blueprint)

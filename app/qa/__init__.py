"""The testers' door, only in a simulation: every outcome, the mails, the clock, and an API for all of it."""

from flask import Flask

from app.qa import wiring
from app.qa.api import api
from app.qa.mail_pages import mails
from app.qa.pages import pages
from app.web.wiring import services


def init_app(app: Flask) -> None:
    """Open the door; `app.web.setup.init_app` comes first."""
    with app.app_context():
        wiring.init_sandbox_tools(app, services())
    # A program shows its key and no cookie is read, so nobody else's page can act in its place.
    app.extensions["csrf"].exempt(api)
    for room in (api, pages, mails):
        app.register_blueprint(room)

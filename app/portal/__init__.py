"""The accountant's pages: order, follow, copy, resend, preview, and know what to say."""

from flask import Flask

from app.portal.auth.routes import sign_in
from app.portal.dossiers.routes import manage
from app.portal.orders.routes import ordering, warnings
from app.portal.preview import previews
from app.portal.routes import requests
from app.portal.sign_in_guard import init_menu
from app.portal.toolkit.routes import gallery, toolkit


def init_app(app: Flask) -> None:
    """Register the pages; `app.web.setup.init_app` comes first."""
    init_menu(app)
    for room in (sign_in, requests, manage, ordering, warnings, toolkit, previews, gallery):
        app.register_blueprint(room)

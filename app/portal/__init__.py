"""The accountant's pages: order, follow, copy, resend, preview, and know what to say."""

from flask import Flask

from app.portal import routes
from app.portal.auth import routes as auth
from app.portal.dossiers import routes as dossiers
from app.portal.orders import routes as orders
from app.portal.preview import routes as preview
from app.portal.sign_in_guard import init_menu
from app.portal.toolkit import routes as toolkit


def init_app(app: Flask) -> None:
    """Register the pages; `app.web.setup.init_app` comes first."""
    init_menu(app)
    for pages in (auth, routes, dossiers, orders, toolkit, preview):
        app.register_blueprint(pages.bp)

"""The accountant's pages: order, follow, copy, resend, preview, and know what to say."""

from flask import Flask, g

from app.i18n import _l
from app.portal import routes
from app.portal.account import routes as account
from app.portal.auth import routes as auth
from app.portal.bulk import routes as bulk
from app.portal.bulk_orders import routes as bulk_orders
from app.portal.dossier_import import routes as dossier_import
from app.portal.dossiers import routes as dossiers
from app.portal.list_files import installed_formats
from app.portal.news import routes as news
from app.portal.orders import routes as orders
from app.portal.page_rights import may_open
from app.portal.people import routes as people
from app.portal.preview import routes as preview
from app.portal.toolkit import routes as toolkit

#: The menu: an endpoint and its name.
MENU = (
    ("portal.list_activations", _l("Mandates & services > CARO")),
    ("preview.show_start", _l("Preview")),
    ("toolkit.show_messages", _l("Messages")),
    ("toolkit.show_toolkit", _l("Toolkit")),
    ("people.list_people", _l("Colleagues")),
)


def init_app(app: Flask) -> None:
    """Register the pages; `app.web.setup.init_app` comes first."""
    signed_in = (account, bulk, bulk_orders, dossier_import, dossiers, news, orders, people, preview, toolkit)
    for pages in (auth, routes, *signed_in):
        app.register_blueprint(pages.bp)
    # A mail program that turns mails off has no page of ours; the view asks for the token where one is due.
    app.extensions["csrf"].exempt("app.portal.news.routes.save_choice")
    app.jinja_env.globals.update(menu=MENU, may_open=lambda endpoint: may_open(g.accountant.role, endpoint))
    app.config["EXPORT_FORMATS"] = installed_formats()

"""The accountant's door: preview, order, follow, copy, resend, and know what to say."""

from flask import Flask

from app.portal import menu
from app.portal.gallery import gallery
from app.portal.manage import manage
from app.portal.ordering import ordering
from app.portal.preview import previews
from app.portal.requests import requests
from app.portal.sign_in import sign_in
from app.portal.toolkit import toolkit
from app.portal.warning import warnings


def init_app(app: Flask) -> None:
    """Open the door; `app.web.setup.init_app` comes first."""
    menu.init_menu(app)
    for room in (sign_in, requests, manage, ordering, warnings, toolkit, previews, gallery):
        app.register_blueprint(room)

"""The few pages that belong to no door: home, conditions, the way through a bank's app, the sign of life."""

from flask import Blueprint, Response, abort, render_template

from app.domain.banks import APP_BANKS, BANKS
from app.i18n import set_locale
from app.web import terms

site = Blueprint("site", __name__)


@site.get("/")
def show_home() -> str:
    """Tell a visitor without a link where to find it."""
    return render_template("site/home.html")


@site.get("/terms/<version>/<language>")
def show_terms(version: str, language: str) -> str:
    """Show one version of the conditions at its permanent address."""
    try:
        text = terms.terms_text(language, version)
    except terms.UnknownTerms:
        abort(404)
    set_locale(language)
    return render_template("site/terms.html", version=version, text=text)


@site.get("/how-to-activate")
def list_app_banks() -> str:
    """List the banks whose cardholders activate in the bank's own app."""
    return render_template("site/app_banks.html", banks=[BANKS[key] for key in APP_BANKS])


@site.get("/how-to-activate/<bank>")
def show_app_steps(bank: str) -> str:
    """Tell the steps in the app of one bank; the page knows of no request."""
    if bank not in APP_BANKS:
        abort(404)
    return render_template("site/how_to_activate.html", bank=BANKS[bank])


@site.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process lives."""
    return Response("ok\n", mimetype="text/plain")

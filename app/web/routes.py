"""The pages of no blueprint of their own: home, conditions, steps in a bank's app, health, design."""

from collections.abc import Mapping
from datetime import timedelta
from mimetypes import guess_type
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for

from app.domain.banks import APP_BANKS
from app.domain.states import StatusLabel
from app.i18n import LANGUAGES, set_locale
from app.services.terms_publication import UnknownTerms
from app.web.extensions import services
from app.wording import LABELS

bp = Blueprint("site", __name__)

_CONTACT_HOLDS = timedelta(days=30)


@bp.get("/")
def show_home() -> str:
    """Tell a visitor without a link where to find it."""
    return render_template("site/home.html")


@bp.get("/terms/<version>/<language>")
def show_terms(version: str, language: str) -> str:
    """Show one version of the conditions at its permanent address."""
    try:
        text = services().terms.read(version, language)
    except UnknownTerms:
        abort(404)
    set_locale(language)
    return render_template("site/terms.html", version=version, text=text)


@bp.get("/how-to-activate")
def list_app_banks() -> str:
    """List the banks whose cardholders activate in the bank's own app."""
    return render_template("site/app_banks.html", banks=APP_BANKS.values())


@bp.get("/how-to-activate/<bank>")
def show_app_steps(bank: str) -> str:
    """Tell the steps in the app of one bank; the page knows of no request."""
    if bank not in APP_BANKS:
        abort(404)
    return render_template("site/how_to_activate.html", bank=APP_BANKS[bank])


@bp.get("/favicon.ico")
@bp.get("/apple-touch-icon.png")
def send_icon() -> Response:
    """Answer browsers and phones that look for an icon where it always was."""
    icon = Path(str(current_app.static_folder), request.path.removeprefix("/"))
    return Response(icon.read_bytes(), mimetype=guess_type(icon.name)[0])


@bp.get("/.well-known/security.txt")
def show_security_contact() -> Response:
    """Tell whoever found a weakness whom to write to (RFC 9116)."""
    settings, expires_at = services().settings, services().clock() + _CONTACT_HOLDS
    lines = {
        "Contact": f"mailto:{settings.operator_contact}",
        "Expires": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": ", ".join(LANGUAGES),
        "Canonical": f"{settings.public_url}{request.path}",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return Response(text, mimetype="text/plain")


@bp.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process lives."""
    return Response("ok\n", mimetype="text/plain")


design_bp = Blueprint("design", __name__, url_prefix="/design")

SKINS = ("site", "portal")


@design_bp.get("", defaults={"skin": "site"})
@design_bp.get("/<skin>")
def show_design(skin: str) -> str:
    """Show everything in one skin; the bank shows its own."""
    if skin not in SKINS:
        abort(404)
    return render_template("design/page.html", skin=skin, skins=SKINS, **_design_samples(skin))


def _design_samples(skin: str) -> Mapping[str, object]:
    here = url_for("design.show_design", skin=skin)
    return {
        "labels": LABELS,
        "filters": dict.fromkeys(LABELS, "12"),
        "list_query": SimpleNamespace(label=StatusLabel.PROBLEM),
        "address": lambda **_changes: here,
    }

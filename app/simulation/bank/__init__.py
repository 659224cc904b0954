"""The simulated bank: a server of its own, with its own storage, pages and look."""

from datetime import timedelta

from flask import Flask, Response, render_template
from werkzeug.exceptions import HTTPException

from app.clock import Clock, Pause, system_clock, system_pause
from app.i18n import require_catalogues
from app.localized_templates import init_app
from app.paths import PACKAGE
from app.simulation.bank.acs import acs
from app.simulation.bank.app_requests import AppRequestStore
from app.simulation.bank.bank_settings import (
    SimulatedBankSettings,
    load_bank_settings,
    refuse_production,
)
from app.simulation.bank.components import (
    EXTENSION,
    BankComponents,
    PostReturn,
    bank_components,
    choose_language,
    post_return,
)
from app.simulation.bank.front_pages import bank_app, lobby
from app.simulation.bank.issuer import Issuer
from app.simulation.bank.sandbox_controls import SandboxControls
from app.simulation.bank.server_api import app_server, sandbox_server, server
from app.simulation.bank.storage import BankStorage

_LARGEST_BODY = 16 * 1024


def create_simulated_bank(
    settings: SimulatedBankSettings | None = None,
    clock: Clock = system_clock,
    post_return: PostReturn = post_return,
    keep_silent: Pause = system_pause,
) -> Flask:
    """Put a simulated bank together; raise SimulationForbidden or BadCatalogues."""
    settings = settings or load_bank_settings()
    refuse_production(settings)
    require_catalogues()
    app = Flask("app.simulation.bank", static_folder=None, template_folder=PACKAGE / "templates")
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = _LARGEST_BODY
    init_app(app)
    store = BankStorage(settings.database)
    issuer = Issuer(store, clock, timedelta(seconds=settings.late_seconds))
    app_requests = AppRequestStore(store)
    controls = SandboxControls(store, issuer, app_requests)
    app.extensions[EXTENSION] = BankComponents(
        settings, issuer, app_requests, controls, post_return, keep_silent
    )
    for blueprint in (server, acs, app_server, sandbox_server, bank_app, lobby):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _error_page)
    app.after_request(_add_security_headers)
    return app


def _error_page(error: HTTPException) -> tuple[str, int]:
    choose_language()
    return render_template("simulator/error.html", code=error.code, detail=""), error.code or 500


def _add_security_headers(response: Response) -> Response:
    back = " ".join(bank_components().settings.return_origins)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        f"form-action 'self' {back}; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers.setdefault("Cache-Control", "no-store")
    return response

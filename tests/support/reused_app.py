"""Applications that are built once a test process for each kind of settings: building one takes 80 ms."""

from flask import Flask
from flask.testing import FlaskClient

from app import build_app
from app.qa.tester_access import init_sandbox_tools
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.support.strict_templates import prepare_templates

_APPS: dict[str, Flask] = {}
#: As it was when the application was built, whatever a test has changed since.
_CONFIGS: dict[str, dict[str, object]] = {}
#: What an application asks its services for at each use, so that it may differ.
_OF_SERVICES = {"database_url", "mail_folder", "bank_url"}


def reuse_app(services: Services, client_class: type[FlaskClient]) -> Flask:
    """Return an application of these settings that now works with these services."""
    key = _describe(services.settings)
    app = _APPS[key] = _APPS.get(key) or new_app(services, client_class)
    app.config.update(_CONFIGS.setdefault(key, dict(app.config)))
    app.testing, app.test_client_class = True, client_class
    app.extensions[EXTENSION] = services
    if services.settings.simulation:
        init_sandbox_tools(app, services)
    return app


def new_app(services: Services, client_class: type[FlaskClient]) -> Flask:
    """Build an application that a test may add to."""
    app = build_app(services)
    app.testing, app.test_client_class = True, client_class
    prepare_templates(app)
    return app


def _describe(settings: Settings) -> str:
    keys = [key.get_secret_value() for key in settings.secret_keys]
    return f"{keys} {settings.model_dump_json(exclude=_OF_SERVICES)}"

"""Make a bare Flask application ready for its blueprints."""

from flask import Flask, url_for
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup, escape
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, IntegerConverter

from app import i18n, localized_templates
from app.domain.identifiers import group_digits_unbroken, readable_address
from app.domain.telephones import format_telephone
from app.domain.typed_text import visible_text
from app.settings import Settings
from app.web import assets, compression, errors, link_pages, middleware, notices, request_tracing, routes
from app.web.bodies import ProductRequest
from app.web.cookies import SessionCookies, link_cookie_name
from app.web.extensions import EXTENSION, Services, services
from app.web.form_tokens import form_token
from app.web.mailed_links import MailedText

_LARGEST_BODY = 16 * 1024


class TextConverter(BaseConverter):
    """A part of an address; NUL is in none of ours, and PostgreSQL takes it in no text."""

    regex = "[^/\0]+"
    part_isolating = True


class RowIdConverter(IntegerConverter):
    """The number of a row in an address: plain digits, and no more of them than a database takes."""

    regex = "[0-9]{1,9}"


def init_app(app: Flask, product: Services, access_log: request_tracing.AccessLog | None = None) -> None:
    """Equip the application; call it before any blueprint is registered.

    Forwarded headers are believed from exactly as many proxies as configured, none by default, for the
    rates and the host. Cookies, links and the origin of forms follow the public address alone.
    """
    if hops := product.settings.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]
    # Werkzeug's own redirects, for a missing or doubled slash, name the host that the request claims.
    app.url_map.merge_slashes = app.url_map.strict_slashes = False
    app.url_map.converters.update(default=TextConverter, int=RowIdConverter, mailed=MailedText)
    app.extensions[EXTENSION] = product
    app.config.update(_flask_config(product.settings))
    app.session_interface, app.request_class = SessionCookies(), ProductRequest
    localized_templates.init_app(
        app, asset_url=assets.asset_url, icon_url=assets.icon_url, terms_url=_current_terms_url
    )
    request_tracing.init_app(app, product, access_log)
    middleware.init_checks(app, product.settings)
    CSRFProtect(app)
    middleware.init_headers(app, product.settings)
    compression.init_app(app)
    errors.init_app(app)
    link_pages.init_app(app)
    _equip_templates(app, product.settings)
    _open_pages(app, product.settings)


def _open_pages(app: Flask, settings: Settings) -> None:
    app.register_blueprint(routes.bp)
    if not settings.production:
        app.register_blueprint(routes.design_bp)


def _current_terms_url() -> str:
    version = services().settings.terms_version
    return url_for("site.show_terms", version=version, language=i18n.current_language())


def _equip_templates(app: Flask, settings: Settings) -> None:
    app.jinja_env.globals.update(
        csrf_token=form_token,
        language_link=middleware.language_link,
        notice_looks=notices.LOOKS,
        public_url=settings.public_url,
        support_address=settings.support_address,
        terms_version=settings.terms_version,
    )
    app.jinja_env.filters.update(
        unbroken=group_digits_unbroken,
        isolated=isolate_name,
        telephone=format_telephone,
        readable=readable_address,
    )


def isolate_name(name: str) -> Markup:
    """Return a name that others chose, so that its direction turns nothing of the sentence round it."""
    return Markup(f"<bdi>{escape(visible_text(name))}</bdi>")  # noqa: S704  # the name is escaped


def _flask_config(settings: Settings) -> dict[str, object]:
    newest, *older = (key.get_secret_value() for key in settings.secret_keys)
    return {
        "SECRET_KEY": newest,
        "SECRET_KEY_FALLBACKS": older,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.uses_https else "session",
        "SESSION_COOKIE_SECURE": settings.uses_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "LINK_COOKIE_NAME": link_cookie_name(settings),
        "MAX_CONTENT_LENGTH": _LARGEST_BODY,
        # A form may stay open as long as the browser does (WCAG 2.2.1).
        "WTF_CSRF_TIME_LIMIT": None,
        # It would ask for `Referer`, which many hide; `app.web.middleware` looks at `Origin` instead.
        "WTF_CSRF_SSL_STRICT": False,
    }

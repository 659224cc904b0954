"""Around each request, in order: language, host, origin, rate and body before the view, headers after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, g, request, url_for
from limits import parse
from werkzeug.exceptions import BadHost, TooManyRequests

from app.domain.cards import looks_like_card_number
from app.i18n import preferred_language, set_locale, supported_language
from app.setting_types import DEFAULT_PORTS, origin_of
from app.settings import Settings
from app.web.bodies import UPLOADS, check_body, check_completeness
from app.web.errors import ForeignOrigin, WrongHost, previous_page
from app.web.extensions import services

CONTENT_SECURITY: Mapping[str, str] = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}

EVERYWHERE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    # With `no-referrer` browsers send `Origin: null` with our own forms, as any page may that hides itself.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

#: All that a file under a hashed address needs: it is no page, and no browser asks for it again or in parts.
IMMUTABLE_FILE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_REVALIDATION_HEADERS = ("Accept-Ranges", "Content-Disposition", "ETag", "Last-Modified")
_HSTS = "max-age=31536000; includeSubDomains"
_HIDDEN = {"X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class HeaderAdditions:
    """What one blueprint or endpoint adds to the headers of every page."""

    headers: Mapping[str, str] = field(default_factory=dict)
    posts_to_bank: bool = False
    rules: Mapping[str, str] = field(default_factory=dict)


#: By the beginning of the path, by blueprint or by endpoint; the later wins. A blueprint has its own name,
#: wherever it is mounted.
ADDITIONS: Mapping[str, HeaderAdditions] = {
    "/portal": HeaderAdditions(_HIDDEN),
    "/design": HeaderAdditions(_HIDDEN),
    "/qa": HeaderAdditions(_HIDDEN),
    "entry": HeaderAdditions(_HIDDEN),
    "office_messages": HeaderAdditions(_HIDDEN),
    "wizard": HeaderAdditions(_HIDDEN),
    # The token stands in this address and must not travel on.
    "entry.open_link": HeaderAdditions({"Referrer-Policy": "no-referrer"}),
    # The same with the handle that travels to the bank.
    "entry.receive_return_by_get": HeaderAdditions({"Referrer-Policy": "no-referrer"}),
    "entry.show_outcome": HeaderAdditions({"Referrer-Policy": "no-referrer"}),
    "wizard.hand_over_to_bank": HeaderAdditions(posts_to_bank=True),
    # The same, but the form on this page still says from which site it comes.
    "auth.show_claim_button": HeaderAdditions({"Referrer-Policy": "strict-origin"}),
    "auth.claim_sign_in_link": HeaderAdditions({"Referrer-Policy": "strict-origin"}),
    # A mail is shown in a box of its own: it runs nothing, knows no cookie, and its links open elsewhere.
    "qa_mails.show_mail": HeaderAdditions(rules={"frame-src": "'self'"}),
    "qa_mails.show_mail_html": HeaderAdditions(
        rules={
            "style-src": "'unsafe-inline'",
            "script-src": "'none'",
            "frame-ancestors": "'self'",
            "sandbox": "allow-popups allow-popups-to-escape-sandbox",
        }
    ),
}


Check = Callable[[], None]


def init_checks(app: Flask, settings: Settings) -> None:
    """Look at each request before its view; the order counts: a refusal speaks the visitor's language."""
    by_settings = (_host_check(settings), _origin_check(settings), _rate_check(settings))
    # The body last, and before CSRF protection, which reads it.
    checks = (_choose_language, *by_settings, check_completeness, check_body)

    @app.before_request
    def look_at_request() -> None:
        for check in checks:
            check()

    app.after_request(_store_choice)


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on each answer of the application."""

    @cache
    def headers_of(beginning: str, blueprint: str | None, endpoint: str) -> Mapping[str, str]:
        names = _header_names(app, beginning, blueprint, endpoint)
        return _merge_headers(settings, [ADDITIONS[name] for name in names if name in ADDITIONS])

    @app.after_request
    def secure(response: Response) -> Response:
        if is_hashed_file(response):
            for name in _REVALIDATION_HEADERS:
                response.headers.remove(name)
            response.headers.update(_with_https(settings, IMMUTABLE_FILE_HEADERS))
            return response
        beginning = "/" + request.path.split("/")[1]
        # Anybody may ask for any path, and only these few make a difference.
        beginning = beginning if beginning in ADDITIONS else ""
        response.headers.update(headers_of(beginning, request.blueprint, request.endpoint or ""))
        return response


def _header_names(app: Flask, beginning: str, blueprint: str | None, endpoint: str) -> tuple[str, ...]:
    if blueprint is None:
        return beginning, endpoint
    own = app.blueprints[blueprint].name
    return beginning, own, f"{own}.{endpoint.rpartition('.')[2]}"


def _merge_headers(settings: Settings, additions: Sequence[HeaderAdditions]) -> Mapping[str, str]:
    merged = {"Content-Security-Policy": _content_policy(settings, additions), **EVERYWHERE}
    for addition in additions:
        merged.update(addition.headers)
    return _with_https(settings, merged)


def _with_https(settings: Settings, headers: Mapping[str, str]) -> Mapping[str, str]:
    return {**headers, "Strict-Transport-Security": _HSTS} if settings.uses_https else headers


def _content_policy(settings: Settings, additions: Sequence[HeaderAdditions]) -> str:
    rules = dict(CONTENT_SECURITY)
    if any(addition.posts_to_bank for addition in additions):
        rules["form-action"] = " ".join(("'self'", *settings.challenge_origins))
    for addition in additions:
        rules.update(addition.rules)
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def is_hashed_file(response: Response) -> bool:
    """Tell whether this is a file under an address that changes with its content."""
    return request.endpoint == "static" and response.status_code == 200 and "v" in request.args


#: What watches the machine asks it under the machine's own name.
UNDER_ANY_HOST = frozenset({"site.healthz"})


def _host_check(settings: Settings) -> Check:
    """Check the host of each request before anything else is done for it."""
    names = allowed_hosts(settings.public_url)

    def check() -> None:
        if isinstance(request.routing_exception, BadHost):
            raise request.routing_exception
        if request.endpoint not in UNDER_ANY_HOST and request.headers.get("Host", "").lower() not in names:
            raise WrongHost

    return check


def allowed_hosts(public_url: str) -> frozenset[str]:
    """Return the hosts under which a public address may be called, as a request names them."""
    parts = urlsplit(public_url.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    # Some proxies hand the name on without its port.
    return frozenset({host, f"{host}:{parts.port or DEFAULT_PORTS[parts.scheme]}"})


#: Endpoints and blueprints that read no cookie: the bank's page sends browsers back, a program shows its key.
EXEMPT = frozenset({"entry.receive_return", "qa_api"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def _origin_check(settings: Settings) -> Check:
    """Check where each form comes from, before requests are counted or a body is read."""
    own = origin_of(settings.public_url)

    def check() -> None:
        if request.endpoint is None or request.method in _READING:
            return
        if EXEMPT.isdisjoint((request.endpoint, request.blueprint)) and _is_foreign(own):
            raise ForeignOrigin

    return check


def _is_foreign(own: str) -> bool:
    origin = request.headers.get("Origin", "").lower()
    # `same-site` alone says nothing: a page of a sibling domain also tells its origin.
    return (
        origin not in ("", "null", own) or request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site"
    )


#: Which setting holds the rate of which endpoint.
RATES: Mapping[str, str] = {
    "entry.open_link": "link_rate",
    "entry.show_outcome": "link_rate",
    # These four make the bank be asked.
    "entry.receive_return": "link_rate",
    "entry.receive_return_by_get": "link_rate",
    "wizard.check_result": "link_rate",
    "wizard.start_over": "link_rate",
    # A program that tries cards would read here what became of each.
    "wizard.show_result": "link_rate",
    "office_messages.send_message": "link_rate",
    "wizard.submit_card": "card_rate",
    "auth.send_sign_in_link": "sign_in_rate",
    "auth.show_claim_button": "link_rate",
    "auth.claim_sign_in_link": "link_rate",
    "news.save_choice": "link_rate",
    "portal.export_activations": "export_rate",
    **dict.fromkeys(UPLOADS, "upload_rate"),
    # In a simulation anybody may open an office.
    "qa.create_office": "qa_office_rate",
    "qa_api.open_office": "qa_office_rate",
}


def _rate_check(settings: Settings) -> Check:
    """Slow down the endpoints of the table; IPv6 counts by its /64, and no store learns an address."""
    named = {endpoint: settings.rate_limit(name) for endpoint, name in RATES.items()}
    rates = {endpoint: parse(rate) for endpoint, rate in named.items() if rate}

    def check() -> None:
        endpoint = request.endpoint or ""
        rate = rates.get(endpoint)
        if rate is None:
            return
        found = services()
        network = found.context.tokens.mark_network(request.remote_addr or "")
        if found.rates.is_too_often(rate, endpoint, network):
            raise TooManyRequests(retry_after=rate.get_expiry())

    return check


COOKIE = "language"
_KEPT = timedelta(days=365)

#: The bank's cross-site POST arrives here: no cookie is read and none is set.
WITHOUT_COOKIES = frozenset({"entry.receive_return"})


def language_wanted() -> str | None:
    """Return the language that the reader has just chosen from the menu."""
    return supported_language(request.args.get("lang")) if request.query_string else None


def language_link(language: str) -> str:
    """Return the address of this same page, with all that it says, in another language.

    The answer to a form is no page of its own: it leads to the page that held the form.
    """
    if request.method == "POST" and (before := previous_page()) and before != request.path:
        return f"{before}?{urlencode({'lang': language})}"
    arguments = request.view_args or {}
    if request.endpoint and "language" in arguments:
        return url_for(request.endpoint, **{**arguments, "language": language})
    if not request.query_string:
        return f"?lang={language}"
    parameters = request.args.items(multi=True)
    kept = [
        (name, value) for name, value in parameters if name != "lang" and not looks_like_card_number(value)
    ]
    return "?" + urlencode([*kept, ("lang", language)])


def _choose_language() -> None:
    kept = None if request.endpoint in WITHOUT_COOKIES else request.cookies.get(COOKIE)
    chosen = language_wanted() or supported_language(kept)
    g.language_chosen = chosen is not None
    set_locale(
        chosen
        or preferred_language(request.headers.get("Accept-Language", ""))
        or services().settings.language
    )


def _store_choice(response: Response) -> Response:
    chosen = language_wanted()
    if chosen and request.endpoint not in WITHOUT_COOKIES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=_KEPT,
            secure=services().settings.uses_https,
            httponly=True,
            samesite="Lax",
        )
    return response

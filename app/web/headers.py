"""The security headers, as data: one policy for every page and the few additions that a page needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Flask, Response, request

from app.settings import Settings

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

_FOR_EVER = "public, max-age=31536000, immutable"
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
    "entrance": HeaderAdditions(_HIDDEN),
    "wizard": HeaderAdditions(_HIDDEN),
    # The token stands in this address and must not travel on.
    "entrance.open_link": HeaderAdditions({"Referrer-Policy": "no-referrer"}),
    "wizard.hand_over_to_bank": HeaderAdditions(posts_to_bank=True),
    # The same, but the form on this page still says from which site it comes.
    "sign_in.show_claim_button": HeaderAdditions({"Referrer-Policy": "strict-origin"}),
    "sign_in.claim_sign_in_link": HeaderAdditions({"Referrer-Policy": "strict-origin"}),
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


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on each answer of the application."""

    @app.after_request
    def secure(response: Response) -> Response:
        found = tuple(ADDITIONS[name] for name in _blueprint_names(app) if name in ADDITIONS)
        response.headers["Content-Security-Policy"] = _content_policy(settings, found)
        for headers in (EVERYWHERE, *(additions.headers for additions in found)):
            response.headers.update(headers)
        if settings.uses_https:
            response.headers["Strict-Transport-Security"] = _HSTS
        if _is_hashed_file(response):
            response.headers["Cache-Control"] = _FOR_EVER
        return response


def _blueprint_names(app: Flask) -> tuple[str, str, str]:
    beginning, endpoint = "/" + request.path.split("/")[1], request.endpoint or ""
    if request.blueprint is None:
        return beginning, "", endpoint
    own = app.blueprints[request.blueprint].name
    return beginning, own, f"{own}.{endpoint.rpartition('.')[2]}"


def _content_policy(settings: Settings, found: tuple[HeaderAdditions, ...]) -> str:
    rules = dict(CONTENT_SECURITY)
    if any(additions.posts_to_bank for additions in found):
        rules["form-action"] = " ".join(("'self'", *settings.challenge_origins))
    for additions in found:
        rules.update(additions.rules)
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _is_hashed_file(response: Response) -> bool:
    return request.endpoint == "static" and response.status_code == 200 and "v" in request.args

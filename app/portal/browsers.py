"""The browsers of accountants: their family, and a cookie by which one is known again."""

import re
from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from app.services.sign_in import Browser
from app.settings import Settings
from app.web.extensions import services

#: The first that a browser says of itself: most also name those that they want to be taken for.
_FAMILIES = (
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"(?:Chrome|Chromium|CriOS)/")),
    ("Safari", re.compile(r"Version/.* Safari/")),
)
_KEPT = timedelta(days=365)
#: Who share one browser; the one of the longest ago is forgotten.
_MOST_ACCOUNTANTS = 5


def known_cookie_name(settings: Settings) -> str:
    """Name the cookie by which a browser is known again."""
    return "__Host-known" if settings.uses_https else "known"


def browser_family(user_agent: str) -> str | None:
    """Return the family of a browser, None where it is none that we know."""
    return next((name for name, shape in _FAMILIES if shape.search(user_agent)), None)


def read_browser() -> Browser:
    """Return the browser that sent this request."""
    cookie = request.cookies.get(known_cookie_name(services().settings), "")
    family = browser_family(request.headers.get("User-Agent", ""))
    return Browser(family, services().context.tokens.read_known_browser(cookie))


def remember_browser(response: Response, browser: Browser, accountant_id: int) -> None:
    """Let the browser be known as one of this accountant's from now on."""
    known = [accountant_id, *(one for one in browser.known_accountants if one != accountant_id)]
    settings = services().settings
    response.set_cookie(
        known_cookie_name(settings),
        services().context.tokens.sign_known_browser(known[:_MOST_ACCOUNTANTS]),
        max_age=_KEPT,
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )

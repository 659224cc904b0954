"""Who may test: a browser by its cookie, a program by its key; each sees one office, its own."""

from typing import cast

from flask import g, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from app.qa.wiring import rehearsals
from app.rehearsal import Rehearsals, TestOffice
from app.settings import Settings
from app.web.wiring import services

PATH = "/qa"
_BEARER = "Bearer "


def cookie_name(settings: Settings) -> str:
    """Name the cookie of the office; the prefix makes browsers refuse it over plain http."""
    return "__Secure-qa" if settings.secure else "qa"


def remember(response: Response, key: str) -> Response:
    """Leave the key of the office in the browser, for the testers' pages alone."""
    settings = services().settings
    response.set_cookie(
        cookie_name(settings),
        str(_serializer(settings).dumps(key)),
        path=PATH,
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def key_in_cookie() -> str | None:
    """Return the key that this browser has; None where there is none of ours."""
    settings = services().settings
    try:
        key = _serializer(settings).loads(request.cookies.get(cookie_name(settings), ""))
    except BadData:
        return None
    return key if isinstance(key, str) else None


def key_in_header() -> str | None:
    """Return the key that a program sends; None where it sends none."""
    sent = request.headers.get("Authorization", "")
    return sent.removeprefix(_BEARER) if sent.startswith(_BEARER) else None


def enter(key: str | None) -> bool:
    """Open the office of a key for this request; False where the key opens none."""
    found = rehearsals().office(key) if key else None
    if found is None:
        return False
    g.qa_office, g.qa_key = found, key
    return True


def office() -> TestOffice:
    """Return the tester's office."""
    return cast("TestOffice", g.qa_office)


def key() -> str:
    """Return the key of the tester's office."""
    return cast("str", g.qa_key)


def own() -> Rehearsals:
    """Return the rehearsals of the tester's office alone."""
    return rehearsals().within(office().id)


def _serializer(settings: Settings) -> URLSafeSerializer:
    keys = [key.get_secret_value() for key in reversed(settings.secret_keys)]
    return URLSafeSerializer(keys, salt="caro:qa-office:v1")

"""Who may test: a browser by its cookie, a program by its key; each sees one office, its own."""

from typing import cast

from flask import g, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from app.qa.wiring import sandbox_tools
from app.settings import Settings
from app.simulation.testing import SandboxOffice, SandboxTools
from app.web.wiring import services

PATH = "/qa"
_BEARER = "Bearer "


def office_cookie_name(settings: Settings) -> str:
    """Name the cookie of the office; the prefix makes browsers refuse it over plain http."""
    return "__Secure-qa" if settings.uses_https else "qa"


def set_office_cookie(response: Response, key: str) -> Response:
    """Leave the key of the office in the browser, for the testers' pages alone."""
    settings = services().settings
    response.set_cookie(
        office_cookie_name(settings),
        str(_cookie_serializer(settings).dumps(key)),
        path=PATH,
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def cookie_key() -> str | None:
    """Return the key that this browser has; None where there is none of ours."""
    settings = services().settings
    try:
        key = _cookie_serializer(settings).loads(request.cookies.get(office_cookie_name(settings), ""))
    except BadData:
        return None
    return key if isinstance(key, str) else None


def bearer_key() -> str | None:
    """Return the key that a program sends; None where it sends none."""
    sent = request.headers.get("Authorization", "")
    return sent.removeprefix(_BEARER) if sent.startswith(_BEARER) else None


def open_tester_office(key: str | None) -> bool:
    """Open the office of a key for this request; False where the key opens none."""
    found = sandbox_tools().find_office(key) if key else None
    if found is None:
        return False
    g.qa_office, g.qa_key = found, key
    return True


def current_office() -> SandboxOffice:
    """Return the tester's office."""
    return cast("SandboxOffice", g.qa_office)


def current_key() -> str:
    """Return the key of the tester's office."""
    return cast("str", g.qa_key)


def office_tools() -> SandboxTools:
    """Return the rehearsals of the tester's office alone."""
    return sandbox_tools().for_office(current_office().id)


def _cookie_serializer(settings: Settings) -> URLSafeSerializer:
    keys = [key.get_secret_value() for key in reversed(settings.secret_keys)]
    return URLSafeSerializer(keys, salt="caro:qa-office:v1")

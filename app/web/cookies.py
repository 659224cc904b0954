"""The session's cookie, and that of a link, which more than one blueprint sets while the wizard is walked."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.settings import Settings


def link_cookie_name(settings: Settings) -> str:
    """Name the cookie of the link; the prefix makes browsers refuse it over plain http."""
    return "__Secure-link" if settings.uses_https else "link"


def portal_cookie_name(settings: Settings) -> str:
    """Name the cookie of who is signed in; the prefix ties it to this host and to https."""
    return "__Host-portal" if settings.uses_https else "portal"


def set_link_cookie(response: Response, settings: Settings, public_id: str, value: str) -> Response:
    """Leave the link's cookie in the browser, for the pages of one activation alone."""
    response.set_cookie(
        link_cookie_name(settings),
        value,
        path=f"/activation/{public_id}",
        secure=settings.uses_https,
        httponly=True,
        samesite="Lax",
    )
    return response


class SessionCookies(SecureCookieSessionInterface):
    """Flask's own sessions; what signs them is made once, and not twice a request."""

    _signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs with the keys that the application was configured with."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

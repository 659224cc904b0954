"""The cookie that more than one door leaves: the link's, while the wizard is walked."""

from werkzeug.wrappers import Response

from app.settings import Settings


def link_cookie(settings: Settings) -> str:
    """Name the cookie of the link; the prefix makes browsers refuse it over plain http."""
    return "__Secure-link" if settings.secure else "link"


def keep_link(response: Response, settings: Settings, public_id: str, value: str) -> Response:
    """Leave the link's cookie in the browser, for the pages of one activation alone."""
    response.set_cookie(
        link_cookie(settings),
        value,
        path=f"/activation/{public_id}",
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return response

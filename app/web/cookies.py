"""The names of cookies that more than one door knows."""

from app.settings import Settings


def link_cookie(settings: Settings) -> str:
    """Name the cookie of the link; the prefix makes browsers refuse it over plain http."""
    return "__Secure-link" if settings.secure else "link"

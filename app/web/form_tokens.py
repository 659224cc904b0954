"""The token in each form, which only pages of ours can know."""

from functools import lru_cache

from flask import current_app, session
from flask_wtf.csrf import generate_csrf


def form_token() -> str:
    """Return the token of this session's forms; it never expires, so that it is signed once."""
    drawn = session.get("csrf_token")
    return _sign_token(drawn, current_app.secret_key) if drawn else str(generate_csrf())


@lru_cache(maxsize=1024)
def _sign_token(_drawn: str, _key: object) -> str:
    """Sign what was drawn for the session at hand."""
    return str(generate_csrf())

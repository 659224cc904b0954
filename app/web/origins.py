"""Refuse forms that another website sends, even with a good token.

Browsers, extensions and company proxies leave `Referer` and `Origin` out, or write `null`; there the token
alone decides.
"""

from flask import Flask, request
from werkzeug.exceptions import Forbidden

from app.settings import Settings, origin_of

#: Endpoints and blueprints that read no cookie: the bank's page sends browsers back, a program shows its key.
EXEMPT = frozenset({"entrance.receive_return", "qa_api"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignOrigin(Forbidden):
    """The form was sent by another website."""


def install(app: Flask, settings: Settings) -> None:
    """Check where each form comes from; register this before what counts requests or reads a body."""
    own = origin_of(settings.public_url)

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.method in _READING:
            return
        if EXEMPT.isdisjoint((request.endpoint, request.blueprint)) and _is_foreign(own):
            raise ForeignOrigin


def _is_foreign(own: str) -> bool:
    origin = request.headers.get("Origin", "").lower()
    # `same-site` alone says nothing: a page of a sibling domain also tells its origin.
    return (
        origin not in ("", "null", own) or request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site"
    )

"""Which language a request speaks: explicit choice, then activation, then browser, then the default."""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for

from app.domain.cards import looks_like_card_number
from app.i18n import preferred_language, set_locale, supported_language
from app.web.wiring import services

COOKIE = "language"
_KEPT = timedelta(days=365)

#: The bank's cross-site POST arrives here: no cookie is read and none is set.
WITHOUT_COOKIES = frozenset({"entrance.receive_return"})


def install(app: Flask) -> None:
    """Choose the language before each request and keep an explicit choice after it."""
    app.before_request(_choose_language)
    app.after_request(_store_choice)


def follow_language(language: str) -> None:
    """Speak the language of the activation or accountant, unless the reader has chosen one."""
    if not g.get("language_chosen"):
        set_locale(language)


def language_link(language: str) -> str:
    """Return the address of this same page, with all that it says, in another language."""
    arguments = request.view_args or {}
    if request.endpoint and "language" in arguments:
        return url_for(request.endpoint, **{**arguments, "language": language})
    said = request.args.items(multi=True)
    kept = [(name, value) for name, value in said if name != "lang" and not looks_like_card_number(value)]
    return "?" + urlencode([*kept, ("lang", language)])


def _choose_language() -> None:
    chosen = supported_language(request.args.get("lang")) or _session_language()
    g.language_chosen = chosen is not None
    set_locale(chosen or preferred_language(request.accept_languages) or services().settings.language)


def _session_language() -> str | None:
    return None if request.endpoint in WITHOUT_COOKIES else supported_language(request.cookies.get(COOKIE))


def _store_choice(response: Response) -> Response:
    chosen = supported_language(request.args.get("lang"))
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

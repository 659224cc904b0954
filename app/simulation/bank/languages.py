"""The language of pages that belong to no transaction: what the address says, else what the browser wants."""

from typing import Any

from flask import Blueprint, request, url_for

from app.i18n import DEFAULT, preferred_language, set_locale, supported_language


def choose_language() -> None:
    """Choose the language of this request."""
    set_locale(_language_in_url() or preferred_language(request.accept_languages) or DEFAULT)


def add_language_links(door: Blueprint) -> None:
    """Give a door's pages their language and its menu; a choice travels on in addresses, not in a cookie."""
    door.before_request(choose_language)
    door.url_defaults(_carry_language)
    door.context_processor(lambda: {"language_link": language_link})


def language_link(language: str) -> str:
    """Return the address of this same page in another language."""
    return url_for(str(request.endpoint), **{**(request.view_args or {}), "lang": language})


def _language_in_url() -> str | None:
    return supported_language(request.args.get("lang"))


def _carry_language(endpoint: str, values: dict[str, Any]) -> None:
    if _language_in_url() and not endpoint.endswith(".serve_static"):
        values.setdefault("lang", _language_in_url())

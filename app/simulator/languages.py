"""The language of pages that belong to no transaction: what the address says, else what the browser wants."""

from typing import Any

from flask import Blueprint, request, url_for

from app.i18n import DEFAULT, best_language, preferred_language, use_locale


def speak() -> None:
    """Choose the language of this request."""
    use_locale(_chosen() or preferred_language(request.accept_languages) or DEFAULT)


def follow_readers(door: Blueprint) -> None:
    """Give a door's pages their language and its menu; a choice travels on in addresses, not in a cookie."""
    door.before_request(speak)
    door.url_defaults(_carry)
    door.context_processor(lambda: {"language_link": language_link})


def language_link(language: str) -> str:
    """Return the address of this same page in another language."""
    return url_for(str(request.endpoint), **{**(request.view_args or {}), "lang": language})


def _chosen() -> str | None:
    return best_language(request.args.get("lang"))


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if _chosen() and not endpoint.endswith(".static"):
        values.setdefault("lang", _chosen())

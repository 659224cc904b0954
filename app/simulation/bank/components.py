"""What the bank's routes share: its components, a page's language, injected faults, the second return."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import urllib3
from flask import Blueprint, abort, current_app, jsonify, request, url_for

from app.i18n import DEFAULT_LANGUAGE, preferred_language, set_locale, supported_language
from app.simulation.bank.app_requests import AppRequestStore
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.simulation.bank.issuer import Issuer
from app.simulation.bank.protocol import Erro, ErroCode
from app.simulation.bank.sandbox_controls import SandboxControls
from app.simulation.bank.transactions import InjectedFault

PostReturn = Callable[[str, Mapping[str, str]], None]

_TIMEOUT = urllib3.Timeout(connect=2, read=4)


def post_return(url: str, fields: Mapping[str, str]) -> None:
    """Post a return once and forget the answer: the cardholder's browser posts it too."""
    with urllib3.PoolManager() as pool, suppress(urllib3.exceptions.HTTPError):
        pool.request(
            "POST",
            url,
            fields=dict(fields),
            encode_multipart=False,
            redirect=False,
            retries=False,
            timeout=_TIMEOUT,
        )


EXTENSION = "caro-simulator"

Silence = Callable[[float], None]


@dataclass(frozen=True)
class BankComponents:
    """One simulated bank, put together."""

    settings: SimulatedBankSettings
    issuer: Issuer
    app_requests: AppRequestStore
    rehearsals: SandboxControls
    post_return: PostReturn
    keep_silent: Silence


def bank_components() -> BankComponents:
    """Return the parts of the application that serves this request."""
    components: BankComponents = current_app.extensions[EXTENSION]
    return components


def choose_language() -> None:
    """Choose the language of this request."""
    set_locale(
        _language_in_url()
        or preferred_language(request.headers.get("Accept-Language", ""))
        or DEFAULT_LANGUAGE
    )


def add_language_links(blueprint: Blueprint) -> None:
    """Give a blueprint's pages a language and its menu; a choice travels in addresses, not in a cookie."""
    blueprint.before_request(choose_language)
    blueprint.url_defaults(_carry_language)
    blueprint.context_processor(lambda: {"language_link": language_link})


def language_link(language: str) -> str:
    """Return the address of this same page in another language."""
    return url_for(str(request.endpoint), **{**(request.view_args or {}), "lang": language})


def _language_in_url() -> str | None:
    return supported_language(request.args.get("lang"))


def _carry_language(endpoint: str, values: dict[str, Any]) -> None:
    if _language_in_url() and not endpoint.endswith(".serve_static"):
        values.setdefault("lang", _language_in_url())


def apply_fault(office: str, client_reference: str) -> None:
    """Answer in the way that a tester wants for these requests; return where they are treated well."""
    _WAYS[bank_components().rehearsals.read_fault(office, client_reference)]()


def _no_fault() -> None:
    """Answer as usual."""


def _answer_error() -> None:
    raise Erro(ErroCode.TRANSIENT, http=500)


def _answer_late() -> None:
    bank_components().keep_silent(bank_components().settings.hang_seconds)
    _answer_error()


def _answer_nonsense() -> None:
    abort(jsonify(threeDSServerTransID="nobody's"))


_WAYS: Mapping[InjectedFault, Callable[[], None]] = {
    InjectedFault.NONE: _no_fault,
    InjectedFault.DOWN: _answer_error,
    InjectedFault.SLOW: _answer_late,
    InjectedFault.WRONG: _answer_nonsense,
}

"""What the bank's routes share: its components, a page's language, injected faults, the second return."""

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, current_app, jsonify, request, url_for

from app.clock import Pause
from app.i18n import DEFAULT_LANGUAGE, preferred_language, set_locale, supported_language
from app.simulation.bank.app_requests import AppRequestStore
from app.simulation.bank.bank_settings import SimulatedBankSettings
from app.simulation.bank.issuer import Issuer
from app.simulation.bank.protocol import Erro, ErroCode
from app.simulation.bank.sandbox_controls import SandboxControls
from app.simulation.bank.transactions import InjectedFault

PostReturn = Callable[[str, Mapping[str, str]], None]

_SECONDS = 4


def post_return(url: str, fields: Mapping[str, str]) -> None:
    """Post a return once and forget the answer: the cardholder's browser posts it too."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with (
        closing(kind(parts.hostname or "", parts.port, timeout=_SECONDS)) as connection,
        suppress(OSError, HTTPException),
    ):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", parts._replace(scheme="", netloc="").geturl(), urlencode(fields), form)
        connection.getresponse().read()


EXTENSION = "caro-simulator"


@dataclass(frozen=True)
class BankComponents:
    """One simulated bank, put together."""

    settings: SimulatedBankSettings
    issuer: Issuer
    app_requests: AppRequestStore
    controls: SandboxControls
    post_return: PostReturn
    keep_silent: Pause


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
    fault = bank_components().controls.read_fault(office, client_reference)
    if fault is InjectedFault.SLOW:
        bank_components().keep_silent(bank_components().settings.hang_seconds)
    if fault in (InjectedFault.SLOW, InjectedFault.DOWN):
        raise Erro(ErroCode.TRANSIENT, http=500)
    if fault is InjectedFault.WRONG:
        abort(jsonify(threeDSServerTransID="nobody's"))

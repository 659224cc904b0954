"""A client of the testers' API, as docs/openapi.json describes it: all that tests know behind the pages."""

import ssl
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal

import trustme
import urllib3

from e2e.api_models import ActivationEvidence, ListedActivation, MailModel, OfficeModel, ServerModel

#: Seconds; ageing waits for a bank that hangs, and a staging server may be slow besides.
PATIENCE = 60
Command = Literal["age", "work", "resend", "remind", "replace", "cancel", "revoke", "relaunch", "fault"]


class ApiRefused(Exception):
    """The server did not do what was asked; its own words say why."""


class Api:
    """The server, as the holder of an office's key sees it or as nobody does."""

    def __init__(self, base_url: str, key: str = "", authority: trustme.CA | None = None) -> None:
        self._base_url, self._authority = base_url, authority
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def of(self, office: OfficeModel) -> "Api":
        return Api(self._base_url, office.key, self._authority)

    def server(self) -> ServerModel:
        return ServerModel(**self._call("GET", "/server"))

    def open_office(self, language: str) -> OfficeModel:
        return OfficeModel(**self._call("POST", "/offices", json={"language": language}))

    def order(self, **order: str) -> ActivationEvidence:
        """Order; with a scenario, and how far it shall reach, walk as far as that."""
        return ActivationEvidence(**self._call("POST", "/activations", json=order))

    def activations(self) -> Sequence[ListedActivation]:
        return [ListedActivation(**one) for one in self._call("GET", "/activations")["activations"]]

    def activation(self, public_id: str) -> ActivationEvidence:
        return ActivationEvidence(**self._call("GET", f"/activations/{public_id}"))

    def perform(self, command: Command, public_id: str, **fields: object) -> ActivationEvidence:
        """Do something with a request, then what is due."""
        return ActivationEvidence(**self._call("POST", f"/activations/{public_id}/{command}", json=fields))

    def mails(self, **wanted: str) -> Sequence[MailModel]:
        return [MailModel(**mail) for mail in self._call("GET", "/mails", fields=wanted)["mails"]]

    def sign_in_link(self, who: Literal["accountant", "colleague"]) -> str:
        link: str = self._call("POST", "/office/sign-in", json={"who": who})["link"]
        return link

    def work(self) -> None:
        self._call("POST", "/work")

    def _call(self, method: str, path: str, **sent: Mapping[str, Any]) -> Any:
        url = f"{self._base_url}/qa/api{path}"
        try:
            response = _pool(self._authority).request(method, url, headers=self._headers, **sent)
        except urllib3.exceptions.HTTPError as error:
            raise ApiRefused(f"{method} {url}: no answer ({type(error).__name__}).") from error
        if response.status >= 400:
            raise ApiRefused(f"{method} {url}: {response.status} {response.data.decode()[:500]}")
        return response.json()


@cache
def _pool(authority: trustme.CA | None) -> urllib3.PoolManager:
    """Keep the connections of all tests; an authority of the tests' own is trusted where it is given."""
    trust = ssl.create_default_context()
    if authority:
        authority.configure_trust(trust)
    return urllib3.PoolManager(retries=False, timeout=PATIENCE, ssl_context=trust)

"""The QA API of a running server: the only way in which the tests look or reach behind its pages."""

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any

import trustme
import urllib3

#: Seconds; ageing waits for a bank that hangs, and a staging server may be slow besides.
PATIENCE = 60


class ApiRefused(Exception):
    """The server did not do what was asked; its own words say why."""


class Api:
    """JSON in, JSON out, as the holder of an office's key or as nobody."""

    def __init__(self, base_url: str, key: str = "", authority: trustme.CA | None = None) -> None:
        self._base_url = base_url
        self._pool = _pool(authority)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str, **query: str) -> Any:
        """Ask for something."""
        return self._answer("GET", path, fields=query)

    def post(self, path: str, **body: Any) -> Any:
        """Have something done."""
        return self._answer("POST", path, json=body)

    def _answer(self, method: str, path: str, **sent: Mapping[str, Any]) -> Any:
        url = f"{self._base_url}/qa/api{path}"
        try:
            response = self._pool.request(method, url, headers=self._headers, **sent)
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

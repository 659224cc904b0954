"""Cardholders in bulk: rows written directly, and the requests that their browsers would send."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from app.db import Database
from app.domain.states import ActivationState
from app.models import Activation, Dossier
from app.tokens import LinkClaims, TokenSigner
from app.web.cookies import link_cookie_name
from app.web.extensions import EXTENSION, Services

CARD = {"card_number": "4000 0243 2959 6391", "security_code": "123"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HEAD = """{method} {path} HTTP/1.1\r
Host: localhost:8000\r
User-Agent: Mozilla/5.0 (Linux; Android 14; Mobile) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36\r
Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r
Accept-Language: fr-BE,fr;q=0.9,nl;q=0.8,en;q=0.7\r
"""


def invite(
    database: Database, state: ActivationState, numbers: range, now: datetime, until: datetime
) -> None:
    """Insert activations with these numbers, in one state."""
    moments = {"ordered_at": now, "invited_at": now, "changed_at": now, "expires_at": until}
    kept = {"office_id": 1, "dossier_id": 1, "accountant_id": 1, "bank": "belfius", "language": "fr"}
    with database.transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == kept["dossier_id"]).values(ordered=True))
        session.execute(
            insert(Activation),
            [
                {
                    "public_id": public_id(number),
                    "client_reference": str(6_000_000_000 + number),
                    "address": f"holder-{number}@client.example",
                    "state": state,
                    **kept,
                    **moments,
                }
                for number in numbers
            ],
        )


def public_id(number: int) -> str:
    """Return a public id as long as the real ones."""
    return f"bench-{number:010}"


@dataclass(frozen=True)
class HtmlForm:
    """What a browser holds after it was shown a form: the session's cookie and the form's token."""

    session: str
    token: str

    def card(self, now: datetime) -> dict[str, str]:
        """Return a card that can be sent: its expiry lies in the future."""
        return {"csrf_token": self.token, "expiry": f"12/{(now.year + 2) % 100:02}", **CARD}


@dataclass(frozen=True)
class VisitorLoad:
    """Makes the browsers of the cardholders, with the keys of the application itself."""

    app: Flask

    @property
    def services(self) -> Services:
        """What the composition root has built."""
        found: Services = self.app.extensions[EXTENSION]
        return found

    @property
    def session_cookie(self) -> str:
        """The name of the session's cookie."""
        return str(self.app.config["SESSION_COOKIE_NAME"])

    def client(self, number: int) -> FlaskClient:
        """Return a test client that has opened the link of this activation."""
        client = self.app.test_client()
        identity = public_id(number)
        client.set_cookie(
            link_cookie_name(self.services.settings), self._cookie(number), path=f"/activation/{identity}"
        )
        return client

    def form(self, number: int, page: str) -> HtmlForm:
        """Open a page as a browser, and keep what its form was given."""
        client = self.client(number)
        found = _TOKEN.search(client.get(path(number, page)).get_data(as_text=True))
        session = client.get_cookie(self.session_cookie)
        assert session
        assert found
        return HtmlForm(session.value, found[1])

    def gets(self, page: str, numbers: range, session: str) -> Iterator[bytes]:
        """Yield the requests of browsers that open a page."""
        for number in numbers:
            yield self._request("GET", number, page, session)

    def posts(self, page: str, numbers: range, session: str, body: dict[str, str]) -> Iterator[bytes]:
        """Yield the requests of browsers that send a form."""
        for number in numbers:
            yield self._request("POST", number, page, session, urlencode(body))

    def get(self, path: str, cookies: Mapping[str, str] = MappingProxyType({})) -> bytes:
        """Return the request of a browser that opens any page."""
        return _write_request("GET", path, cookies)

    def _request(self, method: str, number: int, page: str, session: str, body: str = "") -> bytes:
        cookies = {link_cookie_name(self.services.settings): self._cookie(number)}
        if session:
            cookies[self.session_cookie] = session
        return _write_request(method, path(number, page), cookies, body)

    def _cookie(self, number: int) -> str:
        links: TokenSigner = self.services.context.tokens
        return links.sign_link_cookie(LinkClaims(public_id(number), 1))


def _write_request(method: str, path: str, cookies: Mapping[str, str], body: str = "") -> bytes:
    head = _HEAD.format(method=method, path=path)
    if cookies:
        head += f"Cookie: {'; '.join(f'{name}={value}' for name, value in cookies.items())}\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n{body}".encode()


def path(number: int, page: str) -> str:
    """Return the address of a wizard page of one activation."""
    return f"/activation/{public_id(number)}/{page}"

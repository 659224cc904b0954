"""The headers of every page: closed, small, never kept, but for files that cannot change."""

import re

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings
from app.web.extensions import EXTENSION
from app.web.middleware import ADDITIONS
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.page_lint import LintingClient


def size(headers: list[tuple[str, str]]) -> int:
    return sum(len(name) + len(value) + len(": \r\n") for name, value in headers)


def test_every_header_fits_in_little(cardholder_client: CardholderClient) -> None:
    for reach in (cardholder_client.open_link, cardholder_client.accept, cardholder_client.type_card):
        headers = reach().headers
        assert size(list(headers.items())) < 800


CLOSED = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
UNDER_A_HASH = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def test_nothing_is_allowed_by_default(client: FlaskClient) -> None:
    headers = client.get("/").headers

    assert {name: headers[name] for name in CLOSED} == CLOSED


@pytest.mark.parametrize("path", ["/", "/nowhere", "/a/broken", "/3ds/return", "/terms/2026-12/fr"])
def test_pages_are_never_kept(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == (
        "no-referrer" if path.startswith(("/a/", "/3ds/")) else "same-origin"
    )


def test_only_private_pages_are_hidden(cardholder_client: CardholderClient) -> None:
    assert cardholder_client.open_link().headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in cardholder_client.client.get("/").headers


def test_hashed_files_are_kept_for_ever(client: FlaskClient) -> None:
    found = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[0-9a-f]{12})"', client.get("/").text)
    addresses = sorted(set(found))

    assert len(addresses) == 2
    for address in addresses:
        with client.get(address) as file:
            assert file.status_code == 200
            assert {name: file.headers[name] for name in UNDER_A_HASH} == UNDER_A_HASH
            assert not {"Accept-Ranges", "Content-Disposition", "ETag", "Last-Modified"} & {
                *file.headers.keys()
            }
            assert size(list(file.headers.items())) < 400
    with client.get(addresses[0].partition("?")[0]) as file:
        assert file.headers["Cache-Control"] == "no-store"


def test_missing_files_are_not_kept(client: FlaskClient) -> None:
    missing = client.get("/static/nothing.css?v=1")
    assert missing.headers["Cache-Control"] == "no-store"
    assert "form-action" in missing.headers["Content-Security-Policy"]


def test_https_is_insisted_on(
    settings: Settings, clock: MovableClock, bank: FakeBank, cardholder_client: CardholderClient
) -> None:
    assert "Strict-Transport-Security" not in cardholder_client.open_link().headers

    app = create_app(
        settings.model_copy(update={"public_url": "https://caro.example.be"}), clock=clock, bank=bank
    )
    answer = LintingClient(app).get("/", base_url="https://caro.example.be")
    app.extensions[EXTENSION].database.close_connections()
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_session_cookie_is_closed(cardholder_client: CardholderClient) -> None:
    cookies = cardholder_client.open_link().headers.getlist("Set-Cookie")

    (session,) = [cookie for cookie in cookies if cookie.startswith("session=")]
    assert session.endswith("; HttpOnly; Path=/; SameSite=Lax")


def test_additions_name_real_pages(settings: Settings) -> None:
    simulated = create_app(settings.model_copy(update={"simulation": True}))
    beginnings = {f"/{rule.rule.split('/')[1]}" for rule in simulated.url_map.iter_rules()}
    known = set(simulated.blueprints) | set(simulated.view_functions)
    simulated.extensions[EXTENSION].database.close_connections()

    assert set(ADDITIONS) <= known | beginnings

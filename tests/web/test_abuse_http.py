"""Requests that no browser of ours makes: other hosts, methods and paths, and links that were never sent."""

import re
from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import build_services
from app.db import Database
from app.deadlines import BODY_CUT_OFF
from app.settings import Settings
from app.tokens import LinkClaims
from app.web.extensions import EXTENSION, Services
from app.web.middleware import allowed_hosts
from tests.conftest import ProductClient
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.office import order_for
from tests.support.reused_app import reuse_app

PUBLIC = "caro.example.be"


@pytest.fixture
def public(
    settings: Settings,
    database: Database,
    clock: MovableClock,
    bank: FakeBank,
    sent_mails: RecordingTransport,
) -> FlaskClient:
    """A browser of a product with a name of its own, behind one proxy."""
    changes = {"public_url": f"https://{PUBLIC}", "trusted_proxies": 1}
    changed = settings.model_copy(update=changes)
    services = build_services(changed, clock=clock, bank=bank, transport=sent_mails, database=database)
    return ProductClient(reuse_app(services, ProductClient))


@pytest.mark.parametrize("host", [PUBLIC, PUBLIC.upper(), f"{PUBLIC}:443"])
def test_our_own_host_is_answered(public: FlaskClient, host: str) -> None:
    assert public.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": f"{PUBLIC}:8443"},
        {"Host": f"{PUBLIC}."},
        {"Host": f"evil.{PUBLIC}"},
        {"Host": f"{PUBLIC}.evil.example"},
        {"Host": f"{PUBLIC}@evil.example"},
        {"Host": "127.0.0.1"},
        {"Host": PUBLIC, "X-Forwarded-Host": "evil.example"},
        {"Host": PUBLIC, "X-Forwarded-Host": f"{PUBLIC}:8443"},
        {"Host": PUBLIC, "X-Forwarded-Host": f"{PUBLIC}, evil.example"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/portal/sign-in", "/a/x.y", "/nowhere", "/static/css/site.css"])
def test_any_other_host_gets_one_page(public: FlaskClient, headers: Mapping[str, str], path: str) -> None:
    answer = public.get(path, headers={"Accept-Language": "en", **headers})

    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "evil" not in str(answer.headers)


def test_the_page_says_what_is_wrong(public: FlaskClient) -> None:
    page = public.get("/", headers={"Host": f"{PUBLIC}:8443", "Accept-Language": "en"}).text

    assert "<h1>This site has another address</h1>" in page


def test_a_sign_in_mail_asked_for_under_another_host_is_never_written(
    public: FlaskClient, sent_mails: RecordingTransport
) -> None:
    data = {"email": "anne@dupont.example"}
    answer = public.post("/portal/sign-in", data=data, headers={"Host": "evil.example"})
    services: Services = public.application.extensions[EXTENSION]
    with public.application.app_context():
        assert services.outbox.deliver_due() == 0

    assert answer.status_code == 400
    assert sent_mails.mails == []


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("http://localhost:8000", {"localhost", "localhost:8000"}),
        ("http://192.168.1.20:8000", {"192.168.1.20", "192.168.1.20:8000"}),
        ("https://Caro.Example.be", {"caro.example.be", "caro.example.be:443"}),
        ("https://caro.example.be/path", {"caro.example.be", "caro.example.be:443"}),
        ("http://[::1]:8000", {"[::1]", "[::1]:8000"}),
    ],
)
def test_a_public_address_has_two_spellings(address: str, names: set[str]) -> None:
    assert allowed_hosts(address) == names


def test_no_address_takes_a_method_that_it_does_not_know(app: Flask, client: FlaskClient) -> None:
    paths = {re.sub(r"<[^>]+>", "1", rule.rule) for rule in app.url_map.iter_rules()}

    assert len(paths) > 30
    for path in sorted(paths):
        for method in ("TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "BREW"):
            answer = client.open(path, method=method)
            # Where "1" is no value for a part of the address, there is nothing at all.
            assert answer.status_code in (405, 404), (method, path)
            assert answer.status_code == 405 or "<" in path_of(app, path), (method, path)
            assert "<h1>" in answer.text


def path_of(app: Flask, path: str) -> str:
    """Return the rule of an address that was made of it."""
    return next(rule.rule for rule in app.url_map.iter_rules() if re.sub(r"<[^>]+>", "1", rule.rule) == path)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "BREW"])
def test_where_nothing_is_no_method_finds_anything(client: FlaskClient, method: str) -> None:
    answer = client.open("/nowhere", method=method, data={"a": "b"} if method == "POST" else None)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        *("//evil.example/%2e%2e", "/%2f%2fevil.example", "/\\evil.example", "/..%2f..%2fetc/passwd"),
        *("/%00", "/a/%00", "/portal/%00", "/static/%00", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py"),
        *("/static/..%5cwsgi.py", "/" + "a" * 8000, "/a/" + "a" * 8000, "/portal/" + "a/" * 4000),
        *("/%ff%fe", "/portal/sign-in/" + "a" * 8000, "/terms/2026-12/..%2ffr", "/how-to-activate/%2e%2e"),
    ],
)
def test_a_strange_path_leads_nowhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code in (400, 404, 410)
    assert "Location" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/readyz",
            "/metrics",
            "/debug",
            "/console",
            "/admin",
            "/.git/config",
            "/.env",
            "/instance/caro.env",
        ),
        *("/static/", "/static/css/", "/static/css", "/server-status", "/wsgi.py", "/app/__init__.py"),
    ],
)
def test_the_public_host_shows_nothing_of_the_machine(public: FlaskClient, path: str) -> None:
    assert public.get(path, headers={"Host": PUBLIC}).status_code == 404


def test_a_link_to_a_request_in_a_banks_app_opens_nothing(client: FlaskClient, services: Services) -> None:
    placed = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186"))
    assert placed.link is None
    forged = services.context.tokens.activation_url(LinkClaims(placed.public_id, 1))
    answer = client.get(forged.removeprefix("http://localhost:8000"))

    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    assert placed.public_id not in answer.text
    for page in ("welcome", "card", "bank", "result"):
        assert client.get(f"/activation/{placed.public_id}/{page}").status_code in (403, 404)


@pytest.mark.parametrize("path", ["/portal/sign-in", "/3ds/return", "/nowhere"])
def test_half_a_form_is_never_taken_for_a_whole_one(client: FlaskClient, path: str) -> None:
    answer = client.post(
        path,
        data={"email": "a"},
        headers={"Accept-Language": "en"},
        environ_overrides={BODY_CUT_OFF: True},
    )

    assert answer.status_code == 408
    assert "Go back one page, reload it and try again." in answer.text

"""What the public port tells of the machine: that it lives, and nothing else, whatever a request claims."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.bench.statement_tally import counted

PRIVATE = ("/readyz", "/metrics")
HOSTS = (
    *("caro.example.be", "caro.example.be:443", "caro.example.be:8443", "localhost", "localhost:8000"),
    *("127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "10.0.0.7:8000", "caro-1", "evil.example", "a b", ""),
)
#: What a proxy that is believed hands on, and what none of ours does.
FORWARDED: Mapping[str, Mapping[str, str]] = {
    "nothing": {},
    "a forwarded host": {"X-Forwarded-Host": "localhost:8000"},
    "another forwarded host": {"X-Forwarded-Host": "evil.example"},
    "an address of this machine": {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"},
    "the standard header": {"Forwarded": "for=127.0.0.1;host=localhost:8000"},
    "a host of its own": {"X-Host": "localhost", "X-Original-Host": "localhost"},
    "another path": {"X-Original-URL": "/readyz", "X-Rewrite-URL": "/metrics", "X-Forwarded-Prefix": "/x"},
}
ADDRESSES = (
    "https://caro.example.be",
    "http://192.168.1.20:8000",
    "http://localhost:8000",
    "http://[::1]:8000",
)


@pytest.fixture
def public(request: pytest.FixtureRequest, settings: Settings) -> Iterator[FlaskClient]:
    """A browser of the product at a public address, behind one proxy."""
    made = create_app(settings.model_copy(update={"public_url": request.param, "trusted_proxies": 1}))
    yield FlaskClient(made)
    made.extensions[EXTENSION].database.close_connections()


def requests() -> Iterator[Mapping[str, str]]:
    """Yield the headers of each host with each set of forwarded ones."""
    yield from ({"Host": host, **sent} for host, sent in product(HOSTS, FORWARDED.values()))


def seen(client: FlaskClient, path: str, **asked: Any) -> tuple[object, ...]:
    """Return all that a client sees of an answer."""
    answer = client.open(path, **asked)
    headers = sorted(header for header in answer.headers.items() if header[0] != "X-Request-ID")
    return answer.status_code, headers, answer.text


@pytest.mark.parametrize("public", ADDRESSES, indirect=True)
def test_no_header_tells_these_pages_from_any_that_does_not_exist(public: FlaskClient) -> None:
    for headers in requests():
        nowhere, *private = (seen(public, path, headers=headers) for path in ("/nowhere", *PRIVATE))
        assert private == [nowhere, nowhere], headers
        assert nowhere[0] in (400, 404), headers


@pytest.mark.parametrize("public", ADDRESSES[:1], indirect=True)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "BREW"])
def test_no_method_does_either(public: FlaskClient, method: str) -> None:
    headers = {"Host": "caro.example.be"}
    nowhere, *private = (
        seen(public, path, method=method, headers=headers) for path in ("/nowhere", *PRIVATE)
    )

    assert private == [nowhere, nowhere]
    assert nowhere[0] == 404


@pytest.mark.parametrize("public", ADDRESSES, indirect=True)
def test_life_is_told_under_every_host(public: FlaskClient) -> None:
    told = [public.get("/healthz", headers=headers) for headers in requests()]

    assert {(answer.status_code, answer.text) for answer in told} == {(200, "ok\n")}
    assert not any("Set-Cookie" in answer.headers for answer in told)


def test_life_is_told_without_a_look_at_the_database(
    app: Flask, client: FlaskClient, services: Services
) -> None:
    with counted(services.database) as tally:
        assert client.get("/healthz").status_code == 200
    assert tally.statements == []

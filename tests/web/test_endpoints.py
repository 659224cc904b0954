"""Names that Flask resolves while it runs: endpoints in addresses, in limits of rates and in headers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.server.front import LIMITS
from app.settings import Settings
from app.web.bodies import LENIENT, MOST_BYTES, UPLOADS
from app.web.middleware import ADDITIONS, EXEMPT, RATES, UNDER_ANY_HOST, WITHOUT_COOKIES

APP = Path(__file__).resolve().parents[2] / "app"
LITERAL = re.compile(r"""url_for\(\s*["']([\w.]+)["']\s*[,)]""")


@pytest.fixture
def whole_app(settings: Settings) -> Flask:
    """The application with the testers' pages."""
    return create_app(settings.model_copy(update={"simulation": True}))


def named_endpoints() -> Iterator[tuple[str, str]]:
    """Yield each endpoint that the product asks an address for, but for those of the simulated bank."""
    for path in sorted(APP.rglob("*.*")):
        if path.suffix in (".py", ".html", ".txt") and not {"simulation", "simulator"} & set(path.parts):
            for endpoint in LITERAL.findall(path.read_text()):
                yield str(path.relative_to(APP)), endpoint


def is_known(app: Flask, endpoint: str) -> bool:
    """Tell whether an endpoint exists; one that begins with a full stop is of the caller's own blueprint."""
    if endpoint.startswith("."):
        return any(known.endswith(endpoint) for known in app.view_functions)
    return endpoint in app.view_functions


def test_every_address_that_is_asked_for_exists(whole_app: Flask) -> None:
    asked = [*named_endpoints()]
    assert len(asked) > 50
    assert [f"{path}: {endpoint}" for path, endpoint in asked if not is_known(whole_app, endpoint)] == []


def test_every_rate_is_of_an_endpoint(whole_app: Flask) -> None:
    assert RATES.keys() - whole_app.view_functions.keys() == set()


def test_every_exception_is_of_an_endpoint(whole_app: Flask) -> None:
    tables = {
        "cookies": WITHOUT_COOKIES,
        "hosts": UNDER_ANY_HOST,
        "text": LENIENT,
        "origins": EXEMPT,
        "files": UPLOADS.keys() | set(UPLOADS.values()),
    }
    known = whole_app.view_functions.keys() | whole_app.blueprints.keys()
    assert {name: table - known for name, table in tables.items() if table - known} == {}


def test_every_addition_to_the_headers_is_of_a_page(whole_app: Flask) -> None:
    beginnings = {"/" + rule.rule.split("/")[1] for rule in whole_app.url_map.iter_rules()}
    known = beginnings | whole_app.blueprints.keys() | whole_app.view_functions.keys()
    assert ADDITIONS.keys() - known == set()


def test_the_front_knows_each_path_of_a_file(whole_app: Flask) -> None:
    taken = {rule.rule for rule in whole_app.url_map.iter_rules() if rule.endpoint in UPLOADS}
    begun = {rule.rule for rule in whole_app.url_map.iter_rules() if rule.rule.startswith(tuple(LIMITS))}

    assert taken == begun
    assert all(limits.most_bytes > MOST_BYTES for limits in LIMITS.values())


@pytest.mark.parametrize("path", ["/activation/{}/card", "/portal/caro/orders/{}", "/qa/mails/{}"])
def test_no_part_of_an_address_holds_nul(whole_app: Flask, path: str) -> None:
    addresses = whole_app.url_map.bind("localhost")
    assert addresses.test(path.format("a"))
    assert not addresses.test(path.format("a\0"))

"""A form counts by the website that it comes from and by its token, whatever else a browser leaves out."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import build_services
from app.db import Database
from app.i18n import LANGUAGES
from app.models import Consent
from app.setting_types import origin_of
from app.settings import Settings
from tests.conftest import ProductClient
from tests.support.cardholder import CARD, TICKED, CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.portal import token_in
from tests.support.reused_app import reuse_app

PUBLIC = "https://caro.example.be"
ASK = "/portal/sign-in"
EVIL = "https://evil.example"
TAKEN, STALE, FOREIGN = 303, 400, 403

Build = Callable[..., Flask]

#: What a browser writes in `Origin`, and whether a form that comes from there can be ours.
ORIGINS: Mapping[str, tuple[str | None, bool]] = {
    "absent": (None, True),
    "empty": ("", True),
    "hidden": ("null", True),
    "our own": (PUBLIC, True),
    "our own, in capitals": (PUBLIC.upper(), True),
    "another website": (EVIL, False),
    "another port": (f"{PUBLIC}:8443", False),
    "plain http": ("http://caro.example.be", False),
    "a sub-domain": ("https://evil.caro.example.be", False),
    "the domain above": ("https://example.be", False),
    "a name that begins like ours": (f"{PUBLIC}.evil.example", False),
    "two at once": (f"{PUBLIC} {EVIL}", False),
    "no address": ("https://[", False),
    "an extension": ("chrome-extension://abcdefgh", False),
}
#: What a browser writes in `Sec-Fetch-Site`, and whether it lets the form through.
SITES: Mapping[str | None, bool] = {
    None: True,
    "same-origin": True,
    "same-site": True,
    "none": True,
    "cross-site": False,
    "Cross-Site": False,
}
REFERERS = (None, f"{PUBLIC}{ASK}", f"{EVIL}/trap")
#: Which token the form carries, and how it is answered where nothing else is against it.
TOKENS: Mapping[str, int] = {"good": TAKEN, "bad": STALE, "absent": STALE}


@pytest.fixture
def build(settings: Settings, database: Database, clock: MovableClock, bank: FakeBank) -> Build:
    """Return a way to have the product with other settings."""

    def build(**changes: object) -> Flask:
        changed = settings.model_copy(update={"sign_in_rate": "100000 per minute", **changes})
        return reuse_app(build_services(changed, clock=clock, bank=bank, database=database), ProductClient)

    return build


@pytest.fixture
def https(build: Build) -> Flask:
    """The product at a https address of its own, behind one proxy."""
    return build(public_url=PUBLIC, trusted_proxies=1)


class PublicClient(ProductClient):
    """A browser at the https address, to whose forms some headers are added."""

    forms: Mapping[str, str] = {}

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch by the public address."""
        if kwargs.get("method") == "POST":
            kwargs["headers"] = {**self.forms, **kwargs.get("headers", {})}
        return super().open(*args, base_url=PUBLIC, **kwargs)


def cardholder_of(https: Flask, link: str, **forms: str) -> CardholderClient:
    """Return a cardholder at the https address, whose forms carry these headers."""
    client = PublicClient(https)
    client.set_cookie("language", "en", domain="caro.example.be", secure=True)
    client.forms = forms
    return CardholderClient(client, link)


def heading(page: TestResponse) -> str:
    found = BeautifulSoup(page.text, "html.parser").select_one("h1")
    assert found is not None
    return found.text


def given(**named: str | None) -> dict[str, str]:
    """Return the headers or fields that are not left out."""
    return {name: value for name, value in named.items() if value is not None}


def ask(client: FlaskClient, at: str, token: str, headers: Mapping[str, str]) -> TestResponse:
    """Ask for a link to sign in, with a token that is good, bad or absent."""
    good = token_in(client.get(ASK, base_url=at).text)
    sent = {"good": good, "bad": f"{good}x", "absent": None}[token]
    data = given(email="nobody@elsewhere.example", csrf_token=sent)
    return client.post(ASK, base_url=at, headers=headers, data=data)


@pytest.mark.parametrize(("origin", "ours"), ORIGINS.values(), ids=list(ORIGINS))
def test_a_form_is_judged_by_origin_site_and_token(https: Flask, origin: str | None, ours: bool) -> None:
    client = FlaskClient(https)
    decided = {
        (site, referer, token): (answer if ours and passes else FOREIGN)
        for (site, passes), referer, (token, answer) in product(SITES.items(), REFERERS, TOKENS.items())
    }
    found = {
        (site, referer, token): ask(
            client, PUBLIC, token, given(**{"Origin": origin, "Sec-Fetch-Site": site, "Referer": referer})
        ).status_code
        for site, referer, token in decided
    }

    assert found == decided


@pytest.mark.parametrize(
    ("public_url", "own", "other"),
    [
        ("http://localhost:8000", "http://localhost:8000", "http://localhost"),
        ("http://localhost:8000", "http://localhost:8000", "http://127.0.0.1:8000"),
        ("http://caro.test:80", "http://caro.test", "https://caro.test"),
        ("https://Caro.Example.be:443/", "https://caro.example.be", "https://caro.example.be:8443"),
        ("https://caro.example.be:8443", "https://caro.example.be:8443", "https://caro.example.be"),
        ("http://[::1]:8000", "http://[::1]:8000", "http://[::1]"),
    ],
)
def test_our_own_origin_is_that_of_the_public_address(
    build: Build, public_url: str, own: str, other: str
) -> None:
    client = FlaskClient(build(public_url=public_url))

    assert origin_of(public_url) == own
    assert ask(client, public_url, "good", {"Origin": own}).status_code == TAKEN
    assert ask(client, public_url, "good", {"Origin": other}).status_code == FOREIGN


def test_a_proxy_that_ends_https_changes_nothing(https: Flask, build: Build) -> None:
    handed_on = {"Host": "10.0.0.7:8000", "X-Forwarded-Host": "caro.example.be", "X-Forwarded-Proto": "https"}
    for app, inside in ((https, handed_on), (build(public_url=PUBLIC), {"Host": "caro.example.be"})):
        client = FlaskClient(app)
        for origin, answer in ((PUBLIC, TAKEN), (EVIL, FOREIGN), ("http://10.0.0.7:8000", FOREIGN)):
            token = token_in(client.get(ASK, headers=inside).text)
            data = {"email": "nobody@elsewhere.example", "csrf_token": token}
            assert client.post(ASK, headers={**inside, "Origin": origin}, data=data).status_code == answer


@pytest.mark.parametrize("forms", [{}, {"Origin": "null"}, {"Origin": PUBLIC}])
def test_a_browser_that_tells_little_activates_over_https(
    https: Flask, bank: FakeBank, link: str, forms: Mapping[str, str]
) -> None:
    cardholder_client = cardholder_of(https, link, **forms)
    cardholder_client.reach_bank()

    assert cardholder_client.heading() == "Going to your bank"
    assert len(bank.asked) == 1


def test_a_form_of_another_website_changes_nothing(https: Flask, database: Database, link: str) -> None:
    cardholder_client = cardholder_of(https, link, Origin=EVIL)
    cardholder_client.open_link()
    answer = cardholder_client.accept()

    assert answer.status_code == FOREIGN
    assert "Set-Cookie" not in answer.headers
    assert cardholder_client.visit("card").request.path == f"{cardholder_client.home}/welcome"
    with database.read_connection() as connection:
        assert connection.scalar(select(func.count()).select_from(Consent)) == 0


def test_a_card_from_another_website_asks_no_bank(https: Flask, bank: FakeBank, link: str) -> None:
    cardholder_client = cardholder_of(https, link)
    cardholder_client.reach_card()
    answer = cardholder_client.client.post(
        f"{cardholder_client.home}/card",
        data={**CARD, "csrf_token": cardholder_client.token()},
        headers={"Origin": EVIL},
    )

    assert answer.status_code == FOREIGN
    assert bank.asked == []
    assert "6391" not in answer.text


def test_another_website_uses_nobodys_tries_up(build: Build) -> None:
    client = FlaskClient(build(public_url=PUBLIC, sign_in_rate="2 per hour"))

    assert {ask(client, PUBLIC, "good", {"Origin": EVIL}).status_code for _ in range(5)} == {FOREIGN}
    assert ask(client, PUBLIC, "good", {"Origin": PUBLIC}).status_code == TAKEN


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_refusal_says_what_happened_in_every_language(https: Flask, language: str) -> None:
    client = PublicClient(https)
    client.set_cookie("language", language, domain="caro.example.be", secure=True)
    path = f"/activation/{'0' * 24}/welcome"
    foreign, stale = (client.post(path, data=TICKED, headers={"Origin": origin}) for origin in (EVIL, PUBLIC))

    assert (foreign.status_code, stale.status_code) == (FOREIGN, STALE)
    assert f'<html lang="{language}">' in foreign.text
    assert heading(foreign) != heading(stale)


def test_the_page_says_where_the_form_came_from_and_leads_to_no_other(https: Flask, link: str) -> None:
    cardholder_client = cardholder_of(https, link, Origin=EVIL, Referer=f"{EVIL}/trap")
    cardholder_client.open_link()
    cardholder_client.accept()

    assert cardholder_client.heading() == "This form was sent from another website"
    assert "We did not accept it, and nothing was changed." in cardholder_client.words()
    assert cardholder_client.soup().select(".actions a") == []
    assert "evil" not in cardholder_client.page.text


def test_the_bank_sends_browsers_back_from_wherever_it_is(https: Flask) -> None:
    headers = {"Origin": "https://bank.example", "Sec-Fetch-Site": "cross-site"}
    answer = FlaskClient(https).post("/3ds/return", base_url=PUBLIC, data={"cres": "x"}, headers=headers)

    assert answer.status_code == 200


def test_pages_open_from_every_other_website(https: Flask) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Referer": f"{EVIL}/", "Origin": EVIL}

    assert FlaskClient(https).get(ASK, base_url=PUBLIC, headers=headers).status_code == 200
    assert FlaskClient(https).post("/nowhere", base_url=PUBLIC, headers=headers).status_code == 404

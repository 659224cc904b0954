"""Whatever host a request claims to be for, our address comes from the settings alone."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.banks import APP_BANKS
from app.domain.terms import NEWEST_VERSION
from app.i18n import LANGUAGES
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.conftest import ProductClient
from tests.support.cardholder import CARD, CardholderClient
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.event_lines import capture_logs
from tests.support.office import order_for

EVIL = "evil.example"
SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)

HOSTS: Mapping[str, Mapping[str, str]] = {
    "host": {"Host": EVIL},
    "host with a port": {"Host": f"{EVIL}:8000"},
}
CLAIMS: Mapping[str, Mapping[str, str]] = {
    "forwarded host": {"X-Forwarded-Host": EVIL, "X-Forwarded-Proto": "https"},
    "host of a proxy": {"X-Host": EVIL, "X-Forwarded-Server": EVIL, "X-Original-Host": EVIL},
    "standard header": {"Forwarded": f"host={EVIL};proto=https"},
    "path of a proxy": {"X-Forwarded-Prefix": f"//{EVIL}", "X-Original-URL": f"//{EVIL}/"},
}


class WaryClient(ProductClient):
    """A browser whose requests lie about the host, and that refuses any answer which believes them."""

    claim: Mapping[str, str] = {}

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, and look for the host in everything that came back."""
        answer = super().open(*args, **{**kwargs, "headers": {**kwargs.get("headers", {}), **self.claim}})
        assert {name: answer.request.headers[name] for name in self.claim} == self.claim
        assert EVIL.encode() not in answer.data
        assert EVIL not in str(answer.headers)
        assert urlsplit(answer.headers.get("Location", "")).netloc == ""
        return answer


def wary(app: Flask, claim: Mapping[str, str]) -> WaryClient:
    client = WaryClient(app)
    client.claim = claim
    return client


def reader_of(app: Flask, claim: Mapping[str, str], link: str) -> CardholderClient:
    """Return a cardholder who reads English."""
    return CardholderClient(wary(app, claim), link)


def public_paths(app: Flask) -> Iterator[str]:
    """Yield the address of every page that needs nothing to open it, and some that do not exist."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule
    yield from (f"/how-to-activate/{bank}" for bank in APP_BANKS)
    yield from (f"/terms/{NEWEST_VERSION}/{language}" for language in LANGUAGES)
    # Slashes too many or too few, which a router likes to mend by a redirect.
    yield from ("/a", "/a//altered", "/terms//2026-12/fr", "/how-to-activate//kbc", "/how-to-activate/")
    yield from ("/a/altered", "/activation/0123456789abcdef01234567/card", "/nowhere", "/?lang=nl")


@pytest.fixture(params=list(CLAIMS.values()), ids=list(CLAIMS))
def claim(request: pytest.FixtureRequest) -> Mapping[str, str]:
    found: Mapping[str, str] = request.param
    return found


@pytest.fixture(params=list(HOSTS.values()), ids=list(HOSTS))
def host(request: pytest.FixtureRequest) -> Mapping[str, str]:
    found: Mapping[str, str] = request.param
    return found


@pytest.fixture
def behind_a_proxy(
    settings: Settings, clock: MovableClock, bank: FakeBank, sent_mails: RecordingTransport
) -> Iterator[Flask]:
    """The product where one proxy is believed, so that a forwarded host becomes the request's."""
    trusting = settings.model_copy(update={"trusted_proxies": 1})
    made = create_app(trusting, clock=clock, bank=bank, transport=sent_mails)
    yield made
    made.extensions[EXTENSION].database.close_connections()


def test_no_public_page_believes_it(app: Flask, claim: Mapping[str, str]) -> None:
    client = wary(app, claim)
    opened = {path: client.get(path).status_code for path in public_paths(app)}

    assert {"/", "/how-to-activate", "/healthz", "/3ds/return"} <= {
        p for p, code in opened.items() if code == 200
    }
    assert max(opened.values()) < 500


def test_no_page_is_had_under_another_host(app: Flask, host: Mapping[str, str]) -> None:
    client = wary(app, host)
    opened = {path: client.get(path).status_code for path in public_paths(app)}

    assert {p: code for p, code in opened.items() if code != 400} == {"/healthz": 200}


def test_no_public_page_believes_it_behind_a_proxy(behind_a_proxy: Flask, claim: Mapping[str, str]) -> None:
    client = wary(behind_a_proxy, claim)

    assert {client.get(path).status_code // 100 for path in public_paths(behind_a_proxy)} <= {2, 3, 4}


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("claim", [*CLAIMS.values(), *HOSTS.values()], ids=[*CLAIMS, *HOSTS])
def test_no_refusal_believes_it(app: Flask, claim: Mapping[str, str], method: str) -> None:
    client = wary(app, claim)

    for path in ("/", "/3ds/return", "/activation/0123456789abcdef01234567/card"):
        assert getattr(client, method)(path, data=CARD).status_code in (200, 400, 403, 405)


def test_whole_walk_stays_with_us(
    app: Flask,
    services: Services,
    bank: FakeBank,
    sent_mails: RecordingTransport,
    link: str,
    claim: Mapping[str, str],
) -> None:
    cardholder_client = reader_of(app, claim, link)
    cardholder_client.reach_bank()
    assert bank.asked[-1].return_url == f"{services.settings.public_url}/3ds/return"
    bank.decides(SIGNED)
    cardholder_client.follow(cardholder_client.come_back())

    assert cardholder_client.heading() == "Your service is active"
    with app.app_context():
        services.outbox.deliver_due()
    assert_mails_are_ours(sent_mails, services, 1)


@pytest.mark.parametrize("claim", [*CLAIMS.values(), *HOSTS.values()], ids=[*CLAIMS, *HOSTS])
def test_order_and_mails_inside_such_a_request_hold_our_address(
    app: Flask,
    services: Services,
    sent_mails: RecordingTransport,
    claim: Mapping[str, str],
) -> None:
    with app.test_request_context(headers=dict(claim)):
        made = services.orders.place_order(order_for())
        copied = services.invitations.copy_link(made.public_id, "anne")
        services.outbox.deliver_due()
        services.invitations.replace_link(made.public_id, "anne")
        services.outbox.deliver_due()

    assert made.link == copied
    assert copied.startswith(f"{services.settings.public_url}/a/")
    assert_mails_are_ours(sent_mails, services, 2)


def assert_mails_are_ours(sent_mails: RecordingTransport, services: Services, count: int) -> None:
    assert len(sent_mails.mails) == count
    for mail in sent_mails.mails:
        assert EVIL not in mail.as_string()
        for kind in ("plain", "html"):
            body = mail.get_body((kind,))
            assert body is not None
            assert EVIL not in body.get_content()
            assert services.settings.public_url in body.get_content()


def test_stale_form_leads_back_on_our_own_site(app: Flask, link: str) -> None:
    cardholder_client = reader_of(app, {}, link)
    cardholder_client.reach_card()
    path = cardholder_client.page.request.path
    cardholder_client.page = cardholder_client.client.post(
        path, data=CARD, headers={"Referer": f"http://{EVIL}{path}"}
    )

    assert cardholder_client.heading() == "This page was open for too long"
    assert cardholder_client.soup().select(".actions a") == []


def test_a_host_that_no_server_would_send_breaks_nothing(client: FlaskClient) -> None:
    for host in ("", "a b", "evil.example/x", '"><script>', "évil.example", "[::1", "x" * 64):
        answer = client.get("/", headers={"Host": host})
        assert answer.status_code in (200, 400)
        assert "script>" not in answer.text.replace("</script>", "")
    with capture_logs() as lines:
        refused = client.get("/", headers={"Host": "x" * 64})
    assert [line["event"] for line in lines] == ["host_refused"]
    assert (refused.status_code, refused.mimetype, refused.text) == (400, "text/plain", "400 Bad Request\n")


@pytest.mark.parametrize("path", [f"//{EVIL}/trap", f"///{EVIL}"])
def test_stale_form_on_a_path_that_looks_like_a_host_leads_nowhere(app: Flask, link: str, path: str) -> None:
    cardholder_client = reader_of(app, {}, link)
    cardholder_client.reach_card()
    form = cardholder_client.page.request.path
    answer = app.test_client().post(form, data=CARD, headers={"Referer": f"http://localhost{path}"})

    assert EVIL not in answer.text

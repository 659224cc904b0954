"""Each request has one id: in its answer, in the log, and in what the worker does with it later."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.roles import Role
from app.logs import SecurityEvent, current_request_id, traced_to
from app.metrics import REQUEST_SECONDS
from app.models import Attempt, OutboxMessage
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.support.cardholder import CARD, CardholderClient
from tests.support.doubles import FakeBank, MovableClock, MovableStopwatch, RecordingTransport
from tests.support.event_lines import capture_logs
from tests.support.office import ACCOUNTANT, ADDRESS, ANNE, OFFICE, ORDER, REFERENCE
from tests.support.ordering import the_request
from tests.support.portal import sign_in, token_in

ID = "X-Request-ID"
OURS = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """Every line of the log from here on, with what is bound to it."""
    with capture_logs() as kept:
        yield kept


@pytest.fixture
def access_lines() -> list[str]:
    return []


@pytest.fixture
def logging_app(
    settings: Settings,
    clock: MovableClock,
    stopwatch: MovableStopwatch,
    bank: FakeBank,
    sent_mails: RecordingTransport,
    access_lines: list[str],
) -> Iterator[Flask]:
    """The product behind a proxy that it trusts, with an access log."""
    made = create_app(
        settings.model_copy(update={"trusted_proxies": 1, "link_rate": "2 per minute"}),
        clock=clock,
        stopwatch=stopwatch,
        bank=bank,
        transport=sent_mails,
        access_log=access_lines.append,
    )
    yield made
    made.extensions[EXTENSION].database.close_connections()


def request_id(answer: TestResponse) -> str:
    return answer.headers[ID]


def test_each_answer_names_an_id_of_its_own(client: FlaskClient) -> None:
    paths = ("/", "/nowhere", "/healthz", "/static/css/site.css", "/portal/sign-in")
    answers = [client.get(path, buffered=True) for path in paths] + [
        client.post("/"),
        client.get("/", headers={"Host": "x"}),
    ]

    ids = {request_id(answer) for answer in answers}
    assert len(ids) == len(answers)
    assert all(map(OURS.fullmatch, ids))


def test_what_is_done_after_a_request_is_traced_to_none(client: FlaskClient) -> None:
    client.get("/")
    assert current_request_id() is None


SENT = {
    "0af7651916cd43dd8448eb211c80319c": True,
    "7f3c1a9e-5b1d-4c1f-8a55-1f1e7f2d9c11": True,
    "12345678": True,
    "short": False,
    "x" * 65: False,
    "with blanks": False,
    "{evil}--x": False,
    "4000024329596391": False,
    "": False,
}


@pytest.mark.parametrize("sent", SENT)
def test_only_a_trusted_proxy_names_the_id(client: FlaskClient, logging_app: Flask, sent: str) -> None:
    assert OURS.fullmatch(request_id(client.get("/", headers={ID: sent})))
    trusted = request_id(logging_app.test_client().get("/", headers={ID: sent}))
    assert (trusted == sent) is SENT[sent]


def test_the_worker_names_the_request_that_sent_the_card(
    cardholder_client: CardholderClient,
    bank: FakeBank,
    clock: MovableClock,
    services: Services,
    app: Flask,
    sent_mails: RecordingTransport,
    lines: list[dict[str, Any]],
) -> None:
    cardholder_client.reach_card()
    sent = request_id(cardholder_client.send("card", **CARD))
    with services.database.read_connection() as connection:
        assert connection.execute(select(Attempt.request_id)).scalars().all() == [sent]
    bank.decides(BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED))
    clock.advance(minutes=1)
    lines.clear()
    with app.app_context():
        services.attempt_results.check_due_attempts()
        services.outbox.deliver_due()

    traced = [(line["event"], line["detail"]) for line in lines if line.get("request_id") == sent]
    assert traced == [("activated", None), ("mail_sent", "confirmation"), ("address_erased", None)]
    assert all(sent not in mail.as_string() for mail in sent_mails.mails)


def test_what_an_accountant_orders_is_traced_to_the_form(
    client: FlaskClient, services: Services, app: Flask, lines: list[dict[str, Any]]
) -> None:
    asked = client.get("/portal/sign-in")
    form = {"email": ACCOUNTANT, "csrf_token": token_in(asked.text)}
    first, again = (request_id(client.post("/portal/sign-in", data=form)) for _ in range(2))
    with services.database.read_connection() as connection:
        assert connection.execute(select(OutboxMessage.request_id)).scalars().all() == [first]
    lines.clear()
    with app.app_context():
        services.outbox.deliver_due()
    assert {line.get("request_id") for line in lines} == {first}
    assert again != first


@pytest.mark.parametrize(
    ("ask", "ask_again"),
    [
        (
            lambda services: services.sign_in.request_sign_in_link(ACCOUNTANT),
            lambda services: services.sign_in.request_sign_in_link(ACCOUNTANT),
        ),
        (
            lambda services: services.orders.place_order(ORDER),
            lambda services: services.invitations.replace_link(the_request(services.database), "anne"),
        ),
    ],
    ids=["sign-in link", "invitation"],
)
def test_a_mail_that_is_asked_for_again_is_traced_to_who_asked_last(
    services: Services,
    clock: MovableClock,
    ask: Callable[[Services], object],
    ask_again: Callable[[Services], object],
) -> None:
    with traced_to("first"):
        ask(services)
    clock.advance(minutes=4)
    with traced_to("again"):
        ask_again(services)

    with services.database.read_connection() as connection:
        assert connection.execute(select(OutboxMessage.request_id)).scalars().all() == ["again"]


def test_a_request_is_one_line_without_token_query_or_address(
    logging_app: Flask, access_lines: list[str], stopwatch: MovableStopwatch
) -> None:
    services: Services = logging_app.extensions[EXTENSION]
    stopwatch.jump = 0.0125
    link = services.orders.place_order(ORDER).link or ""
    answer = logging_app.test_client().get(
        link, query_string={"lang": "en"}, headers={"X-Forwarded-For": "198.51.100.77"}
    )

    (line,) = map(json.loads, access_lines)
    assert line == {
        "event": "request",
        "timestamp": "2026-11-23T09:00:00Z",
        "request_id": request_id(answer),
        "method": "GET",
        "path": "/a/[link]",
        "endpoint": "entry.open_link",
        "status": 303,
        # Whoever counts the links looks at the stopwatch in between.
        "ms": 25.0,
        "bytes": len(answer.data),
        "client": "198.51.100.0/24",
    }


def test_a_line_counts_the_bytes_that_are_sent(logging_app: Flask, access_lines: list[str]) -> None:
    browser, path = logging_app.test_client(), "/static/css/site.css"
    first = browser.get(path, buffered=True)
    browser.get(path, headers={"If-None-Match": first.headers["ETag"]}, buffered=True)
    browser.head(path, buffered=True)

    assert [json.loads(line)["bytes"] for line in access_lines] == [len(first.data), 0, 0]


PATHS = {
    "/portal/caro": "/portal/caro",
    "/activation/0123456789abcdef01234567/card": "/activation/0123456789abcdef01234567/card",
    "/nowhere/4000024329596391": "/nowhere/[digits]",
    "/nowhere/4000-0243-2959-6391/x": "/nowhere/[digits]/x",
    "/nowhere/someone@example.be": "[address]",
    "/nowhere/%0A{}": "/nowhere/\n{}",
    "/" + "x" * 500: "/" + "x" * 199,
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_told_without_what_must_not_be(
    logging_app: Flask, access_lines: list[str], path: str
) -> None:
    logging_app.test_client().get(path)
    assert json.loads(access_lines[0])["path"] == PATHS[path]
    assert "\n" not in access_lines[0]


NETWORKS = {
    "203.0.113.9": "203.0.113.0/24",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "": "",
    "not-an-address": "",
}


@pytest.mark.parametrize("address", NETWORKS)
def test_a_client_is_told_as_its_network(logging_app: Flask, access_lines: list[str], address: str) -> None:
    logging_app.test_client().get("/", environ_base={"REMOTE_ADDR": address})
    assert json.loads(access_lines[0])["client"] == NETWORKS[address]


def test_what_is_refused_is_a_line_for_whoever_guards(
    logging_app: Flask, lines: list[dict[str, Any]]
) -> None:
    client = logging_app.test_client()
    refusals = {
        SecurityEvent.HOST_REFUSED: client.get("/", headers={"Host": "evil.example"}),
        SecurityEvent.ORIGIN_REFUSED: client.post(
            "/portal/sign-in", headers={"Origin": "https://evil.example"}
        ),
        SecurityEvent.FORM_TOKEN_REFUSED: client.post("/portal/sign-in", data={"email": ADDRESS}),
        SecurityEvent.LINK_REFUSED: client.get("/a/WyJhYmMiLDFd.c2lnbmF0dXJl", follow_redirects=True),
        SecurityEvent.CLIENT_SLOWED: [client.get("/a/x") for _ in range(2)][-1],
    }

    guarded = [line for line in lines if line.get("security")]
    told = {line["event"]: line["request_id"] for line in reversed(guarded)}
    assert told == {event: request_id(answer) for event, answer in refusals.items()}
    assert {line["client"] for line in guarded} == {"127.0.0.0/24"}
    assert ADDRESS not in str(lines)


def test_who_comes_in_and_who_does_not_is_a_line(
    client: FlaskClient, services: Services, lines: list[dict[str, Any]]
) -> None:
    sign_in(client, services)
    used = (services.sign_in.create_sign_in_link(ACCOUNTANT) or "").removeprefix(services.settings.public_url)
    form = {"csrf_token": token_in(client.get(used).text)}
    client.post(used, data=form)
    stranger = client.application.test_client()
    stranger.post(used, data={"csrf_token": token_in(stranger.get("/portal/sign-in").text)})

    assert [line["event"] for line in lines if line.get("security")] == [
        *(SecurityEvent.SIGNED_IN, SecurityEvent.SIGNED_IN, SecurityEvent.SIGN_IN_REFUSED)
    ]


def test_a_line_about_who_may_come_in_names_the_accountant(
    services: Services, lines: list[dict[str, Any]]
) -> None:
    services.offices.add_accountant(OFFICE, "lea@dupont.example", "fr", Role.READER)
    services.colleagues.disable_colleague(2, ANNE)
    services.colleagues.enable_colleague(2, ANNE)
    services.sign_in.claim_sign_in_link(services.sign_in.create_sign_in_link("lea@dupont.example") or "")
    services.sign_in.end_session(replace(ANNE, accountant_id=2))
    services.sign_in.end_other_sessions(replace(ANNE, accountant_id=2))
    services.sign_in.disable_accountant("lea@dupont.example")
    services.sign_in.enable_accountant("lea@dupont.example")

    told = [(line["event"], line["accountant"]) for line in lines if "accountant" in line]
    assert told == [
        ("accountant_added", 2),
        (SecurityEvent.ACCOUNTANT_DISABLED, 2),
        (SecurityEvent.ACCOUNTANT_ENABLED, 2),
        (SecurityEvent.SIGNED_IN, 2),
        (SecurityEvent.SIGNED_OUT, 2),
        (SecurityEvent.SIGNED_OUT, 2),
        (SecurityEvent.ACCOUNTANT_DISABLED, 2),
        (SecurityEvent.ACCOUNTANT_ENABLED, 2),
    ]


def test_requests_are_counted_by_page_and_never_by_path(client: FlaskClient) -> None:
    def counted() -> dict[tuple[str, ...], float]:
        return {
            (sample.labels["endpoint"], sample.labels["method"], sample.labels["status"]): sample.value
            for family in REQUEST_SECONDS.collect()
            for sample in family.samples
            if sample.name == "caro_request_seconds_count"
        }

    before = counted()
    for method, path in (
        ("GET", "/"),
        ("GET", "/?x=1"),
        ("GET", f"/{REFERENCE}"),
        ("BREW", "/"),
        ("POST", "/"),
    ):
        client.open(path, method=method)
    new = {key: value - before.get(key, 0) for key, value in counted().items()}
    assert {key: value for key, value in new.items() if value} == {
        ("site.show_home", "GET", "2xx"): 2,
        ("none", "GET", "4xx"): 1,
        ("none", "other", "4xx"): 1,
        ("none", "POST", "4xx"): 1,
    }

"""Whatever goes wrong, the answer is a page in the reader's language that says what to do."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import TooManyRequests

from app import create_app
from app.mail.rendering import plain_spaces
from app.settings import Settings
from app.web.errors import PAGES
from app.web.extensions import EXTENSION, Services
from tests.conftest import ProductClient
from tests.support.cardholder import CARD, CardholderClient
from tests.support.event_lines import capture_logs
from tests.support.office import ACCOUNTANT
from tests.support.reused_app import new_app


@pytest.fixture
def app(services: Services) -> Flask:
    """An application that gets pages of our own."""
    return new_app(services, ProductClient)


@pytest.fixture
def broken(app: Flask) -> FlaskClient:
    """A browser of an application with a page that breaks."""
    app.testing = False
    app.add_url_rule("/breaks", "breaks", lambda: str(1 // 0))
    app.add_url_rule("/refuses/<int:status>", "refuses", lambda status: abort(status))
    client = app.test_client()
    client.set_cookie("language", "en")
    return client


#: What each says has happened; a status without a page of its own is told like its family.
UNREAD, BROKEN = "We could not read what you sent", "Something is not working on our side"
HEADINGS = {
    **dict.fromkeys((400, 408, 414, 431), UNREAD),
    403: "You cannot open this page",
    404: "This page does not exist",
    405: "This address cannot be opened this way",
    413: "What you sent is too large",
    415: "We cannot accept this format",
    422: "Something in the form is not right",
    429: "Too many tries in a short time",
    **dict.fromkeys((500, 501), BROKEN),
    503: "The service is not available at the moment",
}


@pytest.mark.parametrize("status", {*PAGES, *HEADINGS})
def test_every_status_has_a_page(broken: FlaskClient, status: int) -> None:
    answer = broken.get(f"/refuses/{status}")

    assert answer.status_code == status
    assert f"<h1>{HEADINGS[status]}</h1>" in answer.text


def test_a_wrong_method_says_the_right_one(cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    answer = cardholder_client.client.get(f"{cardholder_client.home}/check")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("wait", "advice"),
    [
        (None, "Try again later."),
        (60, "You can try again from 10:01."),
        (3600, "You can try again from 11:00."),
        (86_400, "You can try again from 10:00 tomorrow."),
    ],
)
def test_asking_too_often_names_the_hour(broken: FlaskClient, wait: int | None, advice: str) -> None:
    @broken.application.get("/hurried")
    def hurried() -> str:
        raise TooManyRequests(retry_after=wait)

    answer = broken.get("/hurried")
    assert answer.status_code == 429
    assert answer.headers.get("Retry-After") == (str(wait) if wait else None)
    assert f'<p class="lead">{advice}</p>' in plain_spaces(answer.text)


def test_a_failed_request_has_a_number(broken: FlaskClient) -> None:
    with capture_logs() as lines:
        answer = broken.get("/breaks")

    assert ("request_failed", "ZeroDivisionError") in told(lines)
    assert answer.status_code == 500
    assert f"give us the number {answer.headers['X-Request-ID']}." in answer.text
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize(
    "path", ["/a/{link}", "/a/{link}.", "/portal/sign-in/{sign_in}", "/portal/sign-in/{sign_in}."]
)
def test_a_failed_request_writes_no_link_down(
    settings: Settings, link: str, services: Services, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    sign_in = services.sign_in.create_sign_in_link(ACCOUNTANT)
    assert sign_in is not None
    tokens = {"link": link.rpartition("/")[2], "sign_in": sign_in.rpartition("/")[2]}
    broken = create_app(settings, clock=broken_clock)

    assert broken.test_client().get(path.format(**tokens)).status_code == 500
    broken.extensions[EXTENSION].database.close_connections()
    written = "".join(capfd.readouterr())
    assert "Exception on" in written
    assert not any(token in written for token in tokens.values())


def told(lines: Sequence[Mapping[str, object]]) -> list[tuple[object, object]]:
    return [(line["event"], line["error"]) for line in lines if "error" in line]


def broken_clock() -> datetime:
    raise RuntimeError


def test_a_resting_database_is_told_kindly(
    app: Flask, cardholder_client: CardholderClient, services: Services
) -> None:
    cardholder_client.open_link()
    app.testing = False
    with services.database.writing.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE activation RENAME TO elsewhere")
    with capture_logs() as lines:
        answer = cardholder_client.visit("welcome")

    assert ("database_unavailable", "OperationalError") in told(lines)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.headers["X-Request-ID"] in answer.text
    assert cardholder_client.heading() == "The service is not available at the moment"


def test_a_database_without_a_free_connection_is_told_kindly(settings: Settings, link: str) -> None:
    def look_for_connection() -> datetime:
        raise PoolTimeout

    busy = create_app(settings, clock=look_for_connection)
    with capture_logs() as lines:
        answer = busy.test_client().get(urlsplit(link).path)
    busy.extensions[EXTENSION].database.close_connections()

    assert ("database_unavailable", "TimeoutError") in told(lines)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


def test_a_stale_form_loses_nothing(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    path = cardholder_client.page.request.path
    cardholder_client.page = cardholder_client.client.post(
        path, data={"csrf_token": "old", **CARD}, headers={"Referer": f"http://localhost{path}"}
    )

    assert cardholder_client.page.status_code == 400
    assert cardholder_client.heading() == "This page was open for too long"
    assert cardholder_client.soup().select_one(f'.actions a[href="{path}"]')
    assert "6391" not in cardholder_client.page.text


def test_a_browser_without_cookies_is_told_so(client: FlaskClient) -> None:
    answer = client.post("/message?lang=en", data={"csrf_token": "old"})

    assert answer.status_code == 400
    assert "Allow cookies for this site in your browser" in answer.text


def test_a_foreign_form_is_not_linked_to(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.page = cardholder_client.client.post(
        f"{cardholder_client.home}/card", data=CARD, headers={"Referer": "https://evil.example/trap"}
    )

    assert cardholder_client.page.status_code == 400
    assert "evil" not in cardholder_client.page.text


def test_a_form_may_stay_open_for_days(app: Flask) -> None:
    assert app.config["WTF_CSRF_TIME_LIMIT"] is None


def test_an_error_speaks_the_chosen_language(client: FlaskClient) -> None:
    client.set_cookie("language", "de")

    assert '<html lang="de">' in client.get("/nowhere").text


def test_home_tells_where_the_link_is(client: FlaskClient) -> None:
    assert "open the link in the email" in client.get("/?lang=en").text


def test_a_living_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"

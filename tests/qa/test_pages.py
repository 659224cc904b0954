"""The testers' pages, walked without script; every one is linted on the way."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.i18n import LANGUAGES
from tests.support.sandbox_client import SandboxClient


class SandboxBrowser:
    """A tester with a browser that has an office of its own."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie("language", "en")
        self.send("/qa/office")

    def send(self, path: str, **fields: str) -> TestResponse:
        """Press a button of the testers' pages."""
        [token, *_same] = re.findall(r'name="csrf_token" value="([^"]+)"', self.client.get("/qa").text)
        return self.client.post(path, data={"csrf_token": token, **fields})

    def make(self, **fields: str) -> str:
        """Make a request and return the address of its page."""
        answer = self.send("/qa/requests", **fields)
        assert answer.status_code == 303
        return re.sub(r"^/activation/(\w+)/result$", r"/qa/requests/\1", str(answer.location))

    def read(self, path: str) -> str:
        """Read a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def visitor(app: Flask) -> SandboxBrowser:
    return SandboxBrowser(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_speak_every_language(visitor: SandboxBrowser, language: str) -> None:
    one = visitor.make(scenario="prepaid", reach="page", language=language)
    for path in ("/qa", "/qa/scenarios", "/qa/api", "/qa/mails", one.partition("?")[0]):
        assert f'<html lang="{language}">' in visitor.read(f"{path}?lang={language}")


def test_whoever_has_no_office_is_led_to_one(client: FlaskClient) -> None:
    for path in ("/qa/mails", "/qa/requests/x", "/qa/mails/x/html"):
        assert client.get(path).location == "/qa"
    assert client.get("/qa/scenarios").status_code == 200


def test_the_cookie_is_kept_from_script_and_from_other_pages(app: Flask) -> None:
    browser = app.test_client()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/qa").text)[0]
    cookie = browser.post("/qa/office", data={"csrf_token": token}).headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "Path=/qa", "SameSite=Lax"))


@pytest.mark.parametrize("value", ["", "x", "Im5vYm9keSI.AAAA", "a.b.c"])
def test_a_made_up_cookie_opens_nothing(app: Flask, value: str) -> None:
    browser = app.test_client()
    browser.set_cookie("qa", value, path="/qa")
    assert browser.get("/qa/mails").location == "/qa"


@pytest.mark.parametrize(
    "path",
    [
        *("/qa/office", "/qa/office/reset", "/qa/office/sign-in/accountant", "/qa/requests"),
        *("/qa/requests/x/age", "/qa/requests/x/replay", "/qa/requests/x/result"),
    ],
)
def test_what_changes_something_is_posted_with_a_token(visitor: SandboxBrowser, path: str) -> None:
    assert visitor.client.get(path).status_code in (404, 405)
    assert visitor.client.post(path, data={"to": "link_end"}).status_code == 400


def test_what_another_website_posts_changes_nothing(visitor: SandboxBrowser) -> None:
    visitor.make()
    visitor.client.environ_base["HTTP_ORIGIN"] = "https://evil.example"

    assert visitor.send("/qa/office/reset").status_code == 403
    assert "Nothing is ordered yet." not in visitor.read("/qa")


def test_a_message_is_found_and_its_page_reached(visitor: SandboxBrowser) -> None:
    found = visitor.read("/qa/scenarios?q=votre+carte+de+cr%C3%A9dit+caro")
    assert re.findall(r'<article class="sheet scenario" id="(\w+)"', found) == ["wrong_card", "unknown_card"]
    path = visitor.make(scenario="wrong_card", reach="page")
    result = visitor.send(f"{path}/result")
    assert "is not linked to" in visitor.read(result.location)


@pytest.mark.parametrize(
    ("scenario", "status", "message"),
    [
        ("wrong_card", 200, "is not linked to"),
        ("link_expired", 410, "This link has expired"),
        ("link_locked", 429, "The page for your card details is closed for now"),
        ("kbc_refused", 200, "Bank with an app: the cardholder refuses there."),
    ],
)
def test_a_press_leads_straight_to_the_last_page(
    visitor: SandboxBrowser, scenario: str, status: int, message: str
) -> None:
    led_to = visitor.send("/qa/requests", scenario=scenario, reach="page", language="en").location
    page = visitor.client.get(led_to, follow_redirects=True)
    assert (page.status_code, message in page.text) == (status, True)


@pytest.mark.parametrize(
    ("language", "why"),
    [("fr", "Déclarée volée."), ("nl", "Als gestolen opgegeven."), ("de", "Als gestohlen gemeldet.")],
)
def test_what_leads_to_a_message_is_told_in_the_readers_language(
    visitor: SandboxBrowser, language: str, why: str
) -> None:
    assert why in visitor.read(f"/qa/scenarios?q=stolen&lang={language}")


def test_time_goes_by_at_the_press_of_a_button(visitor: SandboxBrowser) -> None:
    path = visitor.make()
    assert visitor.send(f"{path}/age", to="next_reminder").location == path
    assert "Email sent: First reminder." in visitor.read(path)
    visitor.send(f"{path}/age", minutes="1")
    assert "Nothing else was due." in visitor.read(path)
    visitor.send(f"{path}/age", days="60", hours="", minutes="", seconds="")
    assert "Invitation expired" in visitor.read(path)


def test_what_cannot_be_done_is_said_where_it_was_wanted(visitor: SandboxBrowser) -> None:
    path = visitor.make()
    assert visitor.send(f"{path}/age", to="bank_timeout").location == path
    assert "This was not done" in visitor.read(path)
    assert visitor.send(f"{path}/age", days="x").location == path
    assert visitor.send(f"{path}/dance").status_code == 404


def test_the_answer_comes_again_at_the_press_of_a_button(visitor: SandboxBrowser) -> None:
    path = visitor.make(scenario="success", reach="page").partition("?")[0]
    visitor.send(f"{path}/replay", what="twice", cookie="yes")
    page = visitor.read(path)
    assert "The product answered 303" in page
    assert "It set no cookie." in page


def test_another_office_does_not_exist(visitor: SandboxBrowser, app: Flask, tester: SandboxClient) -> None:
    other = tester.order()["public_id"]
    [mail] = tester.mails()
    assert visitor.client.get(f"/qa/requests/{other}").status_code == 404
    assert visitor.client.get(f"/qa/mails/{mail['id']}").status_code == 404
    for button, typed in {
        "age": {"days": "1"},
        "cancel": {},
        "replay": {"what": "twice"},
        "result": {},
    }.items():
        assert visitor.send(f"/qa/requests/{other}/{button}", **typed).status_code == 404


def test_the_portal_opens_as_an_accountant_of_the_office(visitor: SandboxBrowser) -> None:
    link = visitor.send("/qa/office/sign-in/colleague").location
    assert "/portal/sign-in/" in link
    assert visitor.client.get(link.removeprefix("http://localhost:8000")).status_code == 200
    assert visitor.send("/qa/office/sign-in/stranger").status_code == 404


def test_a_mail_is_drawn_in_a_box_that_runs_nothing(visitor: SandboxBrowser, app: Flask) -> None:
    visitor.make(language="de")
    [path] = re.findall(r'href="(/qa/mails/\w{20})"', visitor.read("/qa/mails"))
    page = visitor.read(path)
    assert f'src="{path}/html"' in page
    # A mail is no page of ours: it brings its own styles.
    visitor.client.__class__ = FlaskClient
    drawn = visitor.client.get(f"{path}/html")
    assert drawn.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'none'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    assert '<base target="_blank">' in drawn.text
    assert visitor.client.get(f"{path}/raw").mimetype == "message/rfc822"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["nl@client.example", "de@client.example"]),
        ("q=ACTIVEER+kantoor", ["nl@client.example"]),
        ("q=zzzz", []),
        ("to=fr@client.example", []),
        ("to=de@client.example&kind=invitation", ["de@client.example"]),
        ("kind=confirmation", []),
    ],
)
def test_an_email_is_found_by_word_kind_and_recipient(
    visitor: SandboxBrowser, query: str, found: list[str]
) -> None:
    for language in ("de", "nl"):
        visitor.make(language=language, address=f"{language}@client.example")
    page = visitor.read(f"/qa/mails?{query}")
    assert re.findall(r"<span>(\w+@client.example)</span>", page) == found
    assert ("No email is like this." in page) == (not found)


def test_an_empty_mailbox_leads_on(visitor: SandboxBrowser) -> None:
    page = visitor.read("/qa/mails").partition("No email was sent yet.")[2]
    assert 'href="/qa"' in page
    assert 'href="/qa/scenarios"' in page


def test_messages_without_an_office_say_why_there_are_no_buttons(client: FlaskClient) -> None:
    page = client.get("/qa/scenarios", headers={"Accept-Language": "en"}).text
    assert "In an office of your own, buttons beside each message lead to it." in page
    assert 'action="/qa/office"' in page


def test_what_waits_for_the_worker_is_done_at_the_press_of_a_button(visitor: SandboxBrowser) -> None:
    visitor.make()
    assert visitor.send("/qa/office/work").status_code == 303
    assert "Everything that was due for this office is done." in visitor.read("/qa")


def test_a_reset_empties_the_office(visitor: SandboxBrowser) -> None:
    visitor.make()
    visitor.send("/qa/office/reset")
    assert "Nothing is ordered yet." in visitor.read("/qa")
    assert "No email was sent yet." in visitor.read("/qa/mails")


def test_hostile_text_stays_text(visitor: SandboxBrowser) -> None:
    page = visitor.read("/qa/scenarios?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in page

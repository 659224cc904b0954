"""The app of KBC and CBC: what servers tell it, what its holder sees, and which answer stands."""

from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from app.domain.banks import APP_BANKS
from app.i18n import LANGUAGES
from tests.support.bank import BankBrowser, SimulatedBank, bearer, soup, text_of
from tests.support.page_lint import LintRules

REFERENCE = "6123456789"
FIRST = "0123456789abcdef01234567"
SECOND = "89abcdef0123456789abcdef"
NOTHING = "No request is waiting for your answer."


class LobbyBrowser(BankBrowser):
    """The lobby may show the test cards that it lists."""

    rules = LintRules(csrf=False, origins=("http://localhost:8000",), card_numbers=("/",))


@pytest.fixture
def simulated_bank(tmp_path: Path) -> SimulatedBank:
    return SimulatedBank(tmp_path)


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "requestId": FIRST,
        "round": 1,
        "bank": "kbc",
        "clientReference": REFERENCE,
        "iban": "BE78735000000186",
        "office": "Bureau Dupont",
        "open": True,
    } | changes


def send(simulated_bank: SimulatedBank, message: Any, **options: Any) -> TestResponse:
    return simulated_bank.browser.post(
        "/bank-app/requests", **{"json": message, "headers": bearer()} | options
    )


def exchange(simulated_bank: SimulatedBank, *requests: dict[str, Any]) -> list[str]:
    """Tell the bank what waits, and read the decisions in the same order."""
    answered = send(simulated_bank, {"requests": requests})
    assert answered.status_code == 200, answered.get_data(as_text=True)
    found = {(one["requestId"], one["round"]): one["decision"] for one in answered.get_json()["answers"]}
    assert len(found) == len(requests)
    return [found[one["requestId"], one["round"]] for one in requests]


def app(
    simulated_bank: SimulatedBank, bank: str = "kbc", reference: str = REFERENCE, language: str = "en"
) -> BeautifulSoup:
    return soup(
        simulated_bank.browser.get(f"/bank-app/{bank}/{reference}", headers={"Accept-Language": language})
    )


def press(simulated_bank: SimulatedBank, words: str, page: BeautifulSoup | None = None) -> TestResponse:
    """Press the first button with these words, on a page that may be an old one."""
    page = page or app(simulated_bank)
    button = next(found for found in page.select("main button") if found.get_text() == words)
    form = button.find_parent("form")
    assert form is not None
    hidden = {str(one["name"]): str(one["value"]) for one in form.select("input[type=hidden]")}
    return simulated_bank.browser.post(
        str(form["action"]), data=hidden | {str(button["name"]): str(button["value"])}
    )


def test_request_says_who_asks_and_for_what(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    page = app(simulated_bank)
    assert "SIMULATION" in text_of(page, ".simulation")
    assert text_of(page, ".bank") == "KBC"
    shown = text_of(page, "#waiting")
    for wanted in ("CODABOX CARO", "Bureau Dupont", "6123 456 789", "BE78 7350 0000 0186"):
        assert wanted in shown
    assert "Nothing is charged." in shown
    assert [button.get_text() for button in page.select("main button")] == ["Confirm", "Refuse"]


@pytest.mark.parametrize(
    ("button", "decision", "words"),
    [
        ("Confirm", "confirmed", "You have confirmed this request."),
        ("Refuse", "refused", "You have refused this request."),
    ],
)
def test_answer_is_shown_and_told(
    simulated_bank: SimulatedBank, button: str, decision: str, words: str
) -> None:
    assert exchange(simulated_bank, asked()) == ["pending"]
    answered = press(simulated_bank, button)
    assert (answered.status_code, answered.headers["Location"]) == (303, f"/bank-app/kbc/{REFERENCE}")
    page = app(simulated_bank)
    assert words in text_of(page, "#answered")
    assert "Bureau Dupont" in text_of(page, "#answered")
    assert NOTHING in text_of(page, "#nothing")
    assert exchange(simulated_bank, asked()) == [decision]


@pytest.mark.parametrize("second", ["Confirm", "Refuse"])
def test_first_answer_stands(simulated_bank: SimulatedBank, second: str) -> None:
    exchange(simulated_bank, asked())
    old_page = app(simulated_bank)
    press(simulated_bank, "Refuse", old_page)
    assert press(simulated_bank, second, old_page).status_code == 303
    assert exchange(simulated_bank, asked()) == ["refused"]


def test_repeated_exchange_changes_nothing(simulated_bank: SimulatedBank) -> None:
    assert exchange(simulated_bank, asked()) == exchange(simulated_bank, asked()) == ["pending"]
    assert len(app(simulated_bank).select("#waiting li")) == 1


@pytest.mark.parametrize("before", ["Confirm", "Refuse", None])
def test_resend_asks_anew(simulated_bank: SimulatedBank, before: str | None) -> None:
    exchange(simulated_bank, asked())
    if before:
        press(simulated_bank, before)
    assert exchange(simulated_bank, asked(round=2)) == ["pending"]
    page = app(simulated_bank)
    assert len(page.select("#waiting li")) == 1
    assert page.select("#answered") == []
    press(simulated_bank, "Confirm")
    assert exchange(simulated_bank, asked(round=2)) == ["confirmed"]


def test_page_of_an_older_round_answers_nothing(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    old_page = app(simulated_bank)
    exchange(simulated_bank, asked(round=2))
    assert press(simulated_bank, "Confirm", old_page).status_code == 303
    assert exchange(simulated_bank, asked(), asked(round=2)) == ["pending", "pending"]


def test_late_exchange_of_an_older_round_hides_nothing(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    press(simulated_bank, "Refuse")
    exchange(simulated_bank, asked(round=2))
    assert exchange(simulated_bank, asked()) == ["refused"]
    assert len(app(simulated_bank).select("#waiting li")) == 1


def test_withdrawn_request_disappears(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    old_page = app(simulated_bank)
    assert exchange(simulated_bank, asked(open=False)) == ["pending"]
    assert NOTHING in text_of(app(simulated_bank), "#nothing")
    press(simulated_bank, "Confirm", old_page)
    assert exchange(simulated_bank, asked(open=False)) == ["pending"]


@pytest.mark.parametrize(("button", "decision"), [("Confirm", "confirmed"), ("Refuse", "refused")])
def test_withdrawal_tells_what_was_answered_before(
    simulated_bank: SimulatedBank, button: str, decision: str
) -> None:
    exchange(simulated_bank, asked())
    press(simulated_bank, button)
    assert exchange(simulated_bank, asked(open=False)) == [decision]
    assert app(simulated_bank).select("#answered") == []


def test_withdrawn_request_stays_so_when_an_older_exchange_is_late(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked(open=False))
    exchange(simulated_bank, asked())
    assert NOTHING in text_of(app(simulated_bank), "#nothing")
    exchange(simulated_bank, asked(round=2))
    assert len(app(simulated_bank).select("#waiting li")) == 1


def test_each_request_is_answered_by_itself(simulated_bank: SimulatedBank) -> None:
    both = (asked(), asked(requestId=SECOND, office="Autre Bureau"))
    exchange(simulated_bank, *both)
    press(simulated_bank, "Confirm")
    assert "Autre Bureau" in text_of(app(simulated_bank), "#answered")
    assert exchange(simulated_bank, *both) == ["pending", "confirmed"]


def test_whoever_comes_for_one_office_sees_and_answers_its_requests_alone(
    simulated_bank: SimulatedBank,
) -> None:
    exchange(simulated_bank, asked(), asked(requestId=SECOND, office="Bureau d'essai"))
    mine = app(simulated_bank, reference=f"{REFERENCE}/Bureau%20d'essai")
    assert "Bureau Dupont" not in text_of(mine, "main")
    answer = press(simulated_bank, "Confirm", mine)
    assert answer.headers["Location"].startswith(f"/bank-app/kbc/{REFERENCE}/Bureau")
    simulated_bank.browser.post(
        f"/bank-app/kbc/{REFERENCE}/Elsewhere", data={"request": f"{FIRST}-1", "decision": "refused"}
    )
    both = (asked(), asked(requestId=SECOND, office="Bureau d'essai"))
    assert exchange(simulated_bank, *both) == ["pending", "confirmed"]


@pytest.mark.parametrize(("bank", "reference"), [("cbc", REFERENCE), ("kbc", "6123456780")])
def test_requests_are_shown_in_their_own_app_alone(
    simulated_bank: SimulatedBank, bank: str, reference: str
) -> None:
    exchange(simulated_bank, asked())
    page = app(simulated_bank, bank, reference)
    assert NOTHING in text_of(page, "#nothing")
    assert "Bureau Dupont" not in page.get_text()
    form = {"request": f"{FIRST}-1", "decision": "confirmed"}
    assert simulated_bank.browser.post(f"/bank-app/{bank}/{reference}", data=form).status_code == 303
    assert exchange(simulated_bank, asked()) == ["pending"]


@pytest.mark.parametrize("request_", ["", FIRST, f"{SECOND}-1", f"{FIRST}-{10**30}", "nothing"])
def test_unknown_requests_are_nobodys_business(simulated_bank: SimulatedBank, request_: str) -> None:
    exchange(simulated_bank, asked())
    form = {"request": request_, "decision": "confirmed"}
    assert simulated_bank.browser.post(f"/bank-app/kbc/{REFERENCE}", data=form).status_code == 303
    assert exchange(simulated_bank, asked()) == ["pending"]


@pytest.mark.parametrize("decision", ["", "pending", "maybe"])
def test_unknown_answers_are_refused(simulated_bank: SimulatedBank, decision: str) -> None:
    exchange(simulated_bank, asked())
    form = {"request": f"{FIRST}-1", "decision": decision}
    assert simulated_bank.browser.post(f"/bank-app/kbc/{REFERENCE}", data=form).status_code == 400
    assert exchange(simulated_bank, asked()) == ["pending"]


@pytest.mark.parametrize(
    "path",
    [
        "/bank-app/belfius",
        "/bank-app/nowhere",
        "/bank-app/requests",
        f"/bank-app/belfius/{REFERENCE}",
        "/bank-app/kbc/123",
        "/bank-app/kbc/8000000000",
        "/bank-app/kbc/6123 456 789",
    ],
)
def test_only_banks_with_an_app_have_one(simulated_bank: SimulatedBank, path: str) -> None:
    answer = simulated_bank.browser.get(path)
    assert answer.status_code == 404
    assert "SIMULATION" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/bank-app/belfius", f"/bank-app/belfius/{REFERENCE}", "/bank-app/kbc/123"])
def test_no_answer_is_taken_elsewhere(simulated_bank: SimulatedBank, path: str) -> None:
    form = {"reference": REFERENCE, "decision": "confirmed"}
    assert simulated_bank.browser.post(path, data=form).status_code == 404


@pytest.mark.parametrize("bank", ["kbc", "cbc"])
def test_typed_reference_opens_the_app(simulated_bank: SimulatedBank, bank: str) -> None:
    assert text_of(soup(simulated_bank.browser.get(f"/bank-app/{bank}")), ".bank") == bank.upper()
    found = simulated_bank.browser.post(f"/bank-app/{bank}", data={"reference": "6123.456.789"})
    assert (found.status_code, found.headers["Location"]) == (303, f"/bank-app/{bank}/{REFERENCE}")


def test_mistyped_reference_says_what_is_wanted(simulated_bank: SimulatedBank) -> None:
    headers = {"Accept-Language": "en"}
    found = simulated_bank.browser.post("/bank-app/kbc", data={"reference": "61234 <b>"}, headers=headers)
    assert found.status_code == 400
    assert "ten digits" in text_of(soup(found), "#problem")
    field = soup(found).select_one("#reference")
    assert field is not None
    assert field["value"] == "61234 <b>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_app_speaks_the_language_of_the_browser(simulated_bank: SimulatedBank, language: str) -> None:
    assert app(simulated_bank, language=language).select_one(f"html[lang={language}]") is not None


def test_app_sets_no_cookie(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    answers = [
        simulated_bank.browser.get("/bank-app/kbc"),
        press(simulated_bank, "Confirm"),
        send(simulated_bank, {"requests": []}),
    ]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_offices_may_have_any_name(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked(office="Dupont\u00a0& <Fils> 𝔈"))
    assert "Dupont\u00a0& <Fils> 𝔈" in app(simulated_bank).get_text()


@pytest.mark.parametrize("name", list(asked()))
@pytest.mark.parametrize("value", [None, ""])
def test_every_element_is_required(simulated_bank: SimulatedBank, name: str, value: object) -> None:
    refused = send(simulated_bank, {"requests": [asked(**{name: value})]})
    assert (refused.status_code, refused.get_json()["errorCode"]) == (400, "201")
    assert refused.get_json()["errorDetail"] == name


WRONG: list[tuple[str, object]] = [
    ("requestId", FIRST.upper()),
    ("requestId", FIRST[1:]),
    ("requestId", 7),
    ("round", 0),
    ("round", -1),
    ("round", 2**31),
    ("round", 1.0),
    ("round", "1"),
    ("round", True),
    ("bank", "belfius"),
    ("bank", "kb"),
    ("bank", ["kbc"]),
    ("clientReference", "8123456789"),
    ("clientReference", "６123456789"),
    ("clientReference", f"{REFERENCE}\n"),
    ("iban", "NL91ABNA0417164300"),
    ("iban", "BE78 7350 0000 0186"),
    ("office", "o" * 121),
    ("office", "a\nb"),
    ("office", "\ud800"),
    ("open", 1),
    ("open", "true"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_elements_refuse_the_whole_batch(
    simulated_bank: SimulatedBank, name: str, value: object
) -> None:
    refused = send(simulated_bank, {"requests": [asked(), asked(**{"requestId": SECOND, name: value})]})
    assert (refused.status_code, refused.get_json()["errorCode"]) == (400, "203")
    assert refused.get_json()["errorDetail"] == name
    assert NOTHING in text_of(app(simulated_bank), "#nothing")


@pytest.mark.parametrize("requests", [{}, "", 7, None, [None], ["kbc"], [[]], [asked()] * 101])
def test_batch_is_a_list_of_at_most_a_hundred(simulated_bank: SimulatedBank, requests: object) -> None:
    refused = send(simulated_bank, {"requests": requests})
    assert (refused.status_code, refused.get_json()["errorDetail"]) == (400, "requests")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "application/json", 400, "101"),
        (b"[]", "application/json", 400, "101"),
        (b'{"requests": [], "requests": []}', "application/json", 400, "204"),
        (b'{"requests": []}', "text/plain", 415, "101"),
        (b" " * 200 * 1024, "application/json", 413, "101"),
    ],
)
def test_unreadable_messages_are_refused(
    simulated_bank: SimulatedBank, body: bytes, kind: str, status: int, code: str
) -> None:
    refused = send(simulated_bank, None, json=None, data=body, content_type=kind)
    assert (refused.status_code, refused.get_json()["errorCode"]) == (status, code)


@pytest.mark.parametrize("headers", [{}, bearer("not-the-key"), {"Authorization": "Bearer"}])
def test_strangers_are_told_nothing(simulated_bank: SimulatedBank, headers: dict[str, str]) -> None:
    refused = send(simulated_bank, {"requests": [asked()]}, headers=headers)
    assert (refused.status_code, refused.get_json()["errorCode"]) == (401, "303")
    assert NOTHING in text_of(app(simulated_bank), "#nothing")


def test_lobby_leads_to_the_apps(simulated_bank: SimulatedBank) -> None:
    simulated_bank.app.test_client_class = LobbyBrowser
    page = soup(simulated_bank.app.test_client().get("/"))
    assert [link["href"] for link in page.select("main a")] == [f"/bank-app/{key}" for key in APP_BANKS]


def test_two_processes_share_the_answers(simulated_bank: SimulatedBank) -> None:
    exchange(simulated_bank, asked())
    press(SimulatedBank(simulated_bank.settings.database.parent), "Confirm")
    assert exchange(simulated_bank, asked()) == ["confirmed"]


@pytest.mark.parametrize("path", ["/", "/holder/6123456789", "/bank-app/kbc", "/bank-app/kbc/6123456789"])
def test_a_language_chosen_at_the_bank_travels_on(simulated_bank: SimulatedBank, path: str) -> None:
    simulated_bank.app.test_client_class = LobbyBrowser
    browser, headers = simulated_bank.app.test_client(), {"Accept-Language": "nl-BE,fr;q=0.8"}
    page = soup(browser.get(path, headers=headers))
    assert page.select_one("html[lang=nl]")
    menu = {str(link["lang"]): str(link["href"]) for link in page.select(".languages a")}
    assert list(menu) == list(LANGUAGES)
    chosen = soup(browser.get(menu["de"], headers=headers))
    assert chosen.select_one("html[lang=de]")
    ways_on = [
        *(link["href"] for link in chosen.select("main a")),
        *(form["action"] for form in chosen.select("form")),
    ]
    assert ways_on
    assert all("lang=de" in str(way) for way in ways_on)

"""The bank's pages: what the signing page and the toy reader show, in which language, how closed."""

from pathlib import Path

import pytest

from app.domain.banks import BANKS, ActivationRoute
from app.i18n import LANGUAGES
from app.simulation.scenarios import GOOD_CARDS, SCENARIOS, group_card_number
from tests.support.bank import BankBrowser, BankVisit, SimulatedBank, hand_over_form, soup, text_of
from tests.support.page_lint import LintRules

CARD = GOOD_CARDS[0]


class CardListBrowser(BankBrowser):
    """The page that lists the test cards may show them."""

    rules = LintRules(csrf=False, origins=("http://localhost:8000",), card_numbers=("/",))


@pytest.fixture
def simulated_bank(tmp_path: Path) -> SimulatedBank:
    return SimulatedBank(tmp_path)


@pytest.fixture
def visit(simulated_bank: SimulatedBank) -> BankVisit:
    return simulated_bank.start(CARD, bank="belfius")


def test_signing_page_says_what_is_signed(visit: BankVisit) -> None:
    page = visit.page()
    assert "SIMULATION" in text_of(page, ".simulation")
    assert text_of(page, ".bank") == "Belfius"
    shown = text_of(page, "dl")
    for wanted in ("CODABOX CARO", "Fiduciaire Dupont", "6000 000 002", "0.00 EUR", "•••• •••• •••• 6391"):
        assert wanted in shown
    assert [button.get_text() for button in page.select("main button")] == ["Confirm", "Cancel"]
    assert len(page.select("main ol li")) == 5


def test_toy_reader_stands_outside_the_page(visit: BankVisit) -> None:
    page = visit.page()
    assert page.select_one("main #reader") is None
    assert page.select_one("aside#reader") is not None
    field = page.select_one("#reader-challenge")
    assert field is not None
    assert field["value"] == ""


def test_reader_keeps_what_is_shown(visit: BankVisit) -> None:
    challenge = visit.challenge()
    typed = {"mode": "M2", "challenge": challenge, "pin": "1234"}
    page = soup(visit.bench.browser.post(f"{visit.path}/reader", data=typed, follow_redirects=True))
    assert text_of(page, "#challenge") == challenge
    assert len(text_of(page, "#reader-response")) == len("7598 4112")
    assert "1234" not in [field.get("value") for field in page.select("input")]


@pytest.mark.parametrize(
    ("mode", "challenge", "pin"), [("M1", None, "1234"), ("M2", "00000000", "1234"), ("M2", None, "4321")]
)
def test_misused_reader_gives_wrong_responses(
    visit: BankVisit, mode: str, challenge: str | None, pin: str
) -> None:
    right = visit.read()
    wrong = visit.read(mode, challenge, pin)
    assert wrong != right
    assert "two tries left" in text_of(visit.confirm(wrong), "#problem")
    assert "two tries left" not in visit.confirm(right).get_text()


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"mode": "M3", "challenge": "12345678", "pin": "1234"},
        {"mode": "M2", "challenge": "1234567", "pin": "1234"},
        {"mode": "M2", "challenge": "123456789", "pin": "1234"},
        {"mode": "M2", "challenge": "12345678", "pin": "12345"},
    ],
)
def test_reader_asks_for_what_is_missing(visit: BankVisit, typed: dict[str, str]) -> None:
    page = soup(visit.bench.browser.post(f"{visit.path}/reader", data=typed, follow_redirects=True))
    assert "Choose M1 or M2" in text_of(page, "#reader .problem")


@pytest.mark.parametrize("shape", ["{}{}", " {} {} ", "{}\u00a0{}", "{}\u2009{}"])
def test_response_may_hold_a_space(visit: BankVisit, shape: str) -> None:
    visit.confirm(shape.format(*visit.read().split()))
    assert visit.result()["transStatus"] == "Y"


@pytest.mark.parametrize("typed", ["", "1234567", "123456789", "abcdefgh"])
def test_unreadable_response_costs_no_try(visit: BankVisit, typed: str) -> None:
    assert "eight digits" in text_of(visit.confirm(typed), "#problem")
    visit.sign()
    assert visit.result()["interactionCounter"] == "01"


def test_ended_challenge_stays_ended(visit: BankVisit) -> None:
    visit.cancel()
    visit.confirm("0000 0000")
    shown = visit.bench.browser.post(f"{visit.path}/reader", data={"mode": "M2"})
    assert shown.status_code == 303
    assert visit.result()["challengeCancel"] == "01"


@pytest.mark.parametrize("language", LANGUAGES)
def test_bank_speaks_the_request_language(simulated_bank: SimulatedBank, language: str) -> None:
    page = simulated_bank.start(CARD, browserLanguage=language).page()
    assert page.select_one(f"html[lang={language}]") is not None


@pytest.mark.parametrize("bank", [key for key, bank in BANKS.items() if bank.route is ActivationRoute.LINK])
def test_each_bank_bears_its_name(simulated_bank: SimulatedBank, bank: str) -> None:
    assert text_of(simulated_bank.start(CARD, bank=bank).page(), ".bank") == BANKS[bank].name


def test_bank_sets_no_cookie_anywhere(visit: BankVisit) -> None:
    browser = visit.bench.browser
    answers = [
        browser.get(visit.path),
        browser.post(f"{visit.path}/reader", data={}),
        browser.post(visit.path, data={"action": "cancel"}),
        browser.get("/holder/6000000002"),
        browser.get("/nowhere"),
    ]
    assert not any("Set-Cookie" in answer.headers for answer in answers)


@pytest.mark.parametrize("origin", ["null", "http://localhost:8000", "http://elsewhere.example"])
def test_any_origin_may_arrive(simulated_bank: SimulatedBank, origin: str) -> None:
    form = hand_over_form(simulated_bank.ask(CARD).get_json())
    arrived = simulated_bank.browser.post("/acs/challenge", data=form, headers={"Origin": origin})
    assert arrived.status_code == 303


def test_policy_lists_the_way_back(tmp_path: Path) -> None:
    origins = ("http://localhost:8000", "https://caro.example.be")
    policy = (
        SimulatedBank(tmp_path, return_origins=origins)
        .browser.get("/holder/6000000002")
        .headers["Content-Security-Policy"]
    )
    assert f"form-action 'self' {' '.join(origins)};" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_index_lists_every_card(simulated_bank: SimulatedBank) -> None:
    simulated_bank.app.test_client_class = CardListBrowser
    page = text_of(soup(simulated_bank.app.test_client().get("/")), "main")
    for row in SCENARIOS.values():
        assert all(group_card_number(card) in page for card in row.cards)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("css/bank.css", 200),
        ("js/bank.js", 200),
        ("css/site.css", 200),
        ("css/portal.css", 404),
        ("../wsgi.py", 404),
    ],
)
def test_only_the_banks_files_are_served(simulated_bank: SimulatedBank, name: str, status: int) -> None:
    with simulated_bank.browser.get(f"/static/{name}") as answer:
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/nowhere", "/acs/nothing", "/acs/challenge"])
def test_unknown_pages_look_like_the_bank(simulated_bank: SimulatedBank, path: str) -> None:
    answer = simulated_bank.browser.get(path)
    assert answer.status_code in (404, 405)
    assert "SIMULATION" in answer.get_data(as_text=True)


def test_what_is_no_client_reference_is_told_and_stays_typed(simulated_bank: SimulatedBank) -> None:
    simulated_bank.app.test_client_class = CardListBrowser
    refused = simulated_bank.app.test_client().post("/", data={"reference": "six"})
    assert refused.status_code == 400
    assert "compte dix chiffres et commence par 6 ou 7" in text_of(soup(refused), "[role=alert]")
    assert [field["value"] for field in soup(refused).select("#reference")] == ["six"]

"""Each scenario leaves behind what its row promises, and its page says what the table says."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from app.i18n import LANGUAGES
from app.qa.scenario_views import search_scenarios
from app.simulation.scenarios import SCENARIOS
from app.tokens import LinkClaims
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.sandbox_client import SandboxClient, event_types, sent

#: Its page is the pending one; what comes after it comes by itself.
_PENDING = frozenset({"late_result"})


@pytest.fixture
def rows(tester: SandboxClient) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in tester.call("GET", "/scenarios")}


@pytest.mark.parametrize("key", sorted(SCENARIOS.keys() - _PENDING))
def test_a_scenario_leaves_behind_what_it_promises(
    tester: SandboxClient, rows: dict[str, dict[str, Any]], key: str
) -> None:
    row = rows[key]
    activation = tester.order(scenario=key, reach="page")
    assert (activation["state"], activation["label"]) == (row["state"], row["label"])
    _invitation, *kinds = sent(activation)
    assert kinds == row["mails"]
    assert event_types(activation)[2:] == row["events"]


def test_a_late_result_activates_by_itself(tester: SandboxClient) -> None:
    pending = tester.order(scenario="late_result", reach="page")
    assert pending["state"] == "awaiting_bank"
    assert tester.do(pending["public_id"], "age", seconds=30)["state"] == "active"


@pytest.mark.parametrize(
    "key", ["wrong_card", "wrong_pin", "cancelled", "abandoned", "success", "link_in_progress"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_result_page_says_what_the_table_says(
    tester: SandboxClient, services: Services, rows: dict[str, dict[str, Any]], key: str, language: str
) -> None:
    activation = tester.order(scenario=key, reach="page", language=language)
    path = activation["result"].removeprefix(services.settings.public_url)
    link = services.context.tokens.sign_link_cookie(LinkClaims(activation["public_id"], 1))
    tester.client.set_cookie("link", link, path=path.rpartition("/")[0])
    message = rows[key]["messages"][language].replace("xxxxx", activation["reference"])
    [heading] = BeautifulSoup(tester.client.get(path).text, "html.parser").select("h1")
    assert heading.get_text(strip=True) == message.splitlines()[0]


@pytest.mark.parametrize(
    "key",
    [
        *("link_altered", "link_unknown", "link_expired", "link_replaced", "link_withdrawn"),
        *("link_active", "link_stopped", "link_in_progress", "link_missing"),
    ],
)
def test_a_link_leads_to_the_page_that_the_table_tells(
    tester: SandboxClient, rows: dict[str, dict[str, Any]], key: str
) -> None:
    activation = tester.order(scenario=key, language="en")
    holder = CardholderClient(tester.client, activation["link"])
    holder.open_link()
    assert holder.heading() == rows[key]["messages"]["en"].splitlines()[0]


def test_a_locked_link_says_when_it_opens(tester: SandboxClient) -> None:
    holder = CardholderClient(tester.client, tester.order(scenario="link_locked")["link"])
    holder.open_link()
    assert "It opens again tomorrow at" in holder.words()
    assert holder.visit("card").status_code == 429


def test_a_fresh_link_opens_the_card_page(tester: SandboxClient) -> None:
    holder = CardholderClient(tester.client, tester.order(scenario="card_blocked")["link"])
    holder.open_link()
    assert holder.heading() == "Your credit card"


@pytest.mark.parametrize(
    ("looked_for", "first"),
    [
        ("Votre carte de crédit CARO n'est pas lié à 6123456789. Réessayez", "wrong_card"),
        ("votre carte de credit caro", "wrong_card"),
        ("Dieser Link ist abgelaufen", "link_expired"),
        ("The link from Fiduciaire Acme was valid until 14 December 2026", "link_expired"),
        ("4000 0056 0000 0112", "card_blocked"),
        ("0112", "card_blocked"),
        ("handoff", "handoff_late"),
        ("trop de refus", "link_locked"),
        ("Als gestohlen gemeldet", "stolen"),
        ("link", "link_altered"),
    ],
)
def test_a_message_is_found_by_any_of_its_words(app: Flask, looked_for: str, first: str) -> None:
    with app.test_request_context():
        assert search_scenarios(looked_for)[0].scenario.key == first


def test_what_nothing_says_finds_nothing(app: Flask) -> None:
    with app.test_request_context():
        assert search_scenarios("quetzalcoatl") == []
        assert len(search_scenarios("")) == len(SCENARIOS)

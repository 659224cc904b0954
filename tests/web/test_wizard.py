"""From welcome to the confirmed service, and back again whatever page was asked for."""

import hashlib

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.states import STEPS
from app.domain.terms import NEWEST_VERSION
from app.models import Consent
from app.web.extensions import Services
from app.wizard import routes
from tests.support.cardholder import SHOWN, TICKED, CardholderClient
from tests.support.doubles import FakeBank, MovableClock
from tests.support.office import OFFICE

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def consents(database: Database) -> list[dict[str, object]]:
    with database.read_connection() as connection:
        return [dict(row) for row in connection.execute(select(Consent.__table__)).mappings()]


def test_a_cardholder_activates_the_service(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.open_link()
    assert (cardholder_client.heading(), cardholder_client.words(".progress")) == ("Welcome", "Step 1 of 4")
    cardholder_client.accept()
    assert (cardholder_client.heading(), cardholder_client.words(".progress")) == (
        "Your credit card",
        "Step 2 of 4",
    )
    cardholder_client.type_card()
    assert (cardholder_client.heading(), cardholder_client.words(".progress")) == (
        "Going to your bank",
        "Step 3 of 4",
    )
    bank.decides(SIGNED)
    cardholder_client.follow(cardholder_client.come_back())
    assert (cardholder_client.heading(), cardholder_client.words(".progress")) == (
        "Your service is active",
        "Step 4 of 4",
    )
    assert (
        f"{OFFICE} will receive your credit card statements from December 2026." in cardholder_client.words()
    )


def test_every_page_names_office_reference_and_contact(
    cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    for reach in (cardholder_client.open_link, cardholder_client.accept, cardholder_client.type_card):
        reach()
        assert OFFICE in cardholder_client.words()
        assert "6123 456 789" in cardholder_client.words()
        assert "anne@dupont.example" in cardholder_client.words(".help")


def test_the_welcome_page_says_openly_how_to_be_sure_that_it_is_genuine(
    cardholder_client: CardholderClient, services: Services
) -> None:
    cardholder_client.open_link()

    section = cardholder_client.soup().select_one("section[aria-labelledby=genuine]")
    assert section is not None
    assert section.find_parent("details") is None
    proofs = [" ".join(point.get_text().split()) for point in section.select("li")]
    assert proofs == [
        "Its client reference is the one on your own credit card statement.",
        f"{OFFICE} can confirm by phone that this is its request: call the number that you already know.",
        f"The address of this page begins with {services.settings.public_url}",
        "We never ask for your PIN: not by email, not by phone, not on our pages.",
    ]
    assert "CARO is a service of CodaBox." in cardholder_client.words(".lead")


def test_the_boxes_start_unticked(cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()

    boxes = cardholder_client.soup().select("[type=checkbox]")
    assert [box["name"] for box in boxes] == list(TICKED)
    assert not any(box.has_attr("checked") for box in boxes)


@pytest.mark.parametrize("forgotten", TICKED)
def test_whoever_forgot_one_box_need_not_tick_the_other_again(
    cardholder_client: CardholderClient, forgotten: str
) -> None:
    cardholder_client.open_link()
    shown = {name: cardholder_client.value(name) for name in SHOWN}
    (kept,) = TICKED.keys() - {forgotten}
    cardholder_client.follow(cardholder_client.send("welcome", **{kept: TICKED[kept], **shown}))
    ticked = {
        box["name"]: box.has_attr("checked") for box in cardholder_client.soup().select("[type=checkbox]")
    }
    assert ticked == {kept: True, forgotten: False}


@pytest.mark.parametrize("ticked", ["", "false", "0", "on", "YES"])
@pytest.mark.parametrize("box", list(TICKED))
def test_both_boxes_are_wanted(
    cardholder_client: CardholderClient, database: Database, box: str, ticked: str
) -> None:
    cardholder_client.open_link()
    shown = {"terms_version": NEWEST_VERSION, "terms_language": "en"}
    cardholder_client.follow(cardholder_client.send("welcome", **{**TICKED, **shown, box: ticked}))

    assert cardholder_client.page.status_code == 200
    assert cardholder_client.words("title").startswith("Error: Welcome")
    assert cardholder_client.soup().select_one(f"#{box}[aria-invalid=true][aria-describedby={box}-problem]")
    assert [link["href"] for link in cardholder_client.soup().select(".summary a")] == [f"#{box}"]
    assert consents(database) == []


def test_consent_keeps_what_was_shown(
    cardholder_client: CardholderClient, services: Services, database: Database
) -> None:
    cardholder_client.open_link()
    labels = [" ".join(cardholder_client.words(f"label[for={box}]").split()) for box in TICKED]
    cardholder_client.accept()

    (consent,) = consents(database)
    assert (consent["terms_version"], consent["language"]) == (NEWEST_VERSION, "en")
    assert consent["terms_sha256"] == services.terms.current("en").sha256
    shown = "\n".join(labels).replace("6123 456 789", "6123\u00a0456\u00a0789")
    assert consent["labels_sha256"] == hashlib.sha256(shown.encode()).hexdigest()


def test_a_second_click_records_nothing_more(cardholder_client: CardholderClient, database: Database) -> None:
    cardholder_client.open_link()
    welcome = cardholder_client.page
    cardholder_client.accept()
    cardholder_client.page = welcome
    cardholder_client.accept()

    assert cardholder_client.heading() == "Your credit card"
    assert cardholder_client.soup().select(".note") == []
    assert len(consents(database)) == 1


@pytest.mark.parametrize(
    "shown",
    [
        {"terms_version": "2020-01"},
        {"terms_language": "xx"},
        {"terms_language": "fr"},
        {"labels_sha256": hashlib.sha256(b"I accept something else.").hexdigest()},
        {"labels_sha256": ""},
    ],
)
def test_changed_conditions_are_shown_again(
    cardholder_client: CardholderClient, database: Database, shown: dict[str, str]
) -> None:
    cardholder_client.open_link()
    current = {name: cardholder_client.value(name) for name in SHOWN}
    cardholder_client.follow(cardholder_client.send("welcome", **{**TICKED, **current, **shown}))

    assert cardholder_client.page.status_code == 200
    assert "The conditions have changed since you opened this page." in cardholder_client.words(".note")
    assert cardholder_client.soup().select("details[open]")
    assert consents(database) == []


def test_not_mine_tells_what_to_do(cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    cardholder_client.visit("not-mine")

    assert cardholder_client.heading() == "Is this request not for you?"
    assert f"tell {OFFICE} which reference is on your statement" in cardholder_client.words()


def test_not_mine_stays_true_after_accepting(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.visit("not-mine")

    assert "Nothing was charged, and no statements are shared." in cardholder_client.words()
    assert "recorded" not in cardholder_client.words()


@pytest.mark.parametrize("page", ["card", "bank", "result"])
def test_a_skipped_step_leads_back(cardholder_client: CardholderClient, page: str) -> None:
    cardholder_client.open_link()
    cardholder_client.visit(page)

    assert cardholder_client.heading() == "Welcome"
    assert (
        cardholder_client.words(".note span")
        == "First confirm your client reference and accept the conditions."
    )


def test_back_after_accepting_explains_itself(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.visit("welcome")

    assert cardholder_client.heading() == "Your credit card"
    assert cardholder_client.words(".note span").startswith("You have already confirmed")


def test_nothing_is_filled_in_twice(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    bank.decides(SIGNED)
    cardholder_client.come_back()
    for page in ("welcome", "card"):
        cardholder_client.visit(page)
        assert cardholder_client.heading() == "Your service is active"
        assert cardholder_client.words(".note span").startswith("This service is already active")


def test_an_active_link_says_since_when(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()
    bank.decides(SIGNED)
    cardholder_client.come_back()

    assert cardholder_client.open_link().status_code == 200
    assert cardholder_client.heading() == "This service is already active"
    assert f"CARO was activated for {OFFICE} today at 10:00." in cardholder_client.words()


def test_december_leads_to_january(
    cardholder_client: CardholderClient, bank: FakeBank, clock: MovableClock
) -> None:
    clock.advance(days=30)
    cardholder_client.reach_bank()
    bank.decides(SIGNED)
    cardholder_client.follow(cardholder_client.come_back())

    assert "from January 2027" in cardholder_client.words()


def test_every_step_says_why() -> None:
    assert set(routes.WHY) == set(STEPS)


def test_every_page_knows_its_states(app: Flask) -> None:
    endpoints = [endpoint.split(".") for endpoint in app.view_functions if endpoint.startswith("wizard.")]
    pages = {page for _, page in endpoints}

    assert pages == set(routes.OPEN_IN)
    for (page, state), target in routes.SILENT.items():
        assert state not in routes.OPEN_IN[page]
        assert state in routes.OPEN_IN[target]


def test_pages_read_two_statements_at_most(
    cardholder_client: CardholderClient, database: Database, services: Services, bank: FakeBank
) -> None:
    statements: list[str] = []
    event.listen(services.database.reading, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    for reach in (cardholder_client.open_link, cardholder_client.accept, cardholder_client.type_card):
        path = reach().request.path
        statements.clear()
        cardholder_client.client.get(path)
        assert 1 <= len(statements) <= 2, path

"""The language that a cardholder chooses: kept with what was ticked, and spoken by the mails that follow."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.models import Activation, Attempt, Consent
from app.web.extensions import Services
from tests.support.cardholder import CARD, SHOWN, TICKED, CardholderClient
from tests.support.doubles import FakeBank, RecordingTransport
from tests.support.portal import sign_in, token_in

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def languages(database: Database) -> tuple[str, ...]:
    """Return the language of the activation, of its consents and of its attempts."""
    with database.read_connection() as connection:
        columns = (Activation.language, Consent.language, Attempt.language)
        return tuple(one for column in columns for one in connection.execute(select(column)).scalars())


def walk(holder: CardholderClient, bank: FakeBank) -> None:
    holder.reach_bank()
    bank.decides(SIGNED)
    holder.follow(holder.come_back())


def change(client: FlaskClient, services: Services, public_id: str, language: str) -> str:
    accountant = sign_in(client, services)
    accountant.set_cookie("language", "en")
    path = f"/portal/requests/{public_id}/language"
    form = accountant.get(path).text
    (seen,) = BeautifulSoup(form, "html.parser").select("[name=seen]")
    sent = {"csrf_token": token_in(form), "seen": str(seen["value"]), "language": language}
    answer = accountant.post(path, data=sent)
    return accountant.get(answer.location).text if answer.status_code == 303 else answer.text


def test_the_mails_follow_the_language_of_the_conditions(
    app: Flask,
    cardholder_client: CardholderClient,
    bank: FakeBank,
    services: Services,
    database: Database,
    sent_mails: RecordingTransport,
) -> None:
    assert languages(database) == ("fr",)
    cardholder_client.client.set_cookie("language", "de")
    walk(cardholder_client, bank)
    with app.app_context():
        services.outbox.deliver_due()

    assert languages(database) == ("de", "de", "de")
    assert sent_mails.last["Content-Language"] == "de"


def test_reading_in_another_language_changes_nothing(
    cardholder_client: CardholderClient, database: Database
) -> None:
    cardholder_client.open_link()
    cardholder_client.visit("welcome?lang=nl")

    assert languages(database) == ("fr",)


def test_the_office_changes_it_later_and_the_history_says_so(
    client: FlaskClient,
    services: Services,
    database: Database,
    cardholder_client: CardholderClient,
    public_id: str,
    bank: FakeBank,
) -> None:
    walk(cardholder_client, bank)
    page = change(client, services, public_id, "nl")

    assert languages(database) == ("nl", "en", "en")
    assert "language was changed." in page
    assert "Nederlands" in page


def test_only_our_languages_can_be_chosen(
    client: FlaskClient, services: Services, database: Database, public_id: str
) -> None:
    assert "Choose the cardholder" in change(client, services, public_id, "xx")
    assert languages(database) == ("fr",)


@pytest.mark.parametrize("box", TICKED)
def test_what_was_ticked_stays_in_another_language(
    cardholder_client: CardholderClient, database: Database, box: str
) -> None:
    cardholder_client.open_link()
    shown = {name: cardholder_client.value(name) for name in SHOWN}
    cardholder_client.follow(cardholder_client.send("welcome?lang=nl", **{box: "yes", **shown}))

    assert cardholder_client.words("h1") == "Welkom"
    boxes = cardholder_client.soup().select("[type=checkbox][checked]")
    assert [one["name"] for one in boxes] == [box]
    assert not cardholder_client.soup().select(".summary, .problem")
    assert languages(database) == ("fr",)


def test_nothing_is_accepted_by_a_change_of_language(
    cardholder_client: CardholderClient, database: Database
) -> None:
    cardholder_client.open_link()
    shown = {name: cardholder_client.value(name) for name in SHOWN}
    cardholder_client.follow(cardholder_client.send("welcome?lang=de", **TICKED, **shown))
    assert cardholder_client.words("html[lang=de] h1") == "Willkommen"
    assert languages(database) == ("fr",)

    cardholder_client.accept()
    assert languages(database) == ("de", "de")


def errors(holder: CardholderClient) -> list[str]:
    return [one.get_text(" ", strip=True) for one in holder.soup().select("p.problem")]


def test_what_is_wrong_with_a_card_is_said_in_each_language_that_is_chosen(
    cardholder_client: CardholderClient,
) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(card_number="4000 0243 2959 6390")
    for language, says in (("nl", "tikfout"), ("de", "Tippfehler"), ("en", "typing error")):
        cardholder_client.visit(f"card?lang={language}")
        assert says in errors(cardholder_client)[0]
        assert cardholder_client.value("expiry") == CARD["expiry"]
        assert cardholder_client.value("card_number") == cardholder_client.value("security_code") == ""

    cardholder_client.visit("card?lang=en")
    assert errors(cardholder_client) == []


def test_what_was_mended_is_not_said_again_in_another_language(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(expiry="13/29")
    assert errors(cardholder_client)
    cardholder_client.type_card()
    cardholder_client.follow(cardholder_client.come_back())
    cardholder_client.send("start-over")

    cardholder_client.visit("card?lang=nl")
    assert errors(cardholder_client) == []


def test_of_what_is_wrong_with_the_boxes_another_language_says_what_is_left(
    cardholder_client: CardholderClient,
) -> None:
    cardholder_client.open_link()
    cardholder_client.follow(cardholder_client.send("welcome"))
    assert len(errors(cardholder_client)) == 2
    cardholder_client.follow(cardholder_client.send("welcome?lang=nl", terms_accepted="yes"))

    (error,) = errors(cardholder_client)
    assert "klantenreferentie" in error
    assert [box["name"] for box in cardholder_client.soup().select("[checked]")] == ["terms_accepted"]


def test_a_tab_that_is_out_of_date_still_changes_the_language(cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    welcome = cardholder_client.page
    cardholder_client.accept()
    cardholder_client.page = welcome
    cardholder_client.follow(cardholder_client.send("welcome?lang=nl", **TICKED))
    assert cardholder_client.words("html[lang=nl] h1") == "Uw kredietkaart"

    answer = cardholder_client.client.post(
        f"{cardholder_client.home}/welcome?lang=de", data={"csrf_token": ""}
    )
    assert answer.status_code == 400
    assert '<html lang="de">' in cardholder_client.follow(answer).text
    assert '<html lang="de">' in cardholder_client.visit("card").text


def test_the_languages_of_an_answer_to_a_form_lead_to_the_page_that_held_it(
    cardholder_client: CardholderClient,
) -> None:
    cardholder_client.reach_bank()
    came_from = f"http://localhost{cardholder_client.home}/result"
    address = f"{cardholder_client.home}/check"
    cardholder_client.page = cardholder_client.client.post(
        address, data={"csrf_token": ""}, headers={"Referer": came_from}
    )
    assert cardholder_client.page.status_code == 400

    (dutch,) = cardholder_client.soup().select(".languages [lang=nl]")
    assert dutch["href"] == f"{cardholder_client.home}/result?lang=nl"

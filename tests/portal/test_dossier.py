"""Gérer: one dossier, and what is told of each of its requests."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from app.advice import ADVICE
from app.db import Database
from app.domain.failures import FAILURES, Failure
from app.domain.history import EventType
from app.i18n import LANGUAGES, override_locale
from app.models import Attempt, Event
from app.web.extensions import Services
from app.wording import EVENT_TYPES, MAILS
from tests.bench.statement_tally import counted
from tests.support.activation_factory import ActivationFactory
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, MovableClock, RecordingTransport
from tests.support.office import ACCOUNTANT, ADDRESS, order_for
from tests.support.portal import sign_in

HOME = "/portal/dossiers/1"


def page(accountant_client: FlaskClient, language: str = "en") -> BeautifulSoup:
    return BeautifulSoup(accountant_client.get(f"{HOME}?lang={language}").text, "html.parser")


def part(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    found = soup.select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return found


def words(element: Tag) -> str:
    return " ".join(element.get_text(" ", strip=True).split()).replace(" ,", ",")


def facts(accountant_client: FlaskClient) -> dict[str, str]:
    return {
        words(part(row, "dt")): words(part(row, "dd"))
        for row in page(accountant_client).select(".facts > div")
    }


def coming(accountant_client: FlaskClient) -> list[str]:
    """Return what happens next with the only request."""
    return [words(line) for line in page(accountant_client).select(".request > details > ul li")]


def deliver(app: Flask, services: Services) -> None:
    with app.app_context():
        services.outbox.deliver_due()


def test_a_dossier_without_a_request_says_so_and_offers_one(accountant_client: FlaskClient) -> None:
    soup = page(accountant_client)

    assert words(part(soup, "h1")) == "Dossier ACME, Acme SA"
    assert "There is no CARO request for this dossier yet." in words(part(soup, "main"))
    assert part(soup, ".toolbar a")["href"] == f"{HOME}/order"


def test_a_dossier_without_a_mandate_says_why_nothing_can_be_ordered(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get("/portal/dossiers/2?lang=en")

    assert "No active CODA mandate" in answer.text
    assert "New CARO request" not in answer.text


def test_a_dossier_that_does_not_exist_is_not_found(accountant_client: FlaskClient) -> None:
    assert accountant_client.get("/portal/dossiers/4711").status_code == 404


def test_an_invitation_tells_label_bank_language_and_masked_address(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("invited")

    assert words(part(page(accountant_client), "h2")) == "6123 456 789 Invitation sent 23 Nov 2026"
    assert facts(accountant_client) == {
        "Bank": "Belfius",
        "Cardholder's language": "Français",
        "Cardholder's email address": "t•••@client.example",
        "Last invitation": "23 November 2026",
    }


def test_a_stopped_service_promises_no_statement_and_offers_a_text_for_the_cardholder(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("active")
    assert "the first in December 2026" in words(part(page(accountant_client), ".request"))
    assert not page(accountant_client).select("textarea")

    (one,) = page(accountant_client).select(".request")
    activation_factory.services.invitations.revoke_activation(
        str(one["id"]).removeprefix("request-"), "accountant 1"
    )
    assert "December 2026" not in words(part(page(accountant_client), ".request"))
    text = part(page(accountant_client), "textarea[lang=fr]")
    assert "CARO a été arrêté le 23 novembre 2026" in words(text)
    assert "6123 456 789" in words(text)
    assert "Bureau Dupont" in words(text)
    # It leaves for another program, where somebody may search for it.
    assert not set("\u00a0\u2011") & set(text.get_text())


def test_the_list_and_the_dossier_name_the_same_day(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory, clock: MovableClock
) -> None:
    placed = activation_factory.services.orders.place_order(order_for())
    assert placed.link is not None
    clock.advance(days=3)
    CardholderSteps(activation_factory.services, placed.link).accept()
    accountant_client = sign_in(client, services)

    assert "Invitation sent 23 Nov 2026" in words(part(page(accountant_client), "h2"))
    listed = BeautifulSoup(accountant_client.get("/portal/caro?lang=en").text, "html.parser")
    assert "Invitation sent Conditions accepted 23 Nov 2026" in words(part(listed, "tbody tr"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_address_stands_in_full_on_no_page(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, language: str
) -> None:
    public_id = activation_factory.create("invited")

    pages = [HOME, f"/portal/requests/{public_id}/address", f"/portal/requests/{public_id}/cancel"]

    assert not any(ADDRESS in accountant_client.get(f"{path}?lang={language}").text for path in pages)


def test_the_address_is_said_to_be_erased_once_it_is(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("cancelled")

    assert facts(accountant_client)["Cardholder's email address"] == "deleted"


#: What is told to come, in each stage; the first words are enough.
COMING = {
    "invited": [
        "The first reminder will be sent on 7 December 2026.",
        "The cardholder can activate CARO until 18 January 2027.",
    ],
    "terms_accepted": ["The first reminder will be sent on", "The cardholder can activate CARO until"],
    "at_bank": [
        "The cardholder is at the bank",
        "The cardholder can activate CARO until",
    ],
    "problem": [
        "Call the cardholder first",
        "The first reminder will be sent on",
        "The cardholder can activate CARO until",
    ],
    "active": [
        "Your office receives the statements, the first in December 2026.",
        "If a card is renewed and the client reference stays the same",
        "After the confirmation",
    ],
    "expired": ["Nothing more happens by itself."],
    "cancelled": ["Nothing more happens by itself."],
    "revoked": ["Nothing more happens."],
    "at_kbc": ["The first reminder will be sent on", "The cardholder can activate CARO until"],
    "refused_at_kbc": ["The cardholder refused in the KBC app"],
    "over": ["The cardholder's address is about to be deleted."],
}


@pytest.mark.parametrize("name", COMING)
def test_each_stage_tells_what_happens_next(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory, name: str
) -> None:
    activation_factory.create(name)

    told = coming(sign_in(client, services))

    assert len(told) == len(COMING[name])
    assert all(line.startswith(begins) for line, begins in zip(told, COMING[name], strict=True))


def test_whoever_is_at_the_bank_when_the_time_is_over_may_still_succeed(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory, clock: MovableClock
) -> None:
    holder = activation_factory.create_cardholder()
    clock.advance(days=55, hours=23, minutes=55)
    holder.submit()
    clock.advance(minutes=6)

    assert coming(sign_in(client, services)) == [
        "The cardholder is at the bank. We keep asking the bank until we know the result."
    ]


def test_no_reminder_is_promised_while_the_cardholder_is_at_the_bank(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("at_bank")

    assert coming(accountant_client) == [
        "The cardholder is at the bank. We keep asking the bank until we know the result.",
        "The cardholder can activate CARO until 18 January 2027.",
    ]


def test_each_reminder_has_its_day_and_then_there_is_none(
    client: FlaskClient,
    services: Services,
    clock: MovableClock,
    activation_factory: ActivationFactory,
) -> None:
    activation_factory.create("invited")
    told = []
    for _ in range(4):
        told.append(coming(sign_in(client, services))[0])
        clock.advance(days=14)
        services.reminders.queue_due_reminders()

    assert told == [
        "The first reminder will be sent on 7 December 2026.",
        "The second reminder will be sent on 21 December 2026.",
        "The third reminder will be sent on 4 January 2027.",
        "No more reminders will be sent.",
    ]


def test_five_refusals_tell_when_the_card_page_opens_again(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create_problem(times=5)

    told = "closed until 24 November 2026 at 10:00, because five attempts were refused within 24 hours."
    assert told in coming(accountant_client)[1]


def test_an_attempt_tells_the_card_the_message_in_its_language_and_the_advice(
    app: Flask, accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("problem")

    attempt = part(page(accountant_client), ".attempt")
    quote = part(attempt, "blockquote")

    assert "Visa •••• 6391" in words(attempt)
    assert quote["lang"] == "fr"
    assert words(quote) == (
        "Votre carte de crédit CARO n'est pas lié à 6123456789. Réessayez avec la bonne carte de crédit."
    )
    with app.app_context(), override_locale("en"):
        assert str(ADVICE[Failure.WRONG_CARD].cause) in words(attempt)
        assert str(ADVICE[Failure.WRONG_CARD].remedy) in words(attempt)
    assert part(attempt, "a")["href"] == "/portal/toolkit#wrong_card"


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_can_be_told(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    failure: Failure,
) -> None:
    activation_factory.create("problem")
    with database.transaction() as session:
        session.execute(update(Attempt).values(failure=failure, language="nl"))

    attempt = part(page(accountant_client, "fr"), ".attempt")

    assert part(attempt, "blockquote")["lang"] == "nl"
    assert part(attempt, "blockquote")["class"] == [FAILURES[failure].tone]
    assert str(part(attempt, "a")["href"]).endswith(f"#{failure}")


def test_earlier_attempts_stand_folded_behind_the_newest(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create_problem(times=3)
    soup = page(accountant_client)

    assert len(soup.select(".request > details > .attempt")) == 1
    assert len(soup.select(".request > details > details .attempt")) == 2
    assert "Earlier attempts: 2" in [words(line) for line in soup.select("details details summary")]


def test_a_mail_that_was_refused_is_told(
    app: Flask,
    services: Services,
    accountant_client: FlaskClient,
    sent_mails: RecordingTransport,
    activation_factory: ActivationFactory,
) -> None:
    public_id = activation_factory.create_invited()
    sent_mails.refuses_for_good.add(ADDRESS)

    deliver(app, services)

    soup = page(accountant_client)
    assert "could not be delivered on 23 November 2026" in words(part(soup, ".request .note"))
    assert part(soup, ".actions .main")["href"] == f"/portal/requests/{public_id}/address"


def test_a_mail_that_arrived_is_told(
    app: Flask, services: Services, accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create_invited()

    deliver(app, services)

    assert facts(accountant_client)["Last email to the cardholder"] == "Invitation, 23 November 2026"


def test_the_history_says_who_did_what_and_when(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, clock: MovableClock
) -> None:
    public_id = activation_factory.create("invited")
    clock.advance(minutes=5)
    activation_factory.services.invitations.copy_link(public_id, "accountant 1")

    rows = [words(row) for row in page(accountant_client).select("tbody tr")]

    assert rows == [
        f"23 November 2026, 10:05 {ACCOUNTANT} The activation link was copied.",
        "23 November 2026, 10:00 The operator of the service CARO was ordered. Belfius",
    ]


@pytest.mark.parametrize("event_type", EventType)
def test_every_line_of_history_has_its_words(
    app: Flask,
    accountant_client: FlaskClient,
    database: Database,
    clock: MovableClock,
    activation_factory: ActivationFactory,
    event_type: EventType,
) -> None:
    activation_factory.create("invited")
    with database.transaction() as session:
        line = {
            "activation_id": 1,
            "at": clock(),
            "actor": "worker",
            "event_type": event_type,
            "detail": None,
        }
        session.execute(insert(Event), line)

    with app.app_context(), override_locale("en"):
        assert str(EVENT_TYPES[event_type]) in words(part(page(accountant_client), "tbody tr"))


def test_every_mail_has_a_name(app: Flask) -> None:
    with app.app_context(), override_locale("en"):
        assert len({str(name) for name in MAILS.values()}) == len(MAILS)


def test_kbc_has_no_link_but_the_way_through_the_app(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("at_kbc")
    section = part(page(accountant_client), ".request")

    assert words(part(section, 'a[href="/how-to-activate/kbc?lang=fr"]')) == "How to activate"
    assert "Copy" not in words(section)


def test_a_page_costs_the_same_however_many_requests_stand_on_it(
    accountant_client: FlaskClient, services: Services, activation_factory: ActivationFactory
) -> None:
    activation_factory.create_problem(times=2)
    few = cost(accountant_client, services)
    for number in range(10):
        services.orders.place_order(order_for(client_reference=f"70000000{number:02d}"))

    assert cost(accountant_client, services) == few
    assert few <= 7


def cost(accountant_client: FlaskClient, services: Services) -> int:
    with counted(services.database) as tally:
        assert accountant_client.get(HOME).status_code == 200
    assert tally.transactions == 0
    return len(tally.statements)


def test_an_idle_moment_writes_down_nothing_but_the_visit(
    accountant_client: FlaskClient,
    services: Services,
    database: Database,
    clock: MovableClock,
    activation_factory: ActivationFactory,
) -> None:
    activation_factory.create("invited")
    clock.now += timedelta(minutes=2)

    with counted(services.database) as tally:
        accountant_client.get(HOME)

    assert [line.split()[1] for line in tally.statements if line.startswith("UPDATE")] == ["portal_session"]


def test_the_reference_that_the_cardholder_keeps_stands_at_the_attempt(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, bank: FakeBank
) -> None:
    activation_factory.create_active()

    page = accountant_client.get("/portal/dossiers/1?lang=en").text

    shown = f"{bank.transaction[:4]}\u00a0{bank.transaction[4:8]}".upper()
    assert f'Reference of the consent: <span class="reference">{shown}</span>' in page


def test_the_last_day_of_an_invitation_is_told_with_its_hour(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory, clock: MovableClock
) -> None:
    public_id = activation_factory.create("invited")
    clock.advance(days=55, hours=20)
    page = sign_in(client, services).get("/portal/dossiers/1?lang=en").text.replace("\u00a0", " ")
    copied = client.get(f"/portal/requests/{public_id}/copy?lang=en").text.replace("\u00a0", " ")

    assert "The cardholder can activate CARO until 18 January 2027 at 10:00." in page
    assert "The link is valid until 18 January 2027 at 10:00." in copied

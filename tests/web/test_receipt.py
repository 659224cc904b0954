"""The page of success: what a cardholder can keep, while it is shown."""

from flask import Flask
from sqlalchemy import update

from app.db import Database
from app.domain.bank_results import BankResult, CardVerification, TransactionStatus
from app.domain.terms import FIRST_VERSION
from app.mail.rendering import plain_spaces
from app.models import Consent
from app.web.extensions import Services
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank
from tests.support.office import ADDRESS, OFFICE

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)


def succeed(holder: CardholderClient, bank: FakeBank) -> None:
    holder.reach_bank()
    bank.decides(SIGNED)
    holder.follow(holder.come_back())


def facts(holder: CardholderClient) -> dict[str, str]:
    return {row.dt.text: plain_spaces(row.dd.text) for row in holder.soup().select(".facts > div")}  # type: ignore[union-attr]


def test_success_can_be_kept(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    succeed(cardholder_client, bank)

    assert facts(cardholder_client) == {
        "Client reference": "6123 456 789",
        "Reference of your consent": f"{bank.transaction[:4]} {bank.transaction[4:8]}".upper(),
        "Active since": "23 November 2026, 10:00",
        "Charged": "0.00 EUR",
        "Credit card": "Visa •••• 6391",
    }
    assert OFFICE in cardholder_client.words()
    assert "anne@dupont.example" in cardholder_client.words(".help")


def test_the_confirmation_names_the_masked_address_until_it_is_sent(
    app: Flask, cardholder_client: CardholderClient, bank: FakeBank, services: Services
) -> None:
    succeed(cardholder_client, bank)
    assert "at t•••@client.example" in cardholder_client.words()
    assert ADDRESS not in cardholder_client.page.text

    with app.app_context():
        services.outbox.deliver_due()
    cardholder_client.visit("result")
    assert "client.example" not in cardholder_client.page.text
    assert "A confirmation was sent to you by email" in cardholder_client.words()


def test_the_link_of_an_active_service_shows_nothing_of_it(
    cardholder_client: CardholderClient, bank: FakeBank
) -> None:
    succeed(cardholder_client, bank)
    cardholder_client.open_link()

    assert cardholder_client.heading() == "This service is already active"
    for kept in ("6391", bank.transaction, "client.example"):
        assert kept not in cardholder_client.page.text


def test_success_links_to_the_conditions_as_they_were_accepted(
    cardholder_client: CardholderClient, bank: FakeBank, database: Database
) -> None:
    succeed(cardholder_client, bank)
    with database.transaction() as session:
        session.execute(update(Consent).values(terms_version=FIRST_VERSION))
    cardholder_client.visit("result?lang=de")

    link = cardholder_client.soup().select_one("main a[href^='/terms/']")
    assert link
    assert link["href"] == f"/terms/{FIRST_VERSION}/en"

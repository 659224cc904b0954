"""Gérer: which requests are unfolded, and what a cardholder wrote."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.domain.message_rules import OfficeMessage
from app.i18n import override_locale
from app.web.extensions import Services
from app.wording import OFFICE_MESSAGES
from tests.portal.test_dossier import HOME, deliver, page, part, words
from tests.support.activation_factory import ActivationFactory
from tests.support.cardholder_steps import tell_office
from tests.support.doubles import MovableClock
from tests.support.office import order_for
from tests.support.portal import sign_in


@pytest.mark.parametrize(
    ("stage", "message", "advice", "first"),
    [
        (
            "invited",
            OfficeMessage.NEW_LINK,
            "Resend the invitation: its link works",
            "Resend the invitation",
        ),
        (
            "over",
            OfficeMessage.NEW_LINK,
            "Relaunch the request: you enter",
            "Resend the invitation",
        ),
        ("expired", OfficeMessage.NEW_LINK, "Relaunch the request: you enter", "Relaunch"),
        ("invited", OfficeMessage.UNEXPECTED, "Cancel the request if it was not meant", ""),
        ("expired", OfficeMessage.UNEXPECTED, "relaunch the request only if it was meant", ""),
        ("cancelled", OfficeMessage.UNEXPECTED, "The request is already cancelled", ""),
        ("active", OfficeMessage.UNEXPECTED, "stop it if the cardholder does not want it", ""),
    ],
)
def test_a_message_stands_out_with_what_can_be_done_now(
    app: Flask,
    services: Services,
    accountant_client: FlaskClient,
    activation_factory: ActivationFactory,
    stage: str,
    message: OfficeMessage,
    advice: str,
    first: str,
) -> None:
    tell_office(services, activation_factory.create(stage), message)
    accountant_client = sign_in(accountant_client, services)
    deliver(app, services)
    soup = page(accountant_client)
    note = words(part(soup, ".request .note"))

    with app.app_context(), override_locale("en"):
        assert f"“{OFFICE_MESSAGES[message]}”" in note
    assert advice in note
    assert " ".join(words(button) for button in soup.select(".request .main")) == first


def test_a_message_stands_out_until_something_is_done_and_stays_in_the_history(
    services: Services,
    accountant_client: FlaskClient,
    activation_factory: ActivationFactory,
    clock: MovableClock,
) -> None:
    public_id = activation_factory.create("invited")
    tell_office(services, public_id, OfficeMessage.NEW_LINK)
    clock.advance(minutes=5)
    services.invitations.resend_invitation(public_id, "test")

    assert page(accountant_client).select(".request .note") == []
    rows = [words(row) for row in page(accountant_client).select("tbody tr")]
    assert rows[1] == (
        "23 November 2026, 10:00 The cardholder A message was sent to your office. Send me a new link"
    )


def place_orders(activation_factory: ActivationFactory, count: int) -> list[str]:
    services = activation_factory.services
    references = [f"61000000{number:02d}" for number in range(count)]
    return [
        services.orders.place_order(order_for(client_reference=reference)).public_id
        for reference in references
    ]


def unfolded(accountant_client: FlaskClient, parameters: str = "") -> list[str]:
    soup = BeautifulSoup(accountant_client.get(f"{HOME}{parameters}").text, "html.parser")
    return [str(section["id"]) for section in soup.select(".request:has(> details[open])")]


def test_the_most_urgent_request_stands_first_and_the_others_are_folded_to_a_line(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    _older, newer, ended = place_orders(activation_factory, 3)
    activation_factory.services.invitations.cancel_activation(ended, "test")

    soup = page(accountant_client)

    lines = [words(line) for line in soup.select(".request > details > summary")]
    assert lines == [
        "6100 000 001 Invitation sent 23 Nov 2026",
        "6100 000 000 Invitation sent 23 Nov 2026",
        "6100 000 002 Cancelled 23 Nov 2026",
    ]
    assert unfolded(accountant_client) == [f"request-{newer}"]


def test_a_link_to_a_request_finds_it_unfolded(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    _older, newer, ended = place_orders(activation_factory, 3)
    activation_factory.services.invitations.cancel_activation(ended, "test")

    listed = BeautifulSoup(accountant_client.get("/portal/caro?state=cancelled").text, "html.parser")
    address = str(part(listed, "tbody a")["href"]).removeprefix(HOME)

    assert address == f"?request={ended}#request-{ended}"
    assert unfolded(accountant_client, address) == [f"request-{ended}"]
    assert unfolded(accountant_client, "?request=nothing") == [f"request-{newer}"]
    answer = accountant_client.get(f"{HOME}?request={ended}")
    languages = BeautifulSoup(answer.text, "html.parser").select(".languages a")
    assert all(f"request={ended}" in str(link["href"]) for link in languages)


def test_a_request_whose_cardholder_has_written_is_unfolded_too(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    older, newer = place_orders(activation_factory, 2)
    tell_office(activation_factory.services, older, OfficeMessage.UNEXPECTED)

    assert unfolded(accountant_client) == [f"request-{newer}", f"request-{older}"]

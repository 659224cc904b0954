"""What must not be ordered: foreign, malformed and hostile data, and the same thing twice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Activation, Event, OutboxMessage
from app.web.extensions import Services
from tests.support.office import order_for
from tests.support.ordering import (
    ACME,
    AT_KBC,
    ELSEWHERE,
    TYPED,
    add_colleague,
    count,
    nothing_is_stored,
    open_elsewhere,
    press,
    the_request,
)
from tests.support.portal import sign_in, token_in
from tests.support.world import MovableClock

CARD_NUMBER = "4000 0243 2959 6391"


@pytest.fixture
def desk(client: FlaskClient, services: Services) -> FlaskClient:
    """A signed-in accountant who reads English."""
    client.set_cookie("language", "en")
    return sign_in(client, services)


def stored(database: Database) -> tuple[str, str | None, str, str | None]:
    asked = select(Activation.client_reference, Activation.address, Activation.language, Activation.iban)
    with database.read_connection() as connection:
        row = connection.execute(asked).one()
        return row.client_reference, row.address, row.language, row.iban


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not an address",
        "anna@",
        "a@b.example, c@d.example",
        "a@b.example;c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        '"a b"@client.example',
        "<script>alert(1)</script>@client.example",
        "müller@client.example",
        f"{'a' * 65}@client.example",
        f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 20}.example",
        "a" * 10_000 + "@client.example",
    ],
)
def test_an_address_that_cannot_be_written_to_is_refused(
    desk: FlaskClient, database: Database, address: str
) -> None:
    answer = press(desk, "order", address=address)

    assert answer.status_code == 422
    assert 'href="#address"' in answer.text
    assert "<script>alert" not in answer.text
    assert nothing_is_stored(database)


def test_a_domain_with_accents_is_kept_in_ascii(desk: FlaskClient, database: Database) -> None:
    press(desk, "order", address=" Anna@Müller.example ")

    assert stored(database)[1] == "Anna@xn--mller-kva.example"


def test_a_double_click_orders_once(desk: FlaskClient, database: Database) -> None:
    first, second = press(desk, "order"), press(desk, "order")

    assert first.headers["Location"] == second.headers["Location"]
    assert count(database, Activation, OutboxMessage, Event) == [1, 1, 1]


def test_the_same_order_later_is_refused_and_points_to_the_first(
    desk: FlaskClient, database: Database, clock: MovableClock
) -> None:
    press(desk, "order")
    clock.advance(minutes=2)
    answer = press(desk, "order")

    assert answer.status_code == 409
    assert "There is already a request for this client reference." in answer.text
    assert f'href="/portal/dossiers/1#request-{the_request(database)}"' in answer.text
    assert count(database, Activation, OutboxMessage, Event) == [1, 1, 1]


@pytest.mark.parametrize(
    "changes", [{"address": "other@client.example"}, {"language": "fr"}, {"bank": "fintro"}, AT_KBC]
)
def test_another_order_for_the_same_reference_is_refused(
    desk: FlaskClient, database: Database, changes: dict[str, str]
) -> None:
    press(desk, "order")

    assert press(desk, "order", **changes).status_code == 409
    assert count(database, Activation) == [1]


def test_a_colleague_who_orders_the_same_is_told(
    desk: FlaskClient, app: Flask, services: Services, database: Database
) -> None:
    add_colleague(database, "zz@dupont.example")
    colleague = sign_in(app.test_client(), services, "zz@dupont.example")
    press(desk, "order")

    assert press(colleague, "order").status_code == 409


def test_a_held_reference_is_told_before_the_order(desk: FlaskClient, services: Services) -> None:
    existing = services.orders.place_order(order_for()).public_id
    answer = press(desk, "review")

    assert answer.status_code == 409
    assert f"#request-{existing}" in answer.text
    assert 'name="client_reference" value="6123 456 789"' in answer.text


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "\u202e6123456789",
        "6123456789\u200b0",
        "٦١٢٣٤٥٦٧٨٩",
        "6" * 10_000,
    ],
)
def test_what_is_no_reference_is_refused_and_inert(
    desk: FlaskClient, database: Database, reference: str
) -> None:
    answer = press(desk, "order", client_reference=reference)

    assert answer.status_code == 422
    assert 'href="#client_reference"' in answer.text
    assert "<script>alert" not in answer.text
    assert nothing_is_stored(database)


def test_a_card_number_typed_as_reference_is_not_shown_again(desk: FlaskClient) -> None:
    answer = press(desk, "review", client_reference=CARD_NUMBER)

    assert answer.status_code == 422
    assert CARD_NUMBER not in answer.text


def test_another_offices_dossier_does_not_exist(desk: FlaskClient, database: Database) -> None:
    foreign = open_elsewhere(database)
    token = token_in(desk.get(ACME).text)

    assert desk.get(foreign).status_code == 404
    assert desk.get(foreign.replace("order", "warning")).status_code == 404
    for step in ("review", "change", "order"):
        answer = desk.post(foreign, data={**TYPED, "step": step, "csrf_token": token})
        assert answer.status_code == 404
    assert nothing_is_stored(database)


def test_a_reference_held_by_another_office_is_free_here(
    desk: FlaskClient, services: Services, database: Database
) -> None:
    open_elsewhere(database)
    services.orders.place_order(order_for(office=ELSEWHERE, dossier_code="AUTRE"))

    assert press(desk, "order").status_code == 303
    assert count(database, Activation) == [2]


def test_an_order_without_token_changes_nothing(desk: FlaskClient, database: Database) -> None:
    assert desk.post(ACME, data={**TYPED, "step": "order"}).status_code == 400
    assert nothing_is_stored(database)

"""What must not be ordered: foreign, malformed and hostile data, and the same thing twice."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Activation, Event, OutboxMessage
from app.web.extensions import Services
from tests.support.doubles import MovableClock
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

CARD_NUMBER = "4000 0243 2959 6391"


@pytest.fixture
def accountant_language() -> str:
    return "en"


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
    accountant_client: FlaskClient, database: Database, address: str
) -> None:
    answer = press(accountant_client, "order", address=address)

    assert answer.status_code == 422
    assert 'href="#address"' in answer.text
    assert "<script>alert" not in answer.text
    assert nothing_is_stored(database)


def test_a_domain_with_accents_is_kept_in_ascii(accountant_client: FlaskClient, database: Database) -> None:
    press(accountant_client, "order", address=" Anna@Müller.example ")

    assert stored(database)[1] == "Anna@xn--mller-kva.example"


def test_a_double_click_orders_once(accountant_client: FlaskClient, database: Database) -> None:
    first, second = press(accountant_client, "order"), press(accountant_client, "order")

    assert first.headers["Location"] == second.headers["Location"]
    assert count(database, Activation, OutboxMessage, Event) == [1, 1, 1]


def test_the_same_order_later_is_refused_and_points_to_the_first(
    accountant_client: FlaskClient, database: Database, clock: MovableClock
) -> None:
    press(accountant_client, "order")
    clock.advance(minutes=2)
    answer = press(accountant_client, "order")

    assert answer.status_code == 409
    assert "There is already a request for this client reference." in answer.text
    assert (
        f'href="/portal/dossiers/1?request={the_request(database)}#request-{the_request(database)}"'
        in answer.text
    )
    assert count(database, Activation, OutboxMessage, Event) == [1, 1, 1]


@pytest.mark.parametrize(
    "changes", [{"address": "other@client.example"}, {"language": "fr"}, {"bank": "fintro"}, AT_KBC]
)
def test_another_order_for_the_same_reference_is_refused(
    accountant_client: FlaskClient, database: Database, changes: dict[str, str]
) -> None:
    press(accountant_client, "order")

    assert press(accountant_client, "order", **changes).status_code == 409
    assert count(database, Activation) == [1]


def test_a_colleague_who_orders_the_same_is_told(
    accountant_client: FlaskClient, app: Flask, services: Services, database: Database
) -> None:
    add_colleague(database, "zz@dupont.example")
    colleague = sign_in(app.test_client(), services, "zz@dupont.example")
    press(accountant_client, "order")

    assert press(colleague, "order").status_code == 409


def test_a_held_reference_is_told_before_the_order(
    accountant_client: FlaskClient, services: Services
) -> None:
    existing = services.orders.place_order(order_for()).public_id
    answer = press(accountant_client, "review")

    assert answer.status_code == 409
    assert f"#request-{existing}" in answer.text
    assert 'name="client_reference" value="6123 456 789"' in answer.text


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "<script>alert(1)</script>",
        "=HYPERLINK(1)",
        "6123456789\u200b0",
        "6" * 10_000,
    ],
)
def test_what_is_no_reference_is_refused_and_inert(
    accountant_client: FlaskClient, database: Database, reference: str
) -> None:
    answer = press(accountant_client, "order", client_reference=reference)

    assert answer.status_code == 422
    assert 'href="#client_reference"' in answer.text
    assert "<script>alert" not in answer.text
    assert nothing_is_stored(database)


def test_a_card_number_typed_as_reference_is_not_shown_again(accountant_client: FlaskClient) -> None:
    answer = press(accountant_client, "review", client_reference=CARD_NUMBER)

    assert answer.status_code == 422
    assert CARD_NUMBER not in answer.text


def test_another_offices_dossier_does_not_exist(accountant_client: FlaskClient, database: Database) -> None:
    foreign = open_elsewhere(database)
    token = token_in(accountant_client.get(ACME).text)

    assert accountant_client.get(foreign).status_code == 404
    assert accountant_client.get(foreign.replace("order", "warning")).status_code == 404
    for step in ("review", "change", "order"):
        answer = accountant_client.post(foreign, data={**TYPED, "step": step, "csrf_token": token})
        assert answer.status_code == 404
    assert nothing_is_stored(database)


def test_a_reference_held_by_another_office_is_free_here(
    accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    open_elsewhere(database)
    services.orders.place_order(order_for(office=ELSEWHERE, dossier_code="AUTRE"))

    assert press(accountant_client, "order").status_code == 303
    assert count(database, Activation) == [2]


def test_an_order_without_token_changes_nothing(accountant_client: FlaskClient, database: Database) -> None:
    assert accountant_client.post(ACME, data={**TYPED, "step": "order"}).status_code == 400
    assert nothing_is_stored(database)

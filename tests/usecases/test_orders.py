"""Ordering: every rule of the form, each refused with its reason, and nothing changed."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.domain.history import EventType, MailKind
from app.domain.order_rules import ActionRefused, InvalidOrder, OrderProblem, OrderRequest
from app.domain.states import ActivationState
from app.models import Activation, Dossier, Event, Mandate, Office, OutboxMessage
from app.models.office import MandateState
from app.queries.activation_list import list_summaries
from app.web.extensions import Services
from tests.support.doubles import MovableClock
from tests.support.office import ADDRESS, OFFICE, ORDER, REFERENCE, order_for
from tests.support.ordering import ELSEWHERE, open_elsewhere

KBC_IBAN = "BE78 7350 0000 0186"
CBC_IBAN = "BE64 7320 0000 0152"


def count(database: Database, table: type) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_order_invites_the_cardholder(services: Services, database: Database) -> None:
    ordered = services.orders.place_order(ORDER)

    assert ordered.link is not None
    assert services.links.open_link(ordered.link.rpartition("/")[2]).client_reference == REFERENCE
    with database.read_connection() as connection:
        mail = connection.execute(select(OutboxMessage.kind)).scalar_one()
        what = connection.execute(select(Event.event_type)).scalar_one()
        state = connection.execute(select(Activation.state)).scalar_one()
    assert (mail, what, state) == (MailKind.INVITATION, EventType.ORDERED, ActivationState.INVITED)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"office": "Bureau inconnu"}, OrderProblem.NO_DOSSIER),
        ({"dossier_code": "NOPE"}, OrderProblem.NO_DOSSIER),
        ({"accountant": "stranger@elsewhere.example"}, OrderProblem.NO_DOSSIER),
        ({"dossier_code": "OLD"}, OrderProblem.NO_MANDATE),
        ({"bank": "crelan"}, OrderProblem.BANK_NOT_OFFERED),
        ({"bank": "atlantis"}, OrderProblem.BANK_NOT_OFFERED),
        ({"client_reference": "0123456789"}, OrderProblem.BAD_REFERENCE),
        ({"client_reference": "612345678"}, OrderProblem.REFERENCE_SHORT),
        ({"client_reference": "61234567890"}, OrderProblem.REFERENCE_LONG),
        ({"client_reference": "6123456O89"}, OrderProblem.REFERENCE_LETTER),
        ({"client_reference": "+6123456789"}, OrderProblem.BAD_REFERENCE),
        ({"client_reference": " "}, OrderProblem.REFERENCE_MISSING),
        ({"address": "\t"}, OrderProblem.ADDRESS_MISSING),
        ({"address": "not an address"}, OrderProblem.BAD_ADDRESS),
        ({"address": "a@b.example, c@d.example"}, OrderProblem.SEVERAL_ADDRESSES),
        ({"address": "a@b.example\nBcc: c@d.example"}, OrderProblem.SEVERAL_ADDRESSES),
        ({"address": "a@b.example <c@d.example>"}, OrderProblem.SEVERAL_ADDRESSES),
        ({"address": "andr\u00e9@b.example"}, OrderProblem.ADDRESS_ACCENT),
        ({"address": "a@b,example"}, OrderProblem.ADDRESS_COMMA),
        ({"address": "jean dupont@b.example"}, OrderProblem.ADDRESS_SPACE),
        ({"address": f"{'a' * 65}@b.example"}, OrderProblem.BAD_ADDRESS),
        ({"language": "es"}, OrderProblem.BAD_LANGUAGE),
        ({"iban": KBC_IBAN}, OrderProblem.IBAN_NOT_NEEDED),
        ({"bank": "kbc"}, OrderProblem.IBAN_MISSING),
        ({"bank": "kbc", "iban": "BE78 7350 0000 0187"}, OrderProblem.BAD_IBAN),
        ({"bank": "kbc", "iban": "BE78 7350 0000 018"}, OrderProblem.IBAN_LENGTH),
        ({"bank": "kbc", "iban": "BE78 735O 0000 0186"}, OrderProblem.IBAN_LETTER),
        ({"bank": "kbc", "iban": "735-0000001-86"}, OrderProblem.OLD_ACCOUNT_NUMBER),
        ({"bank": "kbc", "iban": "Compte 063-0000002-37"}, OrderProblem.OLD_ACCOUNT_NUMBER),
        ({"bank": "kbc", "iban": "BE68 5390 0754 7034"}, OrderProblem.IBAN_OF_OTHER_BANK),
    ],
)
def test_a_wrong_order_is_refused_with_its_reason(
    services: Services, database: Database, changes: dict[str, str], problem: OrderProblem
) -> None:
    with pytest.raises(ActionRefused) as refused:
        services.orders.place_order(order_for(**changes))

    assert refused.value.problem is problem
    assert count(database, Activation) == count(database, OutboxMessage) == count(database, Event) == 0


@pytest.mark.parametrize("typed", ["6123 456 789", "6123.456.789", "6123-456-789", " 6123456789 "])
def test_a_reference_may_be_typed_in_groups(services: Services, typed: str) -> None:
    ordered = services.orders.place_order(order_for(client_reference=typed))

    assert [line.client_reference for line in list_summaries(services.context)] == [REFERENCE]
    assert ordered.public_id


@pytest.mark.parametrize("iban", [KBC_IBAN, CBC_IBAN])
def test_kbc_gets_instructions_and_no_link(services: Services, database: Database, iban: str) -> None:
    ordered = services.orders.place_order(order_for(bank="kbc", iban=iban))

    assert ordered.link is None
    with database.read_connection() as connection:
        assert connection.execute(select(OutboxMessage.kind)).scalar_one() is MailKind.INSTRUCTIONS
    with pytest.raises(ActionRefused) as refused:
        services.invitations.copy_link(ordered.public_id, "test")
    assert refused.value.problem is OrderProblem.NO_LINK


def test_a_second_order_points_to_the_open_one(services: Services, database: Database) -> None:
    first = services.orders.place_order(ORDER)

    with pytest.raises(ActionRefused) as refused:
        services.orders.place_order(order_for(address="other@client.example"))

    assert refused.value.problem is OrderProblem.ALREADY_ORDERED
    assert refused.value.existing == first.public_id
    assert count(database, Activation) == count(database, OutboxMessage) == 1


def test_a_withdrawn_reference_can_be_ordered_again(services: Services) -> None:
    first = services.orders.place_order(ORDER)
    services.invitations.cancel_activation(first.public_id, "test")

    second = services.orders.place_order(ORDER)

    assert second.public_id != first.public_id


def test_the_life_of_a_link_starts_at_the_order(services: Services, clock: MovableClock) -> None:
    services.orders.place_order(ORDER)

    (line,) = list_summaries(services.context)
    assert (line.expires_at - clock()).days == 56


def test_the_address_stands_in_one_column_only(services: Services, database: Database) -> None:
    services.orders.place_order(ORDER)

    with database.read_connection() as connection:
        tables = [Activation.__table__, OutboxMessage.__table__, Event.__table__]
        rows = [str(row._mapping) for table in tables for row in connection.execute(select(table))]
    assert sum(row.count(ADDRESS) for row in rows) == 1


def test_an_id_can_be_typed_on_a_command_line(services: Services) -> None:
    ids = [
        services.orders.place_order(order_for(client_reference=f"60000000{n:02d}")).public_id
        for n in range(20)
    ]

    assert all(public_id.isalnum() for public_id in ids)
    assert len(set(ids)) == 20


def test_all_wrong_fields_are_told_at_once(services: Services, database: Database) -> None:
    wrong = order_for(bank="kbc", client_reference="1", address="x", language="es", iban="BE1")

    for use_case in (services.orders.review_order, services.orders.place_order):
        with pytest.raises(InvalidOrder) as refused:
            use_case(wrong)
        assert refused.value.faults == {
            "client_reference": OrderProblem.REFERENCE_SHORT,
            "iban": OrderProblem.IBAN_LENGTH,
            "address": OrderProblem.BAD_ADDRESS,
            "language": OrderProblem.BAD_LANGUAGE,
        }
        assert refused.value.problem is OrderProblem.REFERENCE_SHORT
    assert count(database, Activation) == 0


def test_a_last_look_returns_what_would_be_kept_and_keeps_nothing(
    services: Services, database: Database
) -> None:
    typed = order_for(
        bank="kbc", client_reference="6123.456.789", address=" a@müller.example ", iban=KBC_IBAN
    )

    looked = services.orders.review_order(typed)

    assert (looked.client_reference, looked.address) == (REFERENCE, "a@xn--mller-kva.example")
    assert looked.iban == KBC_IBAN.replace(" ", "")
    assert count(database, Activation) == count(database, OutboxMessage) == count(database, Event) == 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"dossier_code": "NOPE"}, OrderProblem.NO_DOSSIER),
        ({"dossier_code": "OLD"}, OrderProblem.NO_MANDATE),
        ({"bank": "crelan"}, OrderProblem.BANK_NOT_OFFERED),
    ],
)
def test_a_last_look_refuses_what_ordering_refuses(
    services: Services, changes: dict[str, str], problem: OrderProblem
) -> None:
    with pytest.raises(ActionRefused) as refused:
        services.orders.review_order(order_for(**changes))

    assert refused.value.problem is problem


def test_a_last_look_points_to_the_open_request(services: Services) -> None:
    existing = services.orders.place_order(ORDER).public_id

    with pytest.raises(ActionRefused) as refused:
        services.orders.review_order(ORDER)

    assert (refused.value.problem, refused.value.existing) == (OrderProblem.ALREADY_ORDERED, existing)


def dossier_id(database: Database, code: str) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(Dossier.id).where(Dossier.code == code)).scalar_one()


def in_acme(database: Database, **changes: str) -> OrderRequest:
    """Return the usual order for a dossier that is named by its id."""
    acme = dossier_id(database, "ACME")
    return replace(order_for(**changes), dossier_id=acme, office=None, dossier_code=None)


def office_id(database: Database) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(Office.id).where(Office.name == OFFICE)).scalar_one()


def test_a_dossier_can_be_named_by_its_id(services: Services, database: Database) -> None:
    own = services.for_office(office_id(database))

    placed = own.orders.place_order(in_acme(database))

    assert own.orders.find_dossier_id(placed.public_id) == dossier_id(database, "ACME")


def test_another_offices_dossier_does_not_exist(services: Services, database: Database) -> None:
    open_elsewhere(database)
    own, foreign = services.for_office(office_id(database)), dossier_id(database, "AUTRE")
    order = replace(order_for(), dossier_id=foreign, office=None, dossier_code=None)

    for attempt in (
        lambda: own.orders.read_order_options(foreign),
        lambda: own.orders.review_order(order),
        lambda: own.orders.place_order(order),
    ):
        with pytest.raises(ActionRefused) as refused:
            attempt()
        assert refused.value.problem is OrderProblem.NO_DOSSIER
    assert count(database, Activation) == 0


def test_another_offices_request_does_not_exist(services: Services, database: Database) -> None:
    open_elsewhere(database)
    foreign = services.orders.place_order(order_for(office=ELSEWHERE, dossier_code="AUTRE")).public_id

    with pytest.raises(ActionRefused) as refused:
        services.for_office(office_id(database)).orders.find_dossier_id(foreign)

    assert refused.value.problem is OrderProblem.UNKNOWN_ACTIVATION


def test_an_offer_names_each_carried_bank_with_an_active_mandate_once(
    services: Services, database: Database
) -> None:
    acme = dossier_id(database, "ACME")
    with database.transaction() as session:
        for bank, iban, state in (
            ("belfius", "BE10000000000404", MandateState.ACTIVE),
            ("crelan", "BE11000000000404", MandateState.ARCHIVED),
            ("atlantis", "BE12000000000404", MandateState.ACTIVE),
        ):
            session.add(Mandate(dossier_id=acme, bank=bank, iban=iban, state=state))

    offer = services.orders.read_order_options(acme)

    assert [bank.key for bank in offer.banks] == ["argenta", "belfius", "fintro", "kbc"]
    assert services.orders.read_order_options(dossier_id(database, "OLD")).banks == ()


@pytest.mark.parametrize(
    ("changes", "actor", "minutes", "repeated"),
    [
        ({}, "accountant 1", 0, True),
        ({"client_reference": "6123 456 789"}, "accountant 1", 0, True),
        ({}, "accountant 2", 0, False),
        ({}, "accountant 1", 2, False),
        ({"address": "other@client.example"}, "accountant 1", 0, False),
        ({"language": "nl"}, "accountant 1", 0, False),
        ({"bank": "fintro"}, "accountant 1", 0, False),
    ],
)
def test_a_second_click_is_told_from_a_second_wish(
    services: Services,
    database: Database,
    clock: MovableClock,
    changes: dict[str, str],
    actor: str,
    minutes: int,
    repeated: bool,
) -> None:
    placed = services.orders.place_order(replace(in_acme(database), actor="accountant 1"))
    clock.advance(minutes=minutes)

    again = replace(in_acme(database, **changes), actor=actor)

    assert services.orders.is_double_click(again, placed.public_id) is repeated

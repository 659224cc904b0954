"""Ordering: every rule of the form, each refused with its reason, and nothing changed."""

import pytest
from sqlalchemy import func, select

from app.activations import Activations, OrderProblem, Refused
from app.db import Database
from app.domain.activation import State
from app.domain.history import Happening, MailKind
from app.models import Activation, Event, OutboxMessage
from tests.support.office import ADDRESS, ORDER, REFERENCE, order_for
from tests.support.world import MovableClock

KBC_IBAN = "BE78 7350 0000 0186"
CBC_IBAN = "BE64 7320 0000 0152"


def count(database: Database, table: type) -> int:
    with database.connection() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_order_invites_the_cardholder(activations: Activations, database: Database) -> None:
    ordered = activations.order(ORDER)

    assert ordered.link is not None
    assert activations.open_link(ordered.link.rpartition("/")[2]).client_reference == REFERENCE
    with database.connection() as connection:
        mail = connection.execute(select(OutboxMessage.kind)).scalar_one()
        what = connection.execute(select(Event.happening)).scalar_one()
        state = connection.execute(select(Activation.state)).scalar_one()
    assert (mail, what, state) == (MailKind.INVITATION, Happening.ORDERED, State.INVITED)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"office": "Bureau inconnu"}, OrderProblem.NO_DOSSIER),
        ({"dossier_code": "NOPE"}, OrderProblem.NO_DOSSIER),
        ({"accountant": "stranger@elsewhere.example"}, OrderProblem.NO_DOSSIER),
        ({"dossier_code": "OLD"}, OrderProblem.NO_MANDATE),
        ({"bank": "crelan"}, OrderProblem.BANK_NOT_OFFERED),
        ({"bank": "ing"}, OrderProblem.BANK_NOT_OFFERED),
        ({"client_reference": "0123456789"}, OrderProblem.BAD_REFERENCE),
        ({"client_reference": "612345678"}, OrderProblem.BAD_REFERENCE),
        ({"client_reference": "61234567890"}, OrderProblem.BAD_REFERENCE),
        ({"client_reference": "٦123456789"}, OrderProblem.BAD_REFERENCE),
        ({"address": "not an address"}, OrderProblem.BAD_ADDRESS),
        ({"address": "a@b.example, c@d.example"}, OrderProblem.BAD_ADDRESS),
        ({"address": "a@b.example\nBcc: c@d.example"}, OrderProblem.BAD_ADDRESS),
        ({"language": "es"}, OrderProblem.BAD_LANGUAGE),
        ({"iban": KBC_IBAN}, OrderProblem.IBAN_NOT_NEEDED),
        ({"bank": "kbc"}, OrderProblem.IBAN_MISSING),
        ({"bank": "kbc", "iban": "BE78 7350 0000 0187"}, OrderProblem.BAD_IBAN),
        ({"bank": "kbc", "iban": "BE68 5390 0754 7034"}, OrderProblem.IBAN_OF_OTHER_BANK),
    ],
)
def test_a_wrong_order_is_refused_with_its_reason(
    activations: Activations, database: Database, changes: dict[str, str], problem: OrderProblem
) -> None:
    with pytest.raises(Refused) as refused:
        activations.order(order_for(**changes))

    assert refused.value.problem is problem
    assert count(database, Activation) == count(database, OutboxMessage) == count(database, Event) == 0


@pytest.mark.parametrize("typed", ["6123 456 789", "6123.456.789", "6123-456-789", " 6123456789 "])
def test_a_reference_may_be_typed_in_groups(activations: Activations, typed: str) -> None:
    ordered = activations.order(order_for(client_reference=typed))

    assert [line.client_reference for line in activations.listing()] == [REFERENCE]
    assert ordered.public_id


@pytest.mark.parametrize("iban", [KBC_IBAN, CBC_IBAN])
def test_kbc_gets_instructions_and_no_link(activations: Activations, database: Database, iban: str) -> None:
    ordered = activations.order(order_for(bank="kbc", iban=iban))

    assert ordered.link is None
    with database.connection() as connection:
        assert connection.execute(select(OutboxMessage.kind)).scalar_one() is MailKind.INSTRUCTIONS
    with pytest.raises(Refused) as refused:
        activations.link(ordered.public_id, "test")
    assert refused.value.problem is OrderProblem.NO_LINK


def test_a_second_order_points_to_the_open_one(activations: Activations, database: Database) -> None:
    first = activations.order(ORDER)

    with pytest.raises(Refused) as refused:
        activations.order(order_for(address="other@client.example"))

    assert refused.value.problem is OrderProblem.ALREADY_ORDERED
    assert refused.value.existing == first.public_id
    assert count(database, Activation) == count(database, OutboxMessage) == 1


def test_a_withdrawn_reference_can_be_ordered_again(activations: Activations) -> None:
    first = activations.order(ORDER)
    activations.cancel(first.public_id, "test")

    second = activations.order(ORDER)

    assert second.public_id != first.public_id


def test_the_life_of_a_link_starts_at_the_order(activations: Activations, clock: MovableClock) -> None:
    activations.order(ORDER)

    (line,) = activations.listing()
    assert (line.expires_at - clock()).days == 56


def test_the_address_stands_in_one_column_only(activations: Activations, database: Database) -> None:
    activations.order(ORDER)

    with database.connection() as connection:
        tables = [Activation.__table__, OutboxMessage.__table__, Event.__table__]
        rows = [str(row._mapping) for table in tables for row in connection.execute(select(table))]
    assert sum(row.count(ADDRESS) for row in rows) == 1


def test_an_id_can_be_typed_on_a_command_line(activations: Activations) -> None:
    ids = [activations.order(order_for(client_reference=f"60000000{n:02d}")).public_id for n in range(20)]

    assert all(public_id.isalnum() for public_id in ids)
    assert len(set(ids)) == 20

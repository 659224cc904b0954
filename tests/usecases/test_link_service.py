"""The link: what closes it, what replaces it, and that looking at it changes nothing."""

import pytest
from sqlalchemy import MetaData, select

from app.db import Database
from app.domain.order_rules import ActionRefused, OrderProblem
from app.domain.states import STEPS, ActivationState, LinkCondition, WizardStep
from app.models import Activation, Base
from app.queries.activation_list import list_summaries
from app.services.links import LinkUnavailable
from app.tokens import LinkClaims
from app.web.extensions import Services
from tests.support.activation_factory import let_mails_leave
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import MovableClock
from tests.support.office import ADDRESS, order_for


def condition_of(services: Services, token: str) -> LinkCondition:
    with pytest.raises(LinkUnavailable) as unavailable:
        services.links.open_link(token)
    return unavailable.value.condition


def snapshot(database: Database) -> dict[str, list[object]]:
    metadata: MetaData = Base.metadata
    with database.read_connection() as connection:
        return {t.name: [tuple(r) for r in connection.execute(select(t))] for t in metadata.sorted_tables}


def address_of(database: Database, public_id: str) -> str | None:
    with database.read_connection() as connection:
        query = select(Activation.address).where(Activation.public_id == public_id)
        return connection.execute(query).scalar_one()


def test_opening_a_link_fifty_times_changes_no_row(
    services: Services, cardholder_steps: CardholderSteps, database: Database
) -> None:
    before = snapshot(database)

    for _ in range(50):
        services.links.open_link(cardholder_steps.token)
        services.links.open_page(cardholder_steps.public_id, cardholder_steps.cookie)

    assert snapshot(database) == before


def test_a_fresh_link_opens_the_welcome_page(cardholder_steps: CardholderSteps) -> None:
    assert STEPS[cardholder_steps.activation.state] is WizardStep.WELCOME


def test_an_altered_link_tells_nothing(services: Services, cardholder_steps: CardholderSteps) -> None:
    for token in (
        "",
        "x",
        cardholder_steps.token[:-6],
        cardholder_steps.token.upper(),
        "x" + cardholder_steps.token,
    ):
        assert condition_of(services, token) is LinkCondition.ALTERED


def test_a_signed_link_of_nobody_is_unknown(
    services: Services,
) -> None:
    token = services.context.tokens.activation_url(LinkClaims("nobody", 1)).rpartition("/")[2]

    assert condition_of(services, token) is LinkCondition.UNKNOWN


def test_a_crafted_link_of_a_kbc_request_is_unknown(services: Services) -> None:
    ordered = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186"))
    token = services.context.tokens.activation_url(LinkClaims(ordered.public_id, 1)).rpartition("/")[2]

    assert condition_of(services, token) is LinkCondition.UNKNOWN


def test_a_link_expires_by_the_clock_alone(
    services: Services, cardholder_steps: CardholderSteps, clock: MovableClock
) -> None:
    clock.advance(days=55, hours=23)
    assert services.links.open_link(cardholder_steps.token)

    clock.advance(hours=1)
    assert condition_of(services, cardholder_steps.token) is LinkCondition.EXPIRED


def test_a_resend_keeps_the_link_and_renews_its_life(
    services: Services, cardholder_steps: CardholderSteps, clock: MovableClock
) -> None:
    clock.advance(days=50)
    let_mails_leave(services)
    services.invitations.resend_invitation(cardholder_steps.public_id, "test")
    clock.advance(days=50)

    assert services.links.open_link(cardholder_steps.token)
    assert services.invitations.copy_link(cardholder_steps.public_id, "test").endswith(cardholder_steps.token)


def test_a_replaced_link_kills_the_old_one_and_its_cookie(
    services: Services, cardholder_steps: CardholderSteps, database: Database
) -> None:
    cardholder_steps.accept()
    services.invitations.replace_link(cardholder_steps.public_id, "test", "new@client.example")

    assert condition_of(services, cardholder_steps.token) is LinkCondition.REPLACED
    with pytest.raises(LinkUnavailable) as unavailable:
        assert cardholder_steps.activation
    assert unavailable.value.condition is LinkCondition.REPLACED
    newcomer = CardholderSteps(services, services.invitations.copy_link(cardholder_steps.public_id, "test"))
    assert newcomer.state() is ActivationState.INVITED
    assert address_of(database, cardholder_steps.public_id) == "new@client.example"


def test_a_withdrawn_link_is_closed_and_the_address_erased(
    services: Services, cardholder_steps: CardholderSteps, database: Database
) -> None:
    services.invitations.cancel_activation(cardholder_steps.public_id, "test")

    assert condition_of(services, cardholder_steps.token) is LinkCondition.WITHDRAWN
    assert address_of(database, cardholder_steps.public_id) is None


def test_a_withdrawn_link_stays_withdrawn_after_its_life(
    services: Services, cardholder_steps: CardholderSteps, clock: MovableClock
) -> None:
    services.invitations.cancel_activation(cardholder_steps.public_id, "test")
    clock.advance(days=100)

    assert condition_of(services, cardholder_steps.token) is LinkCondition.WITHDRAWN


def test_the_worker_marks_what_has_expired_and_erases(
    services: Services, cardholder_steps: CardholderSteps, clock: MovableClock, database: Database
) -> None:
    assert services.invitations.expire_due_activations() == 0
    clock.advance(days=56)

    assert services.invitations.expire_due_activations() == 1
    assert services.invitations.expire_due_activations() == 0
    assert address_of(database, cardholder_steps.public_id) is None
    [expired] = list_summaries(services.context)
    assert (expired.state, expired.changed_at) == (ActivationState.EXPIRED, clock())


def test_a_relaunch_asks_the_address_again_and_changes_the_link(
    services: Services, cardholder_steps: CardholderSteps, clock: MovableClock, database: Database
) -> None:
    clock.advance(days=56)
    services.invitations.expire_due_activations()

    services.invitations.relaunch_activation(cardholder_steps.public_id, "test", ADDRESS)

    assert condition_of(services, cardholder_steps.token) is LinkCondition.REPLACED
    assert address_of(database, cardholder_steps.public_id) == ADDRESS
    assert list_summaries(services.context)[0].state is ActivationState.INVITED


@pytest.mark.parametrize("action", ["resend_invitation", "replace_link", "cancel_activation"])
def test_what_is_withdrawn_cannot_be_changed(
    services: Services, cardholder_steps: CardholderSteps, action: str
) -> None:
    services.invitations.cancel_activation(cardholder_steps.public_id, "test")

    with pytest.raises(ActionRefused) as refused:
        getattr(services.invitations, action)(cardholder_steps.public_id, "test")
    assert refused.value.problem is OrderProblem.NOT_IN_THIS_STATE


@pytest.mark.parametrize(
    "action",
    ["resend_invitation", "replace_link", "cancel_activation", "revoke_activation", "copy_link"],
)
def test_an_unknown_request_is_said_to_be_unknown(services: Services, action: str) -> None:
    with pytest.raises(ActionRefused) as refused:
        getattr(services.invitations, action)("nobody", "test")
    assert refused.value.problem is OrderProblem.UNKNOWN_ACTIVATION


def test_a_page_without_the_link_is_not_opened(services: Services, cardholder_steps: CardholderSteps) -> None:
    other = services.orders.place_order(order_for(client_reference="7000000000"))
    for public_id, cookie in (
        (cardholder_steps.public_id, None),
        (cardholder_steps.public_id, "forged"),
        (cardholder_steps.public_id, cardholder_steps.token),
        (other.public_id, cardholder_steps.cookie),
    ):
        with pytest.raises(LinkUnavailable) as unavailable:
            services.links.open_page(public_id, cookie)
        assert unavailable.value.condition is LinkCondition.MISSING
        assert unavailable.value.activation is None

"""An accountant corrects an address, or relaunches with one."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.db import Database
from app.domain.states import ActivationState
from app.models import Mandate
from app.models.office import MandateState
from app.services.invitations import ActivationAction
from tests.portal.test_actions import NEW_ADDRESS, post, shown, stored_address
from tests.support.activation_factory import ActivationFactory
from tests.support.office import ADDRESS
from tests.support.portal import digits


def test_an_address_that_met_a_change_is_not_lost(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")

    answer = post(accountant_client, public_id, ActivationAction.ADDRESS, seen="of another time")

    assert answer.status_code == 409
    assert f'value="{NEW_ADDRESS}"' in answer.text


@pytest.mark.parametrize("action", [ActivationAction.ADDRESS, ActivationAction.RELAUNCH])
@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"]
)
def test_a_wrong_address_is_told_at_its_field(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    action: ActivationAction,
    address: str,
) -> None:
    public_id = activation_factory.create("invited" if action is ActivationAction.ADDRESS else "cancelled")
    before = stored_address(database)

    answer = post(
        accountant_client, public_id, action, activation_factory.read_detail(public_id).version_mark, address
    )

    assert answer.status_code == 422
    assert shown(answer, ".summary a") in shown(answer, "#address-problem")
    assert stored_address(database) == before


def test_a_card_number_typed_as_address_is_not_shown_again(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")

    answer = post(
        accountant_client,
        public_id,
        ActivationAction.ADDRESS,
        activation_factory.read_detail(public_id).version_mark,
        "4000 0243 2959 6391",
    )

    assert answer.status_code == 422
    assert "29596391" not in digits(answer.text)


def test_the_corrected_address_gets_the_new_invitation(
    accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    old = activation_factory.services.invitations.copy_link(public_id, "test")

    post(
        accountant_client,
        public_id,
        ActivationAction.ADDRESS,
        activation_factory.read_detail(public_id).version_mark,
    )

    assert stored_address(database) == NEW_ADDRESS
    assert activation_factory.services.invitations.copy_link(public_id, "test") != old


def test_a_reference_that_was_ordered_anew_is_not_relaunched(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("cancelled")
    holder = activation_factory.create("invited")

    answer = post(
        accountant_client,
        public_id,
        ActivationAction.RELAUNCH,
        activation_factory.read_detail(public_id).version_mark,
        ADDRESS,
    )

    assert answer.status_code == 409
    assert activation_factory.read_detail(public_id).state is ActivationState.CANCELLED
    assert f'href="/portal/dossiers/1?request={holder}#request-{holder}"' in answer.text
    assert "Ouvrir la demande existante" in shown(answer, ".note a")


def test_a_dossier_without_its_mandate_relaunches_nothing(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, database: Database
) -> None:
    public_id = activation_factory.create("cancelled")
    with database.transaction() as session:
        session.execute(update(Mandate).values(state=MandateState.ARCHIVED))

    answer = post(
        accountant_client,
        public_id,
        ActivationAction.RELAUNCH,
        activation_factory.read_detail(public_id).version_mark,
        ADDRESS,
    )

    assert answer.status_code == 409
    said = shown(answer, "[role=alert]")
    assert "plus de mandat CODA actif" in said
    assert "Belfius" in said
    assert "relancez la demande" in said

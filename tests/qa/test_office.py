"""A tester's own office: what it has, what resetting it removes, and that work is done for it alone."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.domain.banks import BANKS
from app.domain.news_rules import NewsChoice
from app.domain.roles import Role
from app.models import (
    Activation,
    Attempt,
    BulkActionRow,
    BulkOrderRow,
    Consent,
    DossierUpload,
    Event,
    Office,
    OutboxMessage,
    QaOffice,
)
from app.services.bulk_actions import BulkCommand
from app.services.invitations import ActivationAction
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.support.databases import engines_under_test
from tests.support.doubles import MovableClock
from tests.support.office import ACCOUNTANT, ANNE, ORDER
from tests.support.office_files import ROW, csv_file
from tests.support.sandbox_client import SandboxClient


@pytest.fixture(params=engines_under_test())
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def count(database: Database, row: type) -> int:
    with database.read_connection() as connection:
        return connection.execute(select(func.count()).select_from(row)).scalar_one()


def sign_in_somebody(tester: SandboxClient, services: Services, who: str) -> SignedInAccountant:
    link = tester.call("POST", "/office/sign-in", who=who)["link"]
    opened = services.sign_in.claim_sign_in_link(link.rpartition("/")[2])
    assert opened
    signed_in = services.sign_in.find_session(opened.secret)
    assert signed_in
    return signed_in


def test_an_office_has_people_and_dossiers(tester: SandboxClient) -> None:
    office = tester.office
    assert [(one["code"], len(one["banks"])) for one in office["dossiers"]] == [
        ("ÉTOILE", len(BANKS)),
        ("FERMÉ", 0),
    ]
    assert office["accountant"].partition("@")[2] == office["colleague"].partition("@")[2]
    assert tester.call("GET", "/office") == office


@pytest.mark.parametrize("bank", ["argenta", "belfius", "kbc", "cbc"])
def test_any_bank_can_be_ordered_at(tester: SandboxClient, bank: str) -> None:
    ordered = tester.order(bank=bank)
    assert (ordered["bank"], ordered["link"] is None) == (bank, bank in ("kbc", "cbc"))


def test_the_key_is_kept_as_a_hash_alone(tester: SandboxClient, database: Database) -> None:
    with database.read_connection() as connection:
        [kept] = connection.execute(select(QaOffice.key_sha256)).scalars()
    assert tester.key not in kept


def test_a_reset_removes_requests_and_mails_of_this_office_alone(
    tester: SandboxClient, app: Flask, database: Database
) -> None:
    other = SandboxClient(app)
    kept = other.order(scenario="prepaid", reach="page")
    for scenario in ("success", "prepaid", "link_expired", "kbc_refused"):
        tester.order(scenario=scenario, reach="page")
    tester.call("POST", "/office/reset")
    assert tester.call("GET", "/activations") == {"activations": []}
    assert tester.mails() == []
    assert other.see(kept["public_id"]) == kept
    assert len(other.mails()) == 1
    assert [count(database, row) for row in (Activation, Attempt, Consent)] == [1, 1, 1]


def test_a_reference_is_free_again_after_a_reset(tester: SandboxClient) -> None:
    tester.order(reference="6000000001", scenario="temporarily_blocked", reach="page")
    tester.call("POST", "/activations", 409, reference="6000000001")
    tester.call("POST", "/office/reset")
    assert tester.order(reference="6000000001")["attempts"] == []


def test_a_reset_takes_what_was_done_for_many_with_it(
    tester: SandboxClient, services: Services, database: Database
) -> None:
    public_id = tester.order()["public_id"]
    who = sign_in_somebody(tester, services, "accountant")
    order = BulkCommand("a" * 24, ActivationAction.RESEND, {public_id: "invited.1.1"})
    services.bulk_actions.prepare_action(order, who, confirmed=True)
    own = services.for_office(who.office_id)
    row = ("ÉTOILE", "belfius", "6000000002", "x@client.example")
    kept = own.bulk_orders.keep_file(
        csv_file(row, headings=("Code", "Bank", "Reference", "Email")), who, "fr"
    )
    own.dossier_uploads.keep_file(csv_file(ROW), who)

    tester.call("POST", "/office/reset")

    assert own.bulk_orders.read_order(kept) is None
    assert {count(database, row) for row in (BulkActionRow, BulkOrderRow, DossierUpload)} == {0}


def test_its_order_for_many_is_finished_and_no_other_one_forgotten(
    tester: SandboxClient, services: Services, database: Database, clock: MovableClock
) -> None:
    row = ("ACME", "belfius", "6000000002", "x@client.example")
    raw = csv_file(row, headings=("Code", "Bank", "Reference", "Email"))
    kept = services.for_office(1).bulk_orders.keep_file(raw, ANNE, "fr")
    clock.advance(days=2)

    tester.call("POST", "/work")

    order = services.for_office(1).bulk_orders.read_order(kept)
    assert order
    assert order.ready


def test_nothing_of_a_real_office_can_be_touched(
    tester: SandboxClient, services: Services, database: Database
) -> None:
    real = services.orders.place_order(ORDER).public_id
    before = [count(database, row) for row in (Activation, Event, OutboxMessage)]
    tester.call("GET", f"/activations/{real}", 404)
    for action in ("work", "resend", "replace", "cancel", "revoke"):
        tester.do(real, action, 404)
    tester.do(real, "age", 404, days=1)
    tester.do(real, "fault", 404, fault="down")
    tester.do(real, "replay", 404, what="twice")
    tester.do(real, "relaunch", 404, address="x@client.example")
    tester.call("POST", "/office/reset")
    assert [count(database, row) for row in (Activation, Event, OutboxMessage)] == before


def test_work_is_done_for_this_office_alone(
    tester: SandboxClient, services: Services, database: Database
) -> None:
    services.orders.place_order(ORDER)
    tester.order()
    tester.call("POST", "/work")
    waiting = select(Office.name).join(Activation).join(OutboxMessage).where(OutboxMessage.sent_at.is_(None))
    with database.read_connection() as connection:
        assert connection.execute(waiting).scalars().all() == [ORDER.office]


@pytest.mark.parametrize("who", ["accountant", "colleague"])
def test_a_link_signs_somebody_of_the_office_in_without_a_mail(
    tester: SandboxClient, services: Services, who: str
) -> None:
    assert sign_in_somebody(tester, services, who).email == tester.office[who]
    assert tester.mails() == []


def test_a_stranger_is_given_no_link(tester: SandboxClient) -> None:
    refused = tester.call("POST", "/office/sign-in", 400, who="stranger")
    assert refused["error"]["fields"][0]["code"] == "not_one_of"


def test_mails_to_sign_in_are_the_offices_too(
    tester: SandboxClient, services: Services, database: Database
) -> None:
    for accountant in (ACCOUNTANT, tester.office["accountant"]):
        services.sign_in.request_sign_in_link(accountant)
    tester.call("POST", "/work")
    with database.read_connection() as connection:
        waiting = select(OutboxMessage.kind).where(OutboxMessage.sent_at.is_(None))
        assert connection.execute(waiting).scalars().all() == ["sign_in"], "another office's"
    [mail] = tester.mails(to=tester.office["accountant"])
    assert mail["kind"] == "sign_in"
    assert "/portal/sign-in/" in mail["links"][0]


def test_mails_to_those_who_are_invited_are_the_offices_too(
    tester: SandboxClient, services: Services, database: Database
) -> None:
    who = sign_in_somebody(tester, services, "accountant")
    for address, inviter in (("ours@office.example", who), ("theirs@office.example", ANNE)):
        office = services.for_office(inviter.office_id)
        office.colleagues.invite_colleague(address, "", Role.READER, inviter)
    tester.call("POST", "/work")
    with database.read_connection() as connection:
        waiting = select(OutboxMessage.kind).where(OutboxMessage.sent_at.is_(None))
        assert connection.execute(waiting).scalars().all() == ["colleague_invited"], "another office's"
    [mail] = tester.mails(to="ours@office.example")
    assert mail["kind"] == "colleague_invited"


def test_the_mail_of_the_day_is_made_when_it_is_wanted(
    tester: SandboxClient, services: Services, clock: MovableClock
) -> None:
    services.news.choose(sign_in_somebody(tester, services, "accountant").accountant_id, NewsChoice.DAILY)
    clock.advance(seconds=1)
    tester.order(scenario="prepaid", reach="page")
    clock.advance(seconds=1)
    tester.call("POST", "/office/digest")

    assert [mail["kind"] for mail in tester.mails(to=tester.office["accountant"])] == ["digest"]

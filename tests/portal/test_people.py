"""Colleagues: asked in, given a role, shut out; one answer for every address, and never nobody in charge."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import MailKind
from app.domain.roles import Role
from app.models import Accountant, OfficeEvent, OutboxMessage
from app.services.colleagues import ColleagueService, LastResponsible
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.support.doubles import MovableClock, RecordingTransport
from tests.support.office import ANNE
from tests.support.ordering import add_colleague, open_elsewhere
from tests.support.portal import sign_in, token_in

LEA = "lea@dupont.example"
NAME = "Léa Renard"


def press(client: FlaskClient, path: str = "", **fields: str) -> TestResponse:
    """Send a form of the page of colleagues."""
    token = token_in(client.get("/portal/people?lang=en").text)
    return client.post(f"/portal/people{path}", data={"csrf_token": token, **fields})


def invite(client: FlaskClient, email: str = LEA, role: str = Role.READER) -> TestResponse:
    return press(client, email=email, name=NAME, role=role)


def words(answer: TestResponse) -> str:
    main = BeautifulSoup(answer.text, "html.parser").select_one("main")
    assert main is not None
    return main.get_text(" ", strip=True)


def shown(client: FlaskClient) -> str:
    return words(client.get("/portal/people?lang=en"))


def deliver(client: FlaskClient, services: Services) -> None:
    with client.application.app_context():
        services.outbox.deliver_due()


def mailed_link(client: FlaskClient, services: Services, sent_mails: RecordingTransport) -> str:
    """Let the mails leave, and return the path of the link in the last one."""
    deliver(client, services)
    found = re.search(r"/portal/sign-in/\S+", sent_mails.last.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert found
    return found[0]


def accept(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_in(client.get(path).text)})


def people(database: Database) -> dict[str, tuple[str, bool]]:
    """Return role and access of everybody, by address."""
    with database.read_connection() as connection:
        rows = connection.execute(select(Accountant.email, Accountant.role, Accountant.disabled_at))
        return {row.email: (row.role, row.disabled_at is None) for row in rows}


def test_whoever_is_asked_in_accepts_by_the_mailed_link_and_is_signed_in(
    accountant_client: FlaskClient, services: Services, database: Database, sent_mails: RecordingTransport
) -> None:
    assert invite(accountant_client).status_code == 303
    assert LEA in shown(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    lea = accountant_client.application.test_client()

    page = lea.get(f"{path}?lang=en")
    assert "Bureau Dupont invites you to its CARO portal." in words(page)
    assert "Read only" in page.text
    assert LEA not in people(database)
    assert accept(lea, path).location == "/portal/caro"
    assert people(database)[LEA] == (Role.READER, True)
    assert lea.get("/portal/caro").status_code == 200
    assert lea.get("/portal/people").status_code == 403
    assert "Has access" in shown(accountant_client)


def test_a_link_of_an_invitation_works_once_and_for_seven_days(
    accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport, clock: MovableClock
) -> None:
    invite(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    other = accountant_client.application.test_client()
    token = token_in(other.get("/portal/sign-in").text)

    clock.advance(days=7)
    assert other.post(path, data={"csrf_token": token}).status_code == 410
    clock.advance(days=-1)
    assert accept(other, path).status_code == 303
    assert other.post(path, data={"csrf_token": token}).status_code == 303
    stranger = accountant_client.application.test_client()
    token = token_in(stranger.get("/portal/sign-in").text)
    assert stranger.post(path, data={"csrf_token": token}).status_code == 410


def test_opening_an_invitation_changes_nothing(
    accountant_client: FlaskClient, services: Services, database: Database, sent_mails: RecordingTransport
) -> None:
    invite(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    for _ in range(5):
        assert accountant_client.get(path).status_code == 200

    assert LEA not in people(database)


def test_all_faults_of_an_invitation_are_told_at_once(accountant_client: FlaskClient) -> None:
    answer = press(accountant_client, email="lea", name="", role="")

    faults = BeautifulSoup(answer.text, "html.parser").select(".summary a")
    assert answer.status_code == 422
    assert [fault.text for fault in faults] == [
        "Enter the full email address of your colleague, for example name@office.example.",
        "Enter the name of your colleague.",
        "Choose what your colleague may do.",
    ]


def test_an_accepted_invitation_leads_its_own_colleague_to_the_portal_and_nobody_else(
    accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    invite(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    lea = accountant_client.application.test_client()
    accept(lea, path)

    assert lea.get(path).location == "/portal/caro"
    assert accountant_client.get(path).status_code == 410


def test_a_second_invitation_replaces_the_first_and_a_withdrawn_one_is_dead(
    accountant_client: FlaskClient, services: Services, sent_mails: RecordingTransport
) -> None:
    invite(accountant_client)
    first = mailed_link(accountant_client, services, sent_mails)
    invite(accountant_client, role=Role.COLLABORATOR)
    second = mailed_link(accountant_client, services, sent_mails)
    assert accountant_client.get(first).status_code == 410
    assert accountant_client.get(second).status_code == 200

    form = re.search(
        r"/portal/people(/invitations/\w+/withdraw)", accountant_client.get("/portal/people").text
    )
    assert form
    assert press(accountant_client, form[1]).status_code == 303
    assert accountant_client.get(second).status_code == 410
    assert LEA not in shown(accountant_client)


@pytest.mark.parametrize("fate", ["accepted", "cancelled", "expired", "replaced"])
def test_a_dead_invitation_says_so_and_offers_no_link_that_would_never_come(
    accountant_client: FlaskClient,
    services: Services,
    sent_mails: RecordingTransport,
    clock: MovableClock,
    fate: str,
) -> None:
    invite(accountant_client)
    path = mailed_link(accountant_client, services, sent_mails)
    lea, stranger = (accountant_client.application.test_client() for _ in range(2))
    if fate == "accepted":
        accept(lea, path)
    elif fate == "cancelled":
        page = accountant_client.get("/portal/people").text
        press(accountant_client, re.findall(r"/portal/people(/invitations/\w+/withdraw)", page)[0])
    elif fate == "expired":
        clock.advance(days=8)
    else:
        invite(accountant_client)

    token = token_in(stranger.get("/portal/sign-in?lang=en").text)
    for answer in (stranger.get(path), stranger.post(path, data={"csrf_token": token})):
        assert answer.status_code == 410
        assert "This invitation can no longer be used" in words(answer)
        assert "Open the newest invitation in your emails, or ask whoever invited you." in words(answer)
        assert "Ask for a new link" not in words(answer)


def test_the_answer_is_the_same_for_an_address_of_another_office_which_gets_no_mail(
    accountant_client: FlaskClient, services: Services, database: Database, sent_mails: RecordingTransport
) -> None:
    open_elsewhere(database)
    unknown = invite(accountant_client)
    told = shown(accountant_client).replace(LEA, "somebody")
    press(
        accountant_client,
        re.findall(
            r"/portal/people(/invitations/\w+/withdraw)", accountant_client.get("/portal/people").text
        )[0],
    )
    shown(accountant_client)
    taken = invite(accountant_client, "zoe@ailleurs.example")

    assert (taken.status_code, taken.location) == (unknown.status_code, unknown.location)
    assert shown(accountant_client).replace("zoe@ailleurs.example", "somebody") == told
    deliver(accountant_client, services)
    assert sent_mails.mails == []
    zoe = [one for one in services.colleagues.list_invitations() if one.is_taken]
    assert [one.email for one in zoe] == ["zoe@ailleurs.example"]
    with database.read_connection() as connection:
        kinds = connection.execute(select(OutboxMessage.kind, OutboxMessage.dropped)).all()
    assert (MailKind.COLLEAGUE_INVITED, True) in [tuple(row) for row in kinds]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "lea"}, "Enter the full email address of your colleague"),
        ({"email": ""}, "Enter the full email address of your colleague"),
        ({"email": "lea@@dupont.example"}, "There is more than one @ sign."),
        ({"name": " "}, "Enter the name of your colleague."),
        ({"role": ""}, "Choose what your colleague may do."),
        ({"role": "boss"}, "Choose what your colleague may do."),
        ({"email": "anne@dupont.example"}, "This colleague is already in the list of your office."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    accountant_client: FlaskClient, typed: dict[str, str], sentence: str
) -> None:
    answer = press(accountant_client, **{"email": LEA, "name": NAME, "role": "reader", **typed})

    assert answer.status_code in (409, 422)
    assert sentence in words(answer)
    assert all(value in answer.text for value in typed.values() if value.strip() and value != "boss")


def test_whose_access_is_closed_is_not_asked_in_but_let_in_again(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_colleague(database, LEA)
    press(accountant_client, "/2/disable")

    answer = invite(accountant_client)
    assert answer.status_code == 409
    assert "The access of this colleague is closed. You can open it again in the list." in words(answer)


def test_an_office_does_not_mail_strangers_all_day(accountant_client: FlaskClient) -> None:
    for number in range(20):
        assert invite(accountant_client, f"a{number}@dupont.example").status_code == 303

    answer = invite(accountant_client)
    assert answer.status_code == 409
    assert "Your office has invited many colleagues today." in words(answer)


@pytest.mark.parametrize("path", ["/1/role", "/1/disable"])
def test_nobody_changes_their_own_role_or_closes_their_own_access(
    accountant_client: FlaskClient, database: Database, path: str
) -> None:
    add_colleague(database, LEA)
    before = people(database)

    answer = press(accountant_client, path, role="reader")
    assert answer.status_code == 409
    assert "another manager of your office can change your role or close your access" in words(answer)
    assert people(database) == before
    assert accountant_client.get("/portal/people").status_code == 200


def test_ones_own_row_offers_neither_a_role_nor_to_close_the_access(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_colleague(database, LEA)
    page = BeautifulSoup(accountant_client.get("/portal/people?lang=en").text, "html.parser")
    own, other = page.select("tbody tr")

    assert not own.select("form, select, button")
    assert "Manager" in own.text
    assert "This is you" in own.text
    assert [button.text for button in other.select("button")] == ["Change", "Close the access"]


@pytest.mark.parametrize(
    "change",
    [
        lambda colleagues, lea: colleagues.change_role(1, Role.READER, lea),
        lambda colleagues, lea: colleagues.disable_colleague(1, lea),
    ],
    ids=["demotes", "shuts out"],
)
def test_of_two_managers_who_demote_each_other_one_remains(
    services: Services, database: Database, change: Callable[[ColleagueService, SignedInAccountant], None]
) -> None:
    add_colleague(database, LEA)
    lea = replace(ANNE, accountant_id=2, email=LEA)
    services.colleagues.change_role(2, Role.READER, ANNE)

    with pytest.raises(LastResponsible):
        change(services.colleagues, lea)
    assert people(database)["anne@dupont.example"] == (Role.RESPONSIBLE, True)


def test_another_manager_can_change_ones_role(accountant_client: FlaskClient, services: Services) -> None:
    add_colleague(services.database, LEA)
    lea = sign_in(accountant_client.application.test_client(), services, LEA)

    assert press(lea, "/1/role", role="collaborator").status_code == 303
    assert people(services.database)["anne@dupont.example"] == (Role.COLLABORATOR, True)


def test_whoever_is_shut_out_is_out_at_once_with_every_link(
    accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    add_colleague(database, LEA)
    lea = sign_in(accountant_client.application.test_client(), services, LEA)
    link = services.sign_in.create_sign_in_link(LEA)
    assert link

    assert press(accountant_client, "/2/disable").status_code == 303
    assert lea.get("/portal/caro").status_code == 303
    assert press(accountant_client, "/2/enable").status_code == 303
    assert lea.get("/portal/caro").status_code == 303
    assert lea.get(link.removeprefix(services.settings.public_url)).status_code == 410


def test_each_change_is_a_line_that_says_who_and_whom(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_colleague(database, LEA)
    invite(accountant_client, "max@dupont.example")
    press(accountant_client, "/2/role", role="reader")
    press(accountant_client, "/2/disable")
    press(accountant_client, "/2/enable")
    page = words(accountant_client.get("/portal/history?lang=en"))

    for said in (
        "Colleague invited",
        "Role changed",
        LEA,
        "Read only",
        "Access closed",
        "Access opened again",
    ):
        assert said in page
    with database.read_connection() as connection:
        details = [str(row) for row in connection.scalars(select(OfficeEvent.detail))]
    assert "@" not in " ".join(details)
    assert "- accountant 2" in details


@pytest.mark.parametrize(
    "path", ["/3/role", "/3/disable", "/3/enable", "/invitations/x/withdraw", "/99/role"]
)
def test_people_of_another_office_do_not_exist(
    accountant_client: FlaskClient, database: Database, path: str
) -> None:
    add_colleague(database, LEA)
    open_elsewhere(database)
    before = people(database)

    assert press(accountant_client, path, role="reader").status_code == 404
    assert people(database) == before

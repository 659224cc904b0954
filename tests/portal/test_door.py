"""The door: nobody passes without a session, and nothing of another office is behind it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Accountant, Activation, Event, OutboxMessage
from app.services.bulk_actions import BulkCommand
from app.services.invitations import ActivationAction
from app.web.bodies import UPLOADS
from app.web.extensions import Services
from tests.support.doubles import MovableClock
from tests.support.office import ANNE, ORDER
from tests.support.office_files import keep_faulty_order
from tests.support.ordering import ELSEWHERE, open_elsewhere
from tests.support.portal import sign_in, token_in

#: A good value for each part of an address; the dossier is the usual office's.
PARTS: Mapping[str, str] = {
    "dossier_id": "1",
    "bank": "belfius",
    "reference": "6123456789",
    "language": "fr",
    "kind": "invitation",
    "export_format": "csv",
    "bulk_id": "b" * 24,
    "accountant_id": "1",
    "session_id": "99",
    "order_id": "c" * 24,
}
#: Whose pages are of one dossier or request.
IDS = frozenset({"dossier_id", "public_id", "bulk_id", "order_id"})


#: Who has a link from a mail comes in by these.
_OTHER_DOORS = ("auth.", "news.")


@dataclass(frozen=True)
class GuardedRoute:
    """One address of the portal and one way to ask for it."""

    method: str
    path: str
    endpoint: str
    of_office: bool

    @property
    def name(self) -> str:
        return self.endpoint.partition(".")[0]


def rooms(app: Flask, **parts: str) -> Iterator[GuardedRoute]:
    """Yield everything behind the door, whoever has built it."""
    values = {**PARTS, **parts}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/portal") and not rule.endpoint.startswith(_OTHER_DOORS):
            path = re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda part: values.get(part[1], "x"), rule.rule)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield GuardedRoute(method, path, rule.endpoint, bool(rule.arguments & IDS))


def stored(database: Database) -> str:
    with database.read_connection() as connection:
        return str([connection.execute(select(table)).all() for table in (Activation, Event, OutboxMessage)])


@pytest.fixture
def public_id(services: Services) -> str:
    placed = services.orders.place_order(ORDER).public_id
    order = BulkCommand(PARTS["bulk_id"], ActivationAction.CANCEL, {placed: "invited.1.1"})
    services.bulk_actions.prepare_action(order, ANNE, confirmed=False)
    keep_faulty_order(services, ANNE, PARTS["order_id"])
    return placed


def test_a_stranger_is_led_to_the_sign_in_page(client: FlaskClient, app: Flask, public_id: str) -> None:
    token = token_in(client.get("/portal/sign-in").text)
    answers = {
        room: client.open(room.path, method=room.method, data={"csrf_token": token})
        for room in rooms(app, public_id=public_id)
    }

    assert len(answers) > 20
    led = {(answer.status_code, answer.location.partition("?")[0]) for answer in answers.values()}
    assert led == {(303, "/portal/sign-in")}


def test_a_stranger_without_a_page_of_ours_changes_nothing(
    client: FlaskClient, app: Flask, public_id: str, database: Database
) -> None:
    before = stored(database)
    posts = [room for room in rooms(app, public_id=public_id) if room.method == "POST"]

    answers = {room: client.post(room.path, data={"seen": ""}).status_code for room in posts}
    # A file is not even read.
    assert {room.endpoint for room, status in answers.items() if status == 303} == UPLOADS.keys()
    assert set(answers.values()) == {400, 303}
    assert stored(database) == before


def test_nothing_of_another_office_exists(
    client: FlaskClient, app: Flask, services: Services, database: Database, public_id: str
) -> None:
    open_elsewhere(database)
    zoe = sign_in(client, services, "zoe@ailleurs.example")
    token = token_in(zoe.get("/portal/caro").text)
    before = stored(database)
    answers = {
        room: zoe.open(room.path, method=room.method, data={"csrf_token": token})
        for room in rooms(app, public_id=public_id)
        if room.of_office
    }

    assert {room: answer.status_code for room, answer in answers.items() if answer.status_code != 404} == {}
    assert [room for room, answer in answers.items() if "Acme" in answer.text] == []
    assert stored(database) == before


def test_what_is_hidden_from_others_exists_for_its_own_office(
    accountant_client: FlaskClient, app: Flask, public_id: str
) -> None:
    wanted = [room for room in rooms(app, public_id=public_id) if room.of_office and room.method == "GET"]
    opened = {room.name for room in wanted if accountant_client.get(room.path).status_code != 404}

    assert opened == {room.name for room in wanted}


def test_the_list_is_of_one_office(
    client: FlaskClient, services: Services, database: Database, public_id: str
) -> None:
    open_elsewhere(database)
    page = sign_in(client, services, "zoe@ailleurs.example").get("/portal/caro").text

    assert ELSEWHERE in page
    assert "Autre SA" in page
    assert "Acme" not in page


@pytest.mark.parametrize("number", ["-1", "2147483648", "9" * 40, "1.0", "1%00", "١", "0x1"])
def test_no_number_breaks_a_page(accountant_client: FlaskClient, app: Flask, number: str) -> None:
    answers = {
        room.path: accountant_client.get(room.path).status_code
        for room in rooms(app, dossier_id=number)
        if room.method == "GET" and number in room.path
    }

    assert len(answers) > 5
    assert {path: status for path, status in answers.items() if status != 404} == {}


@pytest.mark.parametrize("cookie", ["", "x", "0" * 43, "é", "a" * 4000, "null", "' OR 1=1 --"])
def test_a_made_up_cookie_opens_nothing(client: FlaskClient, cookie: str) -> None:
    client.set_cookie("portal", cookie)

    assert client.get("/portal/caro").location == "/portal/sign-in"


def test_nothing_of_the_portal_is_kept_or_found(
    accountant_client: FlaskClient, app: Flask, public_id: str
) -> None:
    paths = {room.path for room in rooms(app, public_id=public_id) if room.method == "GET"}
    paths |= {"/portal/sign-in", "/portal/sign-in/sent", "/portal/sign-in/x.y", "/portal/nowhere", "/portal"}

    for path in sorted(paths):
        headers = accountant_client.get(path).headers
        assert (path, headers["Cache-Control"], headers.get("X-Robots-Tag")) == (path, "no-store", "noindex")


def test_the_portal_speaks_the_accountants_language_unless_another_is_chosen(
    accountant_client: FlaskClient,
) -> None:
    page = accountant_client.get("/portal/caro", headers={"Accept-Language": "de"})
    assert '<html lang="fr">' in page.text

    accountant_client.get("/portal/caro?lang=nl")
    assert '<html lang="nl">' in accountant_client.get("/portal/caro").text


def test_before_signing_in_the_browser_chooses_the_language(client: FlaskClient) -> None:
    page = client.get("/portal/sign-in", headers={"Accept-Language": "de"})

    assert '<html lang="de">' in page.text


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30])
@pytest.mark.parametrize("room", ["", "/order", "/announcement"])
def test_a_number_that_no_row_can_have_does_not_exist(
    accountant_client: FlaskClient, room: str, number: int
) -> None:
    assert accountant_client.get(f"/portal/dossiers/{number}{room}").status_code == 404


def test_whoever_was_away_too_long_learns_why_once(
    accountant_client: FlaskClient, clock: MovableClock
) -> None:
    clock.advance(minutes=31)
    away = accountant_client.get("/portal/caro?lang=en")

    assert away.status_code == 303
    assert (
        "Your session has ended. Sign in again to continue."
        in accountant_client.get("/portal/sign-in?lang=en").text
    )
    assert (
        "Your session has ended"
        not in accountant_client.get(accountant_client.get("/portal/caro").location).text
    )


def test_there_is_no_password_or_code_to_attack(client: FlaskClient) -> None:
    fields = re.findall(r'<input[^>]* name="([^"]+)"', client.get("/portal/sign-in").text)

    assert set(fields) == {"csrf_token", "email"}
    columns = [column.name for column in Accountant.__table__.columns]
    assert not [name for name in columns if re.search("pass|secret|code", name)]


@pytest.mark.parametrize("path", ["/portal/sign-in", "/portal/sign-in/sent", "/portal/sign-in/used"])
def test_help_stands_at_the_foot_before_signing_in(client: FlaskClient, path: str) -> None:
    foot = BeautifulSoup(client.get(f"{path}?lang=en").text, "html.parser").select_one("footer .help")

    assert foot is not None
    assert foot.select('a[href="mailto:caro@example.be"]')


@pytest.mark.parametrize("path", ["/portal/caro", "/portal/dossiers/1", "/portal/toolkit", "/portal/nowhere"])
def test_help_stands_at_the_foot_of_every_page(accountant_client: FlaskClient, path: str) -> None:
    foot = BeautifulSoup(accountant_client.get(f"{path}?lang=en").text, "html.parser").select_one(
        "footer .help"
    )

    assert foot is not None
    assert foot.select('a[href="mailto:caro@example.be"]')

"""Routes × visitors × methods: who gets which answer, and whose data and actions nobody else ever has."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from app.db import Database
from app.models import Accountant, Activation, BulkActionRow, Event, Office, OfficeEvent
from app.portal.page_rights import RIGHTS
from app.portal.sign_in_guard import GUARDED, portal_blueprint
from app.services.bulk_actions import BulkCommand
from app.services.invitations import ActivationAction
from app.web.bodies import UPLOADS
from app.web.extensions import Services
from tests.access.answers import (
    ANSWERS,
    BANK_ANSWERS,
    BEYOND_ROLE,
    PORTAL_ANSWERS,
    ROLES,
    SHUT,
    TO_SIGN_IN,
    WRONG_METHOD,
)
from tests.access.visitors import VISITORS
from tests.support.bank import SimulatedBank
from tests.support.office import ACCOUNTANT, ADDRESS, ANNE, ORDER, REFERENCE
from tests.support.office_files import keep_faulty_order
from tests.support.ordering import open_elsewhere
from tests.support.portal import sign_in, token_in
from tests.support.reused_app import new_app

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
#: A good value for each part of an address, of the usual office.
PARTS: Mapping[str, str] = {
    "dossier_id": "1",
    "bank": "belfius",
    "reference": REFERENCE,
    "language": "fr",
    "kind": "invitation",
    "export_format": "csv",
    "bulk_id": "b" * 24,
    "filename": "icon.svg",
    "version": "2026-12",
    "skin": "portal",
    "who": "accountant",
    "command": "resend",
    "accountant_id": "1",
    "session_id": "99",
    "order_id": "c" * 24,
}
#: Where the cookie of a tester is given out, and where a session ends: what comes after is another visitor.
LAST = ("/qa/office", "/portal/sign-in/leave")


@dataclass(frozen=True)
class Asked:
    """One request and the endpoint that takes it, None where none takes the method."""

    method: str
    path: str
    endpoint: str | None


def every_request(app: Flask, public_id: str) -> Iterator[Asked]:
    """Yield each address of the application with each method."""
    for path in sorted(_paths(app, public_id), key=lambda path: (path in LAST, path)):
        for method in METHODS:
            yield Asked(method, path, _endpoint(app, path, method))


def _paths(app: Flask, public_id: str) -> set[str]:
    return {_path(rule, public_id) for rule in app.url_map.iter_rules()}


def _path(rule: Rule, public_id: str) -> str:
    # The pages of the preview name what they show where those of the cardholder name a request.
    values = {**PARTS, "public_id": "welcome" if rule.endpoint.startswith("preview.") else public_id}
    return re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda part: values.get(part[1], "x"), rule.rule)


def _endpoint(app: Flask, path: str, method: str) -> str | None:
    try:
        return str(app.url_map.bind("localhost").match(path, method=method)[0])
    except MethodNotAllowed:
        return None


def stored_of_office(database: Database) -> str:
    """Return what is kept of the usual office; signing in is nobody else's doing."""
    own = (
        select(Activation).where(Activation.office_id == 1),
        select(Event).join(Activation).where(Activation.office_id == 1),
        select(OfficeEvent).where(OfficeEvent.office_id == 1),
        select(BulkActionRow),
        select(Office).where(Office.id == 1),
        select(Accountant).where(Accountant.office_id == 1),
    )
    with database.read_connection() as connection:
        return str([connection.execute(statement).all() for statement in own])


@pytest.fixture
def public_id(services: Services, database: Database) -> str:
    """One request of the usual office, and a bulk action that has not been confirmed."""
    open_elsewhere(database)
    placed = services.orders.place_order(ORDER).public_id
    # Of a request that has changed since: confirming it changes nothing for those who ask later.
    order = BulkCommand(PARTS["bulk_id"], ActivationAction.CANCEL, {placed: "changed since"})
    services.bulk_actions.prepare_action(order, ANNE, confirmed=False)
    keep_faulty_order(services, ANNE, PARTS["order_id"])
    return placed


@pytest.fixture
def asked(client: FlaskClient, app: Flask, services: Services, public_id: str, visitor: str) -> "Answers":
    """What a visitor is answered to everything that can be asked."""
    VISITORS[visitor](client, services)
    token = token_in(client.get("/portal/caro", follow_redirects=True).text)
    before = stored_of_office(services.database)
    answers = {}
    for request in every_request(app, public_id):
        form = None if request.method in METHODS[:3] else {"csrf_token": token}
        kind = "multipart/form-data" if request.endpoint in UPLOADS else None
        with client.open(request.path, method=request.method, data=form, content_type=kind) as answer:
            text = f"{answer.location} {answer.get_data().decode(errors='replace')}"
            answers[request] = (answer.status_code, text)
    return Answers(answers, before, stored_of_office(services.database))


@dataclass(frozen=True)
class Answers:
    """Status and words of all answers that one visitor got; what was kept of the office before and after."""

    by_request: Mapping[Asked, tuple[int, str]]
    before: str
    after: str

    def hold(self, *words: str) -> list[Asked]:
        """Return what was answered with one of these words."""
        told = self.by_request.items()
        return [request for request, (_, text) in told if any(word in text for word in words)]


@pytest.mark.parametrize("visitor", VISITORS)
def test_each_visitor_gets_the_answer_of_the_table(asked: Answers, visitor: str) -> None:
    wrong = {
        request: (status, wanted)
        for request, (status, _text) in asked.by_request.items()
        if status != (wanted := _wanted_status(request, visitor))
    }

    assert len(asked.by_request) > 600
    assert wrong == {}
    if visitor not in ROLES or visitor == "other_office":
        # What is told to strangers names nobody, and what they send does nothing.
        assert asked.hold("Acme SA", ADDRESS, ACCOUNTANT) == []
        assert asked.after == asked.before
    if visitor == "reader":
        assert asked.hold(ADDRESS, "/a/WyI") == []
        assert asked.after == asked.before


def _wanted_status(request: Asked, visitor: str) -> int:
    if request.endpoint is None:
        return WRONG_METHOD
    return ANSWERS.get(request.endpoint, SHUT).status_for(visitor, request.method)


def test_the_table_knows_every_route_and_no_other(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert routes - ANSWERS.keys() == set()
    assert ANSWERS.keys() - routes == set()


def test_the_table_of_rights_knows_every_page_of_the_portal_and_no_other(app: Flask) -> None:
    guarded = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in GUARDED
    }

    assert RIGHTS.keys() == guarded
    assert {endpoint: answer.least for endpoint, answer in PORTAL_ANSWERS.items()} == dict(RIGHTS)


def test_a_page_that_no_table_knows_is_open_to_nobody(services: Services) -> None:
    app = new_app(services, FlaskClient)
    page = portal_blueprint("unknown_to_all")
    page.add_url_rule("/unknown", "page", lambda: "shown")
    app.register_blueprint(page)
    GUARDED.remove("unknown_to_all")
    client = app.test_client()

    assert client.get("/portal/unknown").status_code == TO_SIGN_IN
    assert sign_in(client, services).get("/portal/unknown").status_code == BEYOND_ROLE


def test_the_simulated_bank_answers_as_the_table_says(tmp_path: Path) -> None:
    bank = SimulatedBank(tmp_path).app
    client = FlaskClient(bank, bank.response_class)
    wrong = {}
    for request in every_request(bank, "x"):
        status, wanted = client.open(request.path, method=request.method).status_code, WRONG_METHOD
        if request.endpoint:
            wanted = BANK_ANSWERS.get(request.endpoint, SHUT).status_for("nobody", request.method)
        if status != wanted:
            wrong[request] = (status, wanted)

    assert wrong == {}
    assert {rule.endpoint for rule in bank.url_map.iter_rules()} == BANK_ANSWERS.keys()

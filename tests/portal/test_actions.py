"""What can be done with a request: each action from each stage, once, by those whose request it is."""

from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from flask_babel.speaklater import LazyString
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType
from app.domain.message_rules import OfficeMessage
from app.domain.states import ActivationState, StatusLabel
from app.i18n import LANGUAGES, override_locale
from app.models import Accountant, Activation, Event, Office, OutboxMessage
from app.portal.dossiers.actions import ANSWERS, FIRST_ACTIONS, RULES
from app.services.invitations import ActivationAction
from app.web.extensions import Services
from tests.support.activation_factory import ACTIVATION_STATES, ActivationFactory, let_mails_leave
from tests.support.doubles import MovableClock
from tests.support.portal import sign_in, token_in

NEW_ADDRESS = "nouvelle@client.example"
_WHILE_OPEN = {
    ActivationAction.COPY,
    ActivationAction.RESEND,
    ActivationAction.ADDRESS,
    ActivationAction.REPLACE,
    ActivationAction.CANCEL,
    ActivationAction.LANGUAGE,
}
#: Once the last mail is a day old.
_UNANSWERED = {*_WHILE_OPEN, ActivationAction.REMIND}
_IN_THE_APP = _WHILE_OPEN - {ActivationAction.COPY, ActivationAction.REPLACE}

#: What each stage allows; everything else is refused.
ALLOWED: Mapping[str, set[ActivationAction]] = {
    "invited": _UNANSWERED,
    "terms_accepted": _UNANSWERED,
    "at_bank": _WHILE_OPEN,
    "problem": _UNANSWERED,
    "active": {ActivationAction.REVOKE, ActivationAction.LANGUAGE},
    "over": _WHILE_OPEN - {ActivationAction.COPY},
    "expired": {ActivationAction.RELAUNCH, ActivationAction.LANGUAGE},
    "cancelled": {ActivationAction.RELAUNCH, ActivationAction.LANGUAGE},
    "revoked": set(),
    "at_kbc": {*_IN_THE_APP, ActivationAction.REMIND},
    "refused_at_kbc": _IN_THE_APP,
}

#: What each stage asks for first.
FIRST: Mapping[str, list[ActivationAction]] = {
    "invited": [ActivationAction.COPY],
    "terms_accepted": [ActivationAction.COPY],
    "at_bank": [],
    "problem": [ActivationAction.RESEND],
    "active": [],
    "over": [ActivationAction.RESEND],
    "expired": [ActivationAction.RELAUNCH],
    "cancelled": [ActivationAction.RELAUNCH],
    "revoked": [],
    "at_kbc": [ActivationAction.RESEND],
    "refused_at_kbc": [ActivationAction.RESEND],
}

#: The line of history that each action leaves.
LEAVES: Mapping[ActivationAction, EventType] = {
    ActivationAction.COPY: EventType.LINK_SHOWN,
    ActivationAction.RESEND: EventType.RESENT,
    ActivationAction.REMIND: EventType.REMINDED,
    ActivationAction.ADDRESS: EventType.ADDRESS_CORRECTED,
    ActivationAction.REPLACE: EventType.LINK_REPLACED,
    ActivationAction.CANCEL: EventType.CANCELLED,
    ActivationAction.REVOKE: EventType.REVOKED,
    ActivationAction.RELAUNCH: EventType.RELAUNCHED,
    ActivationAction.LANGUAGE: EventType.LANGUAGE_CHANGED,
}
WITH_PAGE = [action for action in ActivationAction if RULES[action].effects]


def post(
    accountant_client: FlaskClient,
    public_id: str,
    action: ActivationAction,
    seen: str = "",
    address: str = NEW_ADDRESS,
) -> TestResponse:
    token = token_in(accountant_client.get("/portal/dossiers/2").text)
    fields = {"csrf_token": token, "seen": seen, "address": address, "language": "nl"}
    return accountant_client.post(f"/portal/requests/{public_id}/{action}", data=fields)


def shown(answer: TestResponse, selector: str = "main") -> str:
    found = BeautifulSoup(answer.text, "html.parser").select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return " ".join(found.get_text(" ", strip=True).split())


def in_english(app: Flask, *sentences: LazyString | None) -> list[str]:
    with app.app_context(), override_locale("en"):
        return [str(sentence) for sentence in sentences]


def history(database: Database) -> list[tuple[EventType, str]]:
    with database.read_connection() as connection:
        lines = select(Event.event_type, Event.actor).order_by(Event.id)
        return [(line.event_type, line.actor) for line in connection.execute(lines)]


def mails(database: Database) -> int:
    with database.read_connection() as connection:
        return len(connection.execute(select(OutboxMessage.id)).all())


def stored_address(database: Database) -> str | None:
    with database.read_connection() as connection:
        return connection.execute(select(Activation.address)).scalar_one()


def test_the_table_of_this_test_is_total() -> None:
    assert set(ALLOWED) == set(FIRST) == set(ACTIVATION_STATES)
    assert set(FIRST_ACTIONS) == set(StatusLabel)
    assert set(ANSWERS) == set(OfficeMessage)
    assert set(LEAVES) == set(RULES) == set(ActivationAction)
    assert {action for action in RULES if RULES[action].done is not None} == set(ActivationAction) - {
        ActivationAction.COPY
    }
    assert {state for rule in RULES.values() for state in rule.states} == set(ActivationState) - {
        ActivationState.REVOKED
    }


@pytest.mark.parametrize("name", ACTIVATION_STATES)
@pytest.mark.parametrize("action", ActivationAction)
def test_each_stage_allows_its_actions_and_no_other(
    client: FlaskClient,
    services: Services,
    database: Database,
    activation_factory: ActivationFactory,
    clock: MovableClock,
    name: str,
    action: ActivationAction,
) -> None:
    public_id = activation_factory.create(name)
    clock.advance(days=1)
    accountant_client = sign_in(client, services)
    before = history(database)

    answer = post(
        accountant_client, public_id, action, activation_factory.read_detail(public_id).version_mark
    )

    new = history(database)[len(before) :]
    if action in ALLOWED[name]:
        assert answer.status_code == 303
        assert (LEAVES[action], "accountant 1") in new
    else:
        assert answer.status_code == 409
        assert BeautifulSoup(answer.text, "html.parser").select(f'[role=alert] [href="#request-{public_id}"]')
        assert new == []


@pytest.mark.parametrize("name", ACTIVATION_STATES)
def test_the_page_offers_what_is_possible_one_of_it_first_and_is_silent_about_the_rest(
    client: FlaskClient,
    services: Services,
    activation_factory: ActivationFactory,
    clock: MovableClock,
    name: str,
) -> None:
    public_id = activation_factory.create(name)
    clock.advance(days=1)
    page = BeautifulSoup(sign_in(client, services).get("/portal/dossiers/1?lang=en").text, "html.parser")
    section = page.select_one(f"#request-{public_id}")
    assert section is not None

    targets = [one.get("href") or one.get("action") for one in section.select(".actions a, .actions form")]
    offered = {action for action in ActivationAction if f"/portal/requests/{public_id}/{action}" in targets}

    assert offered == ALLOWED[name]
    first = [button.parent if button.name == "button" else button for button in section.select(".main")]
    assert [one and (one.get("href") or one.get("action")) for one in first] == [
        f"/portal/requests/{public_id}/{action}" for action in FIRST[name]
    ]
    reasons = [hint.get_text() for hint in section.select("details > .hint")]
    assert reasons == (
        ["At KBC there is no link: the cardholder activates CARO in the bank's app."] if "kbc" in name else []
    )


def test_an_invitation_that_is_over_is_nowhere_said_to_be_open(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory
) -> None:
    activation_factory.create("over")

    page = shown(sign_in(client, services).get("/portal/dossiers/1?lang=en"), "main")

    assert "Invitation expired" in page
    assert "the invitation is still open" not in page


@pytest.mark.parametrize("action", WITH_PAGE)
def test_what_has_effects_announces_them_before_anything_happens(
    app: Flask,
    client: FlaskClient,
    services: Services,
    database: Database,
    activation_factory: ActivationFactory,
    action: ActivationAction,
) -> None:
    name = next(name for name, allowed in ALLOWED.items() if action in allowed)
    public_id = activation_factory.create(name)
    accountant_client = sign_in(client, services)
    before = history(database)

    page = accountant_client.get(f"/portal/requests/{public_id}/{action}?lang=en")

    assert page.status_code == 200
    assert all(effect in shown(page) for effect in in_english(app, *RULES[action].effects))
    assert f'name="seen" value="{activation_factory.read_detail(public_id).version_mark}"' in page.text
    assert history(database) == before


@pytest.mark.parametrize(
    ("action", "announced"),
    [
        (ActivationAction.ADDRESS, ["The steps are sent again straight away, to the new address."]),
        (ActivationAction.RELAUNCH, ["The steps are sent again straight away, to this address."]),
        (
            ActivationAction.LANGUAGE,
            ["The emails and pages that follow are in this language. Nothing is sent now."],
        ),
    ],
)
def test_where_the_bank_has_an_app_no_link_and_no_page_is_announced(
    accountant_client: FlaskClient,
    services: Services,
    activation_factory: ActivationFactory,
    action: ActivationAction,
    announced: list[str],
) -> None:
    public_id = activation_factory.create("at_kbc")
    if action is ActivationAction.RELAUNCH:
        services.invitations.cancel_activation(public_id, "accountant 1")

    page = accountant_client.get(f"/portal/requests/{public_id}/{action}?lang=en")

    effects = BeautifulSoup(page.text, "html.parser").select("h1 ~ ul li")
    assert [effect.get_text(strip=True) for effect in effects] == announced


@pytest.mark.parametrize("action", WITH_PAGE)
def test_the_page_of_what_is_not_possible_leads_to_the_reason(
    client: FlaskClient, services: Services, activation_factory: ActivationFactory, action: ActivationAction
) -> None:
    public_id = activation_factory.create("revoked")

    answer = sign_in(client, services).get(f"/portal/requests/{public_id}/{action}?lang=en")

    assert answer.status_code == 409
    assert "The service was stopped." in shown(answer, "[role=alert]")


@pytest.mark.parametrize("action", [ActivationAction.RESEND, ActivationAction.REMIND])
def test_sending_cannot_be_prefetched(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, action: ActivationAction
) -> None:
    answer = accountant_client.get(f"/portal/requests/{activation_factory.create('invited')}/{action}")

    assert answer.status_code == 405


@pytest.mark.parametrize("action", ActivationAction)
def test_nothing_is_done_without_the_forms_token(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    action: ActivationAction,
) -> None:
    public_id = activation_factory.create("invited")
    before = history(database)

    assert (
        accountant_client.post(f"/portal/requests/{public_id}/{action}", data={"seen": ""}).status_code == 400
    )
    assert history(database) == before


def test_what_was_done_is_announced_on_the_dossier(
    app: Flask, accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    accountant_client.get("/portal/caro?lang=en")
    post(
        accountant_client,
        public_id,
        ActivationAction.RESEND,
        activation_factory.read_detail(public_id).version_mark,
    )

    said = shown(accountant_client.get("/portal/dossiers/1"), "[role=status] span")

    assert [said] == in_english(app, RULES[ActivationAction.RESEND].done)


@pytest.mark.parametrize(
    "action",
    [action for action in ActivationAction if action in ALLOWED["invited"] - {ActivationAction.COPY}],
)
def test_a_request_changed_by_a_colleague_is_shown_as_it_is_now(
    accountant_client: FlaskClient,
    database: Database,
    activation_factory: ActivationFactory,
    action: ActivationAction,
) -> None:
    public_id = activation_factory.create("invited")
    seen = activation_factory.read_detail(public_id).version_mark
    activation_factory.services.invitations.replace_link(public_id, "accountant 2", "bert@client.example")
    let_mails_leave(activation_factory.services)
    before = history(database)

    answer = post(accountant_client, public_id, action, seen)

    assert answer.status_code == 409
    assert "b•••@client.example" in shown(answer)
    assert activation_factory.read_detail(public_id).version_mark in answer.text
    assert history(database) == before


@pytest.mark.parametrize("action", ActivationAction)
def test_a_foreign_request_does_not_exist(
    client: FlaskClient,
    services: Services,
    database: Database,
    activation_factory: ActivationFactory,
    action: ActivationAction,
) -> None:
    public_id = activation_factory.create("invited")
    with database.transaction() as session:
        other = Office(name="Bureau Martin")
        session.add(other)
        session.flush()
        session.add(Accountant(office_id=other.id, email="marc@martin.example"))
    accountant_client = sign_in(client, services, "marc@martin.example")
    token = token_in(accountant_client.get("/portal/caro").text)
    before = history(database)

    fields = {
        "csrf_token": token,
        "seen": activation_factory.read_detail(public_id).version_mark,
        "address": NEW_ADDRESS,
    }
    path = f"/portal/requests/{public_id}/{action}"

    assert accountant_client.post(path, data=fields).status_code == 404
    assert accountant_client.get(path).status_code == (
        404 if RULES[action].effects or action is ActivationAction.COPY else 405
    )
    assert accountant_client.get("/portal/dossiers/1").status_code == 404
    assert history(database) == before


def test_the_answer_to_a_form_can_be_left_for_another_language(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    answer = post(accountant_client, public_id, ActivationAction.ADDRESS, "of another time")

    links = BeautifulSoup(answer.text, "html.parser").select(".languages a")

    assert [accountant_client.get(str(link["href"])).status_code for link in links] == [200] * len(LANGUAGES)

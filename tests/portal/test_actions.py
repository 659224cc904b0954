"""What can be done with a request: each action from each stage, once, by those whose request it is."""

from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from flask_babel.speaklater import LazyString
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import EventType
from app.domain.states import ActivationState
from app.i18n import LANGUAGES, override_locale
from app.models import Accountant, Activation, Event, Mandate, Office, OutboxMessage
from app.models.office import MandateState
from app.portal.dossiers.actions import RULES
from app.services.invitations import ActivationAction
from app.web.extensions import Services
from tests.support.office import ADDRESS
from tests.support.portal import digits, sign_in, token_in
from tests.support.stages import STAGES, ActivationFactory
from tests.support.world import FakeBank, FakeBankApp, MovableClock

NEW_ADDRESS = "nouvelle@client.example"
_WHILE_OPEN = {
    ActivationAction.COPY,
    ActivationAction.RESEND,
    ActivationAction.ADDRESS,
    ActivationAction.REPLACE,
    ActivationAction.CANCEL,
}
_IN_THE_APP = {ActivationAction.RESEND, ActivationAction.ADDRESS, ActivationAction.CANCEL}

#: What each stage allows; everything else is refused.
ALLOWED: Mapping[str, set[ActivationAction]] = {
    "invited": _WHILE_OPEN,
    "terms_accepted": _WHILE_OPEN,
    "at_bank": _WHILE_OPEN,
    "problem": _WHILE_OPEN,
    "active": {ActivationAction.REVOKE},
    "over": _WHILE_OPEN - {ActivationAction.COPY},
    "expired": {ActivationAction.RELAUNCH},
    "cancelled": {ActivationAction.RELAUNCH},
    "revoked": set(),
    "at_kbc": _IN_THE_APP,
    "refused_at_kbc": _IN_THE_APP,
}

#: The line of history that each action leaves.
LEAVES: Mapping[ActivationAction, EventType] = {
    ActivationAction.COPY: EventType.LINK_COPIED,
    ActivationAction.RESEND: EventType.RESENT,
    ActivationAction.ADDRESS: EventType.LINK_REPLACED,
    ActivationAction.REPLACE: EventType.LINK_REPLACED,
    ActivationAction.CANCEL: EventType.CANCELLED,
    ActivationAction.REVOKE: EventType.REVOKED,
    ActivationAction.RELAUNCH: EventType.RELAUNCHED,
}
WITH_PAGE = [deed for deed in ActivationAction if RULES[deed].effects]


@pytest.fixture
def stage(
    services: Services, bank: FakeBank, bank_app: FakeBankApp, clock: MovableClock
) -> ActivationFactory:
    return ActivationFactory(services, bank, bank_app, clock)


def post(
    desk: FlaskClient, public_id: str, deed: ActivationAction, seen: str = "", address: str = NEW_ADDRESS
) -> TestResponse:
    token = token_in(desk.get("/portal/dossiers/2").text)
    fields = {"csrf_token": token, "seen": seen, "address": address}
    return desk.post(f"/portal/requests/{public_id}/{deed}", data=fields)


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
    assert set(ALLOWED) == set(STAGES)
    assert set(LEAVES) == set(RULES) == set(ActivationAction)
    assert {action for action in RULES if RULES[action].done is not None} == set(ActivationAction) - {
        ActivationAction.COPY
    }
    assert {state for rule in RULES.values() for state in rule.states} == set(ActivationState) - {
        ActivationState.REVOKED
    }


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("deed", ActivationAction)
def test_each_stage_allows_its_actions_and_no_other(
    client: FlaskClient,
    services: Services,
    database: Database,
    stage: ActivationFactory,
    name: str,
    deed: ActivationAction,
) -> None:
    public_id = stage.reach(name)
    desk = sign_in(client, services)
    before = history(database)

    answer = post(desk, public_id, deed, stage.follow(public_id).version_mark)

    new = history(database)[len(before) :]
    if deed in ALLOWED[name]:
        assert answer.status_code == (200 if deed is ActivationAction.COPY else 303)
        assert (LEAVES[deed], "accountant 1") in new
    else:
        assert answer.status_code == 409
        assert BeautifulSoup(answer.text, "html.parser").select(f'[role=alert] [href="#request-{public_id}"]')
        assert new == []


@pytest.mark.parametrize("name", STAGES)
def test_the_page_offers_what_is_possible_and_says_why_not_the_rest(
    app: Flask, client: FlaskClient, services: Services, stage: ActivationFactory, name: str
) -> None:
    public_id = stage.reach(name)
    page = BeautifulSoup(sign_in(client, services).get("/portal/dossiers/1?lang=en").text, "html.parser")
    section = page.select_one(f"#request-{public_id}")
    assert section is not None

    targets = [one.get("href") or one.get("action") for one in section.select(".actions a, .actions form")]
    offered = {deed for deed in ActivationAction if f"/portal/requests/{public_id}/{deed}" in targets}

    assert offered == ALLOWED[name]
    reasons = " ".join(hint.get_text() for hint in section.select(".hint"))
    names = dict(
        zip(ActivationAction, in_english(app, *(RULES[deed].name for deed in ActivationAction)), strict=True)
    )
    assert {deed for deed, name in names.items() if name in reasons} == set(ActivationAction) - offered


def test_an_invitation_that_is_over_is_nowhere_said_to_be_open(
    client: FlaskClient, services: Services, stage: ActivationFactory
) -> None:
    stage.reach("over")

    page = shown(sign_in(client, services).get("/portal/dossiers/1?lang=en"), "main")

    assert "Invitation expired" in page
    assert "the invitation is still open" not in page


@pytest.mark.parametrize("deed", WITH_PAGE)
def test_what_has_effects_announces_them_before_anything_happens(
    app: Flask,
    client: FlaskClient,
    services: Services,
    database: Database,
    stage: ActivationFactory,
    deed: ActivationAction,
) -> None:
    name = next(name for name, allowed in ALLOWED.items() if deed in allowed)
    public_id = stage.reach(name)
    desk = sign_in(client, services)
    before = history(database)

    page = desk.get(f"/portal/requests/{public_id}/{deed}?lang=en")

    assert page.status_code == 200
    assert all(effect in shown(page) for effect in in_english(app, *RULES[deed].effects))
    assert f'name="seen" value="{stage.follow(public_id).version_mark}"' in page.text
    assert history(database) == before


@pytest.mark.parametrize("deed", WITH_PAGE)
def test_the_page_of_what_is_not_possible_leads_to_the_reason(
    client: FlaskClient, services: Services, stage: ActivationFactory, deed: ActivationAction
) -> None:
    public_id = stage.reach("revoked")

    answer = sign_in(client, services).get(f"/portal/requests/{public_id}/{deed}?lang=en")

    assert answer.status_code == 409
    assert "The service was stopped." in shown(answer, "[role=alert]")


@pytest.mark.parametrize("deed", [ActivationAction.COPY, ActivationAction.RESEND])
def test_copying_and_sending_cannot_be_prefetched(
    desk: FlaskClient, stage: ActivationFactory, deed: ActivationAction
) -> None:
    answer = desk.get(f"/portal/requests/{stage.reach('invited')}/{deed}")

    assert answer.status_code == 405


@pytest.mark.parametrize("deed", ActivationAction)
def test_nothing_is_done_without_the_forms_token(
    desk: FlaskClient, database: Database, stage: ActivationFactory, deed: ActivationAction
) -> None:
    public_id = stage.reach("invited")
    before = history(database)

    assert desk.post(f"/portal/requests/{public_id}/{deed}", data={"seen": ""}).status_code == 400
    assert history(database) == before


def test_the_copied_link_stands_ready_beside_a_text_in_the_cardholders_language(
    desk: FlaskClient, database: Database, stage: ActivationFactory
) -> None:
    public_id = stage.reach("invited")
    answer = post(desk, public_id, ActivationAction.COPY)

    page = BeautifulSoup(answer.text, "html.parser")
    link = page.select_one("#link")
    text = page.select_one("#message")
    assert link is not None
    assert text is not None
    assert link["value"] == stage.services.invitations.copy_link(public_id, "test")
    assert text["lang"] == "fr"
    assert str(link["value"]) in text.get_text()
    assert "6123 456 789" in text.get_text()
    assert (EventType.LINK_COPIED, "accountant 1") in history(database)


def test_a_link_that_was_not_asked_for_stands_on_no_page(desk: FlaskClient, stage: ActivationFactory) -> None:
    public_id = stage.reach("invited")
    token = stage.services.invitations.copy_link(public_id, "test").rpartition("/")[2]

    pages = [desk.get(f"/portal/requests/{public_id}/{deed}").text for deed in WITH_PAGE]

    assert not any(token in page for page in (*pages, desk.get("/portal/dossiers/1").text))


def test_a_double_click_on_resend_sends_once(
    desk: FlaskClient, database: Database, stage: ActivationFactory
) -> None:
    public_id = stage.reach("invited")
    seen, sent = stage.follow(public_id).version_mark, mails(database)

    first = post(desk, public_id, ActivationAction.RESEND, seen)
    second = post(desk, public_id, ActivationAction.RESEND, seen)

    assert (first.status_code, second.status_code) == (303, 409)
    assert first.location == f"/portal/dossiers/1#request-{public_id}"
    assert mails(database) == sent + 1


def test_what_was_done_is_announced_on_the_dossier(
    app: Flask, desk: FlaskClient, stage: ActivationFactory
) -> None:
    public_id = stage.reach("invited")
    desk.get("/portal/caro?lang=en")
    post(desk, public_id, ActivationAction.RESEND, stage.follow(public_id).version_mark)

    said = shown(desk.get("/portal/dossiers/1"), "[role=status]")

    assert [said] == in_english(app, RULES[ActivationAction.RESEND].done)


@pytest.mark.parametrize(
    "deed", [deed for deed in ActivationAction if deed in ALLOWED["invited"] - {ActivationAction.COPY}]
)
def test_a_request_changed_by_a_colleague_is_shown_as_it_is_now(
    desk: FlaskClient, database: Database, stage: ActivationFactory, deed: ActivationAction
) -> None:
    public_id = stage.reach("invited")
    seen = stage.follow(public_id).version_mark
    stage.services.invitations.replace_link(public_id, "accountant 2", "bert@client.example")
    before = history(database)

    answer = post(desk, public_id, deed, seen)

    assert answer.status_code == 409
    assert "b•••@client.example" in shown(answer)
    assert stage.follow(public_id).version_mark in answer.text
    assert history(database) == before


def test_an_address_that_met_a_change_is_not_lost(desk: FlaskClient, stage: ActivationFactory) -> None:
    public_id = stage.reach("invited")

    answer = post(desk, public_id, ActivationAction.ADDRESS, seen="of another time")

    assert answer.status_code == 409
    assert f'value="{NEW_ADDRESS}"' in answer.text


@pytest.mark.parametrize(
    "deed", [ActivationAction.RESEND, ActivationAction.ADDRESS, ActivationAction.REPLACE]
)
def test_the_fourth_mail_of_a_day_is_refused_with_the_hour(
    desk: FlaskClient,
    database: Database,
    stage: ActivationFactory,
    clock: MovableClock,
    deed: ActivationAction,
) -> None:
    public_id = stage.reach("invited")
    for _ in range(3):
        stage.services.invitations.resend_invitation(public_id, "anne")
    clock.advance(minutes=20)
    sent = mails(database)
    desk.get("/portal/dossiers/1?lang=en")

    answer = post(desk, public_id, deed, stage.follow(public_id).version_mark)

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == str(23 * 3600 + 40 * 60)
    assert "24 November 2026 at 10:00" in shown(answer, "[role=alert]")
    assert mails(database) == sent


@pytest.mark.parametrize("deed", [ActivationAction.ADDRESS, ActivationAction.RELAUNCH])
@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"]
)
def test_a_wrong_address_is_told_at_its_field(
    desk: FlaskClient, database: Database, stage: ActivationFactory, deed: ActivationAction, address: str
) -> None:
    public_id = stage.reach("invited" if deed is ActivationAction.ADDRESS else "cancelled")
    before = stored_address(database)

    answer = post(desk, public_id, deed, stage.follow(public_id).version_mark, address)

    assert answer.status_code == 422
    assert shown(answer, ".summary a") in shown(answer, "#address-problem")
    assert stored_address(database) == before


def test_a_card_number_typed_as_address_is_not_shown_again(
    desk: FlaskClient, stage: ActivationFactory
) -> None:
    public_id = stage.reach("invited")

    answer = post(
        desk, public_id, ActivationAction.ADDRESS, stage.follow(public_id).version_mark, "4000 0243 2959 6391"
    )

    assert answer.status_code == 422
    assert "29596391" not in digits(answer.text)


def test_the_corrected_address_gets_the_new_invitation(
    desk: FlaskClient, database: Database, stage: ActivationFactory
) -> None:
    public_id = stage.reach("invited")
    old = stage.services.invitations.copy_link(public_id, "test")

    post(desk, public_id, ActivationAction.ADDRESS, stage.follow(public_id).version_mark)

    assert stored_address(database) == NEW_ADDRESS
    assert stage.services.invitations.copy_link(public_id, "test") != old


def test_a_reference_that_was_ordered_anew_is_not_relaunched(
    desk: FlaskClient, stage: ActivationFactory
) -> None:
    public_id = stage.reach("cancelled")
    stage.reach("invited")

    answer = post(desk, public_id, ActivationAction.RELAUNCH, stage.follow(public_id).version_mark, ADDRESS)

    assert answer.status_code == 409
    assert stage.follow(public_id).state is ActivationState.CANCELLED


def test_a_dossier_without_its_mandate_relaunches_nothing(
    desk: FlaskClient, stage: ActivationFactory, database: Database
) -> None:
    public_id = stage.reach("cancelled")
    with database.transaction() as session:
        session.execute(update(Mandate).values(state=MandateState.ARCHIVED))

    answer = post(desk, public_id, ActivationAction.RELAUNCH, stage.follow(public_id).version_mark, ADDRESS)

    assert answer.status_code == 409
    assert "Pas de mandat CODA actif" in shown(answer)


@pytest.mark.parametrize("deed", ActivationAction)
def test_a_foreign_request_does_not_exist(
    client: FlaskClient,
    services: Services,
    database: Database,
    stage: ActivationFactory,
    deed: ActivationAction,
) -> None:
    public_id = stage.reach("invited")
    with database.transaction() as session:
        other = Office(name="Bureau Martin")
        session.add(other)
        session.flush()
        session.add(Accountant(office_id=other.id, email="marc@martin.example"))
    desk = sign_in(client, services, "marc@martin.example")
    token = token_in(desk.get("/portal/caro").text)
    before = history(database)

    fields = {"csrf_token": token, "seen": stage.follow(public_id).version_mark, "address": NEW_ADDRESS}
    path = f"/portal/requests/{public_id}/{deed}"

    assert desk.post(path, data=fields).status_code == 404
    assert desk.get(path).status_code == (404 if deed in WITH_PAGE else 405)
    assert desk.get("/portal/dossiers/1").status_code == 404
    assert history(database) == before


@pytest.mark.parametrize(
    ("deed", "seen"), [(ActivationAction.COPY, ""), (ActivationAction.RESEND, "of another time")]
)
def test_the_answer_to_a_form_can_be_left_for_another_language(
    desk: FlaskClient, stage: ActivationFactory, deed: ActivationAction, seen: str
) -> None:
    answer = post(desk, stage.reach("invited"), deed, seen)

    links = BeautifulSoup(answer.text, "html.parser").select(".languages a")

    assert [desk.get(str(link["href"])).status_code for link in links] == [200] * len(LANGUAGES)

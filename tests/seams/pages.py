"""The forms of all pages, by endpoint: each is sent as a browser sends it, by a reader of Dutch."""

from collections.abc import Callable
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.domain.message_rules import OfficeMessage
from app.queries.activation_view import read_activation
from app.services.invitations import ActivationAction
from tests.seams.seam_case import Act, Cases, Prepare
from tests.seams.seam_world import SeamWorld
from tests.seams.use_cases import mark_of
from tests.support.activation_factory import SIGNED
from tests.support.bulk_actions import bulk_url, hidden_fields, rows_of
from tests.support.cardholder import CARD, SHOWN, TICKED, CardholderClient
from tests.support.office import ACCOUNTANT
from tests.support.ordering import ACME, TYPED
from tests.support.portal import sign_in, token_in
from tests.trust.actors import DOMAIN

LANGUAGE = "nl"


def browser(world: SeamWorld) -> FlaskClient:
    client = world.app.test_client()
    client.set_cookie("language", LANGUAGE)
    return client


def form(world: SeamWorld, client: FlaskClient, path: str, fields: dict[str, Any]) -> Act:
    """Send a form with the cookies of now, however often: what an answer leaves is another browser's."""
    cookies = client.get(path).request.headers.get("Cookie", "")
    headers = {"Cookie": cookies, "Accept-Language": LANGUAGE}

    def send() -> TestResponse:
        return world.app.test_client(use_cookies=False).post(path, data=fields, headers=headers)

    return send


def _action(state: str, action: ActivationAction, path: str = "", **later: float) -> Prepare:
    """Do something with a request, as an accountant who has seen it."""

    def prepare(world: SeamWorld) -> Act:
        public_id = world.create(state)
        world.clock.advance(**later)
        client = sign_in(browser(world), world.services)
        fields = {
            "csrf_token": token_in(client.get(ACME).text),
            "seen": mark_of(world, public_id),
            "address": f"other@{DOMAIN}",
            "language": "de",
        }
        return form(world, client, f"/portal/requests/{public_id}/{path or action}", fields)

    return prepare


def _order(world: SeamWorld) -> Act:
    client = sign_in(browser(world), world.services)
    token = token_in(client.get(ACME).text)
    fields = {**TYPED, "address": f"holder@{DOMAIN}", "step": "order", "csrf_token": token}
    return form(world, client, ACME, fields)


def _bulk_address(world: SeamWorld, client: FlaskClient, action: ActivationAction) -> str:
    for _ in range(2):
        world.create("invited")
    return bulk_url(action, rows_of(client))


def _start_bulk(world: SeamWorld) -> Act:
    client = sign_in(browser(world), world.services)
    address = _bulk_address(world, client, ActivationAction.RESEND).replace("lang=en", f"lang={LANGUAGE}")
    return form(world, client, address, hidden_fields(client.get(address)))


def _confirm_bulk(world: SeamWorld) -> Act:
    client = sign_in(browser(world), world.services)
    address = _bulk_address(world, client, ActivationAction.CANCEL).replace("lang=en", f"lang={LANGUAGE}")
    started = client.post(address, data=hidden_fields(client.get(address)))
    return form(world, client, started.location, hidden_fields(client.get(started.location)))


def _ask_to_sign_in(world: SeamWorld) -> Act:
    client = browser(world)
    token = token_in(client.get("/portal/sign-in").text)
    return form(world, client, "/portal/sign-in", {"csrf_token": token, "email": ACCOUNTANT})


def _claim(world: SeamWorld) -> Act:
    client = browser(world)
    link = world.services.sign_in.create_sign_in_link(ACCOUNTANT) or ""
    path = link.removeprefix(world.services.settings.public_url)
    return form(world, client, path, {"csrf_token": token_in(client.get(path).text)})


def _sign_out(world: SeamWorld) -> Act:
    client = sign_in(browser(world), world.services)
    token = token_in(client.get(ACME).text)
    return form(world, client, "/portal/sign-in/leave", {"csrf_token": token})


def _holder(world: SeamWorld) -> CardholderClient:
    placed = world.services.orders.place_order(world.activations.orders())
    world.deliver_mails()
    holder = CardholderClient(world.app.test_client(), placed.link or "")
    holder.client.set_cookie("language", LANGUAGE)
    holder.open_link()
    return holder


def _step(holder: CardholderClient, world: SeamWorld, page: str, **fields: str) -> Act:
    sent = {"csrf_token": holder.token(), **fields}
    return form(world, holder.client, f"{holder.home}/{page}", sent)


def _accept(world: SeamWorld) -> Act:
    holder = _holder(world)
    return _step(holder, world, "welcome", **TICKED, **{name: holder.value(name) for name in SHOWN})


def _submit(world: SeamWorld) -> Act:
    holder = _holder(world)
    holder.accept()
    return _step(holder, world, "card", **CARD)


def _at_bank(act: Callable[[CardholderClient, SeamWorld], Act], *, decided: bool) -> Prepare:
    def prepare(world: SeamWorld) -> Act:
        holder = _holder(world)
        holder.accept()
        holder.type_card()
        if decided:
            world.bank.decides(SIGNED)
        return act(holder, world)

    return prepare


def _press(holder: CardholderClient, world: SeamWorld, button: str) -> Act:
    """Press a button of the page that says how it stands."""
    holder.visit("result")
    return _step(holder, world, button)


def _return(holder: CardholderClient, world: SeamWorld) -> Act:
    return form(
        world, holder.client, "/3ds/return", {"threeDSSessionData": holder.value("threeDSSessionData")}
    )


def _tell_office(world: SeamWorld) -> Act:
    public_id = world.create("expired")
    with world.database.read_connection() as connection:
        activation = read_activation(connection, public_id)
    assert activation
    signed = world.services.office_messages.sign_messages(activation, [OfficeMessage.NEW_LINK])
    client = browser(world)
    token = token_in(client.get("/portal/sign-in").text)
    return form(world, client, "/message", {"csrf_token": token, "message": signed[OfficeMessage.NEW_LINK]})


def _preview(scene: str, page: str = "") -> Prepare:
    """Press the button of a page that is only shown."""

    def prepare(world: SeamWorld) -> Act:
        client = sign_in(browser(world), world.services)
        start = f"/portal/preview/1/belfius/6123456789/{LANGUAGE}"
        shown = client.get(f"{start}/{scene}")
        found = next(
            one
            for one in BeautifulSoup(shown.text, "html.parser").select("form[method=post]")
            if str(one["action"]).endswith(page or scene.rpartition("/")[2])
        )
        fields = {
            str(one["name"]): str(one.get("value", "")) for one in found.select("input[name], button[name]")
        }
        return form(world, client, str(found["action"]), fields)

    return prepare


PAGES: Cases = {
    "auth.claim_sign_in_link": _claim,
    "auth.send_sign_in_link": _ask_to_sign_in,
    "auth.sign_out": _sign_out,
    "bulk.start_action": _start_bulk,
    "bulk.perform_action": _confirm_bulk,
    "dossiers.address": _action("at_bank", ActivationAction.ADDRESS),
    "dossiers.cancel": _action("at_bank", ActivationAction.CANCEL),
    "dossiers.copy": _action("invited", ActivationAction.COPY),
    "dossiers.language": _action("invited", ActivationAction.LANGUAGE),
    "dossiers.record_copy": _action("invited", ActivationAction.COPY, "copied"),
    "dossiers.relaunch": _action("cancelled", ActivationAction.RELAUNCH),
    "dossiers.remind": _action("invited", ActivationAction.REMIND, days=2),
    "dossiers.replace": _action("invited", ActivationAction.REPLACE, days=2),
    "dossiers.resend": _action("invited", ActivationAction.RESEND, days=2),
    "dossiers.revoke": _action("active", ActivationAction.REVOKE),
    "entry.receive_return": _at_bank(_return, decided=True),
    "office_messages.send_message": _tell_office,
    "orders.submit_order": _order,
    "preview.hand_over_to_bank": _preview("to-bank/bank", "signing"),
    "preview.send_message": _preview("link-expired/welcome", "message"),
    "preview.wizard.accept_terms": _preview("welcome/welcome"),
    "preview.wizard.check_result": _preview("pending/result", "check"),
    "preview.wizard.start_over": _preview("pending/result", "start-over"),
    "preview.wizard.submit_card": _preview("card/card"),
    "wizard.accept_terms": _accept,
    "wizard.check_result": _at_bank(lambda holder, world: _press(holder, world, "check"), decided=True),
    "wizard.start_over": _at_bank(lambda holder, world: _press(holder, world, "start-over"), decided=False),
    "wizard.submit_card": _submit,
}

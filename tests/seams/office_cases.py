"""What an office does with its people, its settings and its files: the use cases, and the forms for them."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.domain.news_rules import NewsChoice
from app.domain.roles import Role
from app.services.offices import OfficeSettings
from app.services.order_file import OrderColumn
from app.services.sign_in import SignedInAccountant
from app.web.extensions import Services
from tests.seams.pages import LANGUAGE, browser, form
from tests.seams.seam_case import Act, Cases, Prepare
from tests.seams.seam_world import SeamWorld
from tests.seams.use_cases import visitor_of
from tests.support.office_files import ROW, csv_file, send_file
from tests.support.ordering import add_colleague
from tests.support.portal import sign_in, token_in
from tests.trust.actors import DOMAIN

_LEA, _BOB, _NAME = "lea@office.example", "bob@office.example", "Léa Renard"
_HEADINGS = ("Code", "Banque", "Référence client", "E-mail", "Langue", "IBAN")
_ORDERS = csv_file(("ACME", "Belfius", "6123 456 789", f"holder@{DOMAIN}", "nl", ""), headings=_HEADINGS)
_DOSSIERS = csv_file(ROW)
_MORE = timedelta(days=2)


def _as(
    act: Callable[[Services, SignedInAccountant], object], *before: Callable[[SeamWorld], object]
) -> Prepare:
    """Do something as the accountant who is signed in."""

    def prepare(world: SeamWorld) -> Act:
        _secret, who = visitor_of(world)
        for step in before:
            step(world)
        found = world.services.for_office(who.office_id)
        return lambda: act(found, who)

    return prepare


def _with_colleague(world: SeamWorld) -> None:
    add_colleague(world.database, _BOB)


def _bob(found: Services) -> int:
    return next(one.id for one in found.colleagues.list_colleagues() if one.email == _BOB)


def _invite(world: SeamWorld) -> str:
    _secret, who = visitor_of(world)
    colleagues = world.services.for_office(who.office_id).colleagues
    colleagues.invite_colleague(_LEA, _NAME, Role.READER, who)
    world.deliver_mails()
    return colleagues.list_invitations()[0].public_id


def _withdraw(world: SeamWorld) -> Act:
    public_id, (_secret, who) = _invite(world), visitor_of(world)
    return lambda: world.services.colleagues.withdraw_invitation(public_id, who)


def _accept(world: SeamWorld) -> Act:
    link = world.services.context.tokens.invitation_url(_invite(world))
    return lambda: world.services.colleagues.accept_invitation(link.rpartition("/")[2])


def _disable(world: SeamWorld) -> None:
    add_colleague(world.database, _BOB)
    world.services.sign_in.disable_accountant(_BOB)


def keep_orders(world: SeamWorld) -> tuple[Services, SignedInAccountant, str]:
    """Hand a file of orders in; return whose it is and what it is called."""
    _secret, who = visitor_of(world)
    found = world.services.for_office(who.office_id)
    return found, who, found.bulk_orders.keep_file(_ORDERS, who, "fr")


def _correct_orders(world: SeamWorld) -> Act:
    found, _who, public_id = keep_orders(world)
    corrections = {1: {OrderColumn.LANGUAGE: "de"}}
    return lambda: found.bulk_orders.correct_rows(public_id, corrections, {}, ())


def _confirm_orders(world: SeamWorld) -> Act:
    found, who, public_id = keep_orders(world)
    order = found.bulk_orders.read_order(public_id)
    assert order
    return lambda: found.bulk_orders.confirm_order(public_id, who, order.mark)


def forget_orders(world: SeamWorld) -> Act:
    found, _who, _public_id = keep_orders(world)
    world.clock.now += _MORE
    return found.bulk_orders.forget_old_rows


def prepare_digest(world: SeamWorld) -> Services:
    """Have something happen that is told of at the end of a day, which is over."""
    _secret, who = visitor_of(world)
    found = world.services.for_office(who.office_id)
    found.news.choose(who.accountant_id, NewsChoice.DAILY)
    world.create("active")
    world.clock.now += _MORE
    return found


def _import_dossiers(world: SeamWorld) -> Act:
    _secret, who = visitor_of(world)
    uploads = world.services.for_office(who.office_id).dossier_uploads
    public_id = uploads.keep_file(_DOSSIERS, who)
    return lambda: uploads.import_upload(public_id, who, with_doubtful=False)


OFFICE_USE_CASES: Cases = {
    "colleagues.invite_colleague": _as(
        lambda found, who: found.colleagues.invite_colleague(_LEA, _NAME, Role.READER, who)
    ),
    "colleagues.withdraw_invitation": _withdraw,
    "colleagues.accept_invitation": _accept,
    "colleagues.change_role": _as(
        lambda found, who: found.colleagues.change_role(_bob(found), Role.READER, who), _with_colleague
    ),
    "colleagues.disable_colleague": _as(
        lambda found, who: found.colleagues.disable_colleague(_bob(found), who), _with_colleague
    ),
    "colleagues.enable_colleague": _as(
        lambda found, who: found.colleagues.enable_colleague(_bob(found), who), _disable
    ),
    "offices.change_settings": _as(
        lambda found, who: found.offices.change_settings(
            OfficeSettings("02 123 45 67", "nl", news_for_all=True), who.actor
        )
    ),
    "news.choose": _as(lambda found, who: found.news.choose(who.accountant_id, NewsChoice.DAILY, "nl")),
    "news.queue_due_digests": lambda world: prepare_digest(world).news.queue_due_digests,
    "news.queue_digests_now": lambda world: prepare_digest(world).news.queue_digests_now,
    "sign_in.end_other_sessions": _as(lambda found, who: found.sign_in.end_other_sessions(who), visitor_of),
    "bulk_orders.keep_file": _as(lambda found, who: found.bulk_orders.keep_file(_ORDERS, who, "fr")),
    "bulk_orders.correct_rows": _correct_orders,
    "bulk_orders.confirm_order": _confirm_orders,
    "bulk_orders.forget_old_rows": forget_orders,
    "dossier_uploads.keep_file": _as(lambda found, who: found.dossier_uploads.keep_file(_DOSSIERS, who)),
    "dossier_uploads.import_upload": _import_dossiers,
}


def _press(path: Callable[[SeamWorld], str], page: str = "/portal/people", **fields: str) -> Prepare:
    """Press a button of a page that the signed-in accountant has open."""

    def prepare(world: SeamWorld) -> Act:
        at = path(world)
        client = sign_in(browser(world), world.services)
        token = token_in(client.get(page).text)
        return form(world, client, at, {"csrf_token": token, **fields})

    return prepare


def _at_bob(button: str, *, disabled: bool = False) -> Callable[[SeamWorld], str]:
    def path(world: SeamWorld) -> str:
        (_disable if disabled else _with_colleague)(world)
        return f"/portal/people/{_bob(world.services)}/{button}"

    return path


def _other_session(world: SeamWorld) -> str:
    _secret, who = visitor_of(world)
    return f"/portal/account/sessions/{who.session_id}/end"


def _all_other_sessions(world: SeamWorld) -> str:
    visitor_of(world)
    return "/portal/account/sessions/end"


def _choose_by_mail(world: SeamWorld) -> Act:
    _secret, who = visitor_of(world)
    client, context = browser(world), world.services.context
    path = context.tokens.news_url(who.accountant_id).removeprefix(world.services.settings.public_url)
    fields = {"csrf_token": token_in(client.get(path).text), "news": NewsChoice.EACH}
    return form(world, client, path, fields)


def _upload(page: str, action: str, raw: bytes) -> Prepare:
    def prepare(world: SeamWorld) -> Act:
        client = sign_in(browser(world), world.services)
        shown = client.get(page)
        file = FileStorage(BytesIO(raw), "file.csv")
        boundary, body = encode_multipart({"csrf_token": token_in(shown.text), "file": file})
        kind = f"multipart/form-data; boundary={boundary}"
        headers = {"Cookie": shown.request.headers["Cookie"], "Accept-Language": LANGUAGE}

        def send() -> TestResponse:
            again = world.app.test_client(use_cookies=False)
            return again.post(action, data=body, content_type=kind, headers=headers)

        return send

    return prepare


def _look_at(page: str, action: str, raw: bytes, **fields: str) -> Prepare:
    """Press the button of the page that shows what a file would do."""

    def prepare(world: SeamWorld) -> Act:
        client = sign_in(browser(world), world.services)
        address = send_file(client, page, action, raw).location
        return form(world, client, address, {**_hidden(client, address), **fields})

    return prepare


def _hidden(client: FlaskClient, address: str) -> dict[str, str]:
    last = BeautifulSoup(client.get(address).text, "html.parser").select("main form[method=post]")[-1]
    return {str(field["name"]): str(field["value"]) for field in last.select("input[type=hidden]")}


_ORDER_FILE = ("/portal/caro/orders", "/portal/upload/orders", _ORDERS)
_DOSSIER_FILE = ("/portal/caro/dossiers", "/portal/upload/dossiers", _DOSSIERS)

_SETTINGS = {"telephone": "02 123 45 67", "language": "nl", "news_for": "everybody"}

OFFICE_PAGES: Cases = {
    "account.end_other_sessions": _press(_all_other_sessions, "/portal/account"),
    "account.end_session": _press(_other_session, "/portal/account"),
    "account.save_settings": _press(
        lambda world: "/portal/office",
        "/portal/office",
        telephone="02 123 45 67",
        language="nl",
        news_for="everybody",
    ),
    "account.save_news": _press(
        lambda world: "/portal/account/news", "/portal/account", news=NewsChoice.EACH, language="nl"
    ),
    "news.save_choice": _choose_by_mail,
    "people.invite_colleague": _press(
        lambda world: "/portal/people", email=_LEA, name=_NAME, role=Role.READER
    ),
    "people.withdraw_invitation": _press(
        lambda world: f"/portal/people/invitations/{_invite(world)}/withdraw"
    ),
    "people.change_role": _press(_at_bob("role"), role=Role.READER),
    "people.disable_colleague": _press(_at_bob("disable")),
    "people.enable_colleague": _press(_at_bob("enable", disabled=True)),
    "bulk_orders.upload_file": _upload(*_ORDER_FILE),
    "bulk_orders.change_order": _look_at(*_ORDER_FILE, step="order"),
    "dossier_import.upload_file": _upload(*_DOSSIER_FILE),
    "dossier_import.import_upload": _look_at(*_DOSSIER_FILE),
}

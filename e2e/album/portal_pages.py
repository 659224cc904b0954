"""The accountant's pages in every state: lists, dossiers, orders, and what stands in the way."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload, Page

from app.domain.message_rules import OfficeMessage
from app.domain.roles import Role
from app.domain.states import StatusLabel
from app.models import Accountant, Dossier, Office
from app.services.invitations import ActivationAction
from e2e.album.album_server import AlbumServer
from e2e.album.wizard import press, send, unfold
from tests.support.activation_factory import ACTIVATION_STATES
from tests.support.cardholder_steps import tell_office
from tests.support.office import ACCOUNTANT, ADDRESS, ANNE
from tests.support.office_files import csv_file

NEWCOMER = "zoe@nouveau.example"
#: Enough for a second page of rows.
MANY = 120
DOSSIER, CLOSED = 1, 2
REFERENCE = "6199999999"


def portal_pages(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Walk through the portal as it is for one office, from its door to its last page."""
    yield from _door(page, studio)
    yield from _newcomer(page, studio)
    sign_in(page, studio, ACCOUNTANT)
    yield from _dossiers(page, studio)
    yield from _actions(page, studio)
    yield from _many(page, studio)
    yield from _files(page, studio)
    yield from _meanwhile(page, studio)
    yield from _ordering(page, studio)
    yield from _reading(page, studio)
    yield from _colleague(page, studio)


def sign_in(page: Page, studio: AlbumServer, email: str) -> str:
    """Use a fresh one-time link, and return it."""
    link = studio.services.sign_in.create_sign_in_link(email)
    assert link is not None
    page.goto(link)
    press(page, "main form button")
    return link


def _door(page: Page, studio: AlbumServer) -> Iterator[str]:
    page.goto(studio.at("/portal/sign-in"))
    yield "sign in"
    page.locator("[name=email]").fill("anne@")
    send(page, "sign-in")
    yield "sign in with an error"
    page.locator("[name=email]").fill(ACCOUNTANT)
    send(page, "sign-in")
    yield "link sent"
    link = studio.services.sign_in.create_sign_in_link(ACCOUNTANT)
    assert link is not None
    page.goto(link)
    yield "link to sign in"
    press(page, "main form button")
    # Whoever is still signed in is led on.
    studio.clock.advance(minutes=31)
    page.goto(link)
    yield "used link"
    page.goto(studio.at("/portal/caro"))
    yield "sign in, the session has ended"


def _newcomer(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Look around in an office that has nothing, then in one that has much."""
    with studio.services.database.transaction() as session:
        office = Office(name="Bureau Nouveau")
        session.add(office)
        session.flush()
        session.add(Accountant(office_id=office.id, email=NEWCOMER, language="fr"))
        number = office.id
    sign_in(page, studio, NEWCOMER)
    yield "list without a dossier"
    page.goto(studio.at(f"/portal/caro?state={StatusLabel.ACTIVE}"))
    yield "list, no row in this state"
    page.goto(studio.at("/portal/preview"))
    yield "preview without a dossier"
    with studio.services.database.transaction() as session:
        session.add_all(
            Dossier(office_id=number, code=f"D{one:03d}", name=f"Dossier {one}") for one in range(MANY)
        )
    page.goto(studio.at("/portal/caro"))
    yield "list of many dossiers"
    page.goto(studio.at("/portal/caro?q=dossier"))
    yield "list, a page of what was found"


def _dossiers(page: Page, studio: AlbumServer) -> Iterator[str]:
    yield "list without a request"
    page.goto(studio.at("/portal/caro?q=nothing+begins+like+this"))
    yield "list, nothing found"
    page.goto(studio.at(f"/portal/dossiers/{DOSSIER}"))
    yield "dossier without a request"
    page.goto(studio.at(f"/portal/dossiers/{CLOSED}"))
    yield "dossier without a mandate"
    for name in ACTIVATION_STATES:
        studio.bank.answer = None
        studio.activation_factory.create(name)
    studio.bank.answer = None
    tell_office(studio.services, studio.activation_factory.create_invited(), OfficeMessage.UNEXPECTED)
    sign_in(page, studio, ACCOUNTANT)
    yield "list with every state"
    page.goto(studio.at("/portal/caro?q=acme"))
    yield "list, something found"
    unfold(page)
    yield "list, something found, unfolded"
    page.goto(studio.at("/portal/caro?state=lost&problem=pin&sort=-date"))
    yield "list, filters that nothing meets, one of them unknown"
    page.goto(studio.at(f"/portal/dossiers/{DOSSIER}"))
    yield "dossier with every state"
    unfold(page)
    yield "dossier with every state, unfolded"


def _actions(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Ask for each action, and answer with a slip where something is to be typed."""
    services, activation_factory = studio.services, studio.activation_factory
    gone = activation_factory.create_invited()
    services.invitations.cancel_activation(gone, "studio")
    for action, public_id in (
        ("address", activation_factory.create_invited()),
        ("replace", activation_factory.create_invited()),
        ("cancel", activation_factory.create_invited()),
        ("revoke", activation_factory.create_active()),
        ("relaunch", gone),
    ):
        page.goto(studio.at(f"/portal/requests/{public_id}/{action}"))
        yield f"{action} a request"
        if page.locator("[name=address]").count():
            page.locator("[name=address]").fill("titulaire@")
            send(page, action)
            yield f"{action} a request, with an error"
    page.goto(studio.at(f"/portal/requests/{activation_factory.create_invited()}/copy"))
    yield "copied link"
    page.goto(studio.at(f"/portal/dossiers/{DOSSIER}"))
    send(page, "resend")
    yield "dossier, sent again"


def _many(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Select everything of the list, and do one thing with it."""
    listed = studio.at("/portal/caro")
    for action in (ActivationAction.LANGUAGE, ActivationAction.CANCEL):
        page.goto(listed)
        for box in page.locator("[name=row]").all():
            box.check()
        if action is ActivationAction.LANGUAGE:
            yield "list, everything selected"
        page.locator("#action").select_option(action)
        press(page, ".bulk button")
        yield f"{action} many requests"
    press(page, "main form button")
    yield "many requests, the last look"
    press(page, "main form button")
    yield "many requests, cancelled"
    page.goto(studio.at("/portal/history"))
    yield "exports and actions"
    page.goto(studio.at("/portal/caro/bulk?action=resend"))
    yield "list, nothing was selected"


_DOSSIERS = csv_file(
    ("NEW", "Café Noël SRL", "Belfius", "BE46063000000136", "actif"),
    ("ACME", "Acme NV", "KBC", "BE78735000000186", "archivé"),
    ("NEW2", "Garage Sud", "Belfius", "BE71096123456769", "actif"),
)
_ORDERS = csv_file(
    ("ACME", "Belfius", "6777000001", "jean@client.example", "nl"),
    ("ACME", "Belfius", "6777000002", "an@client.example", "fr"),
    ("ACME", "Belfius", "612", "pierre@client,example", "klingon"),
    ("NOBODY", "Belfius", "6777000003", "z@client.example", "fr"),
    headings=("Code", "Banque", "Référence client", "E-mail", "Langue"),
)


def _files(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Hand in files: dossiers to import, and an order for many."""
    for name, path, raw, bad in (
        ("import dossiers", "/portal/caro/dossiers", _DOSSIERS, b"x;y"),
        ("order for many", "/portal/caro/orders", _ORDERS, _ORDERS.replace(b"612", b"4111111111111111")),
    ):
        page.goto(studio.at(path))
        yield f"{name}, the form"
        for content, state in ((bad, "a file with faults"), (raw, "what the file holds")):
            file = FilePayload(name="file.csv", mimeType="text/csv", buffer=content)
            page.locator("[name=file]").set_input_files(file)
            press(page, "main form button")
            yield f"{name}, {state}"
    page.reload()
    unfold(page)
    yield "order for many, everything unfolded"
    order_id, orders = page.url.rpartition("/")[2], studio.services.for_office(ANNE.office_id).bulk_orders
    seen = orders.read_order(order_id)
    assert seen
    orders.confirm_order(order_id, ANNE, seen.mark)
    page.reload()
    yield "order for many, in progress"
    studio.services.bulk_actions.continue_actions()
    page.reload()
    yield "order for many, ordered"


def _meanwhile(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Press a button of a page that has grown old."""
    actions: tuple[tuple[str, Callable[[str], object]], ...] = (
        (
            "the request has changed",
            lambda public_id: studio.services.invitations.replace_link(public_id, "studio"),
        ),
        (
            "the request has ended",
            lambda public_id: studio.services.invitations.cancel_activation(public_id, "studio"),
        ),
    )
    for name, happens in actions:
        public_id = studio.activation_factory.create_invited()
        page.goto(studio.at(f"/portal/requests/{public_id}/replace"))
        happens(public_id)
        send(page, "replace")
        yield f"replace a request, {name} meanwhile"


def _ordering(page: Page, studio: AlbumServer) -> Iterator[str]:
    order = studio.at(f"/portal/dossiers/{DOSSIER}/order")
    page.goto(studio.at(f"/portal/dossiers/{CLOSED}/order"))
    yield "nothing to order"
    page.goto(order)
    yield "order, the bank"
    page.goto(f"{order}?bank=crelan")
    yield "order, a bank that is not offered"
    for bank in ("kbc", "belfius"):
        page.goto(f"{order}?bank={bank}")
        yield f"order at {bank}"
        _step(page, "review")
        yield f"order at {bank}, with errors"
    page.locator("[name=client_reference]").fill(REFERENCE)
    page.locator("[name=address]").fill(ADDRESS)
    _step(page, "review")
    yield "order, the last look"
    unfold(page)
    yield "order, the last look, unfolded"
    _step(page, "order")
    yield "dossier, ordered"
    page.goto(f"{order}?bank=belfius")
    page.locator("[name=client_reference]").fill(REFERENCE)
    page.locator("[name=address]").fill("other@client.example")
    _step(page, "review")
    yield "order, there is one already"


def _reading(page: Page, studio: AlbumServer) -> Iterator[str]:
    announcement = f"/portal/dossiers/{DOSSIER}/announcement"
    for name, path in (
        ("announcement", announcement),
        ("announcement with errors", f"{announcement}?client_reference=12"),
        ("announcement that is filled in", f"{announcement}?bank=belfius&client_reference={REFERENCE}"),
        ("announcement, nothing to order", f"/portal/dossiers/{CLOSED}/announcement"),
        ("colleagues", "/portal/people"),
        ("one's own account", "/portal/account"),
        ("settings of the office", "/portal/office"),
        ("choice of mails", urlsplit(studio.services.context.tokens.news_url(1)).path),
        ("toolkit", "/portal/toolkit"),
        ("gallery", "/portal/gallery"),
        ("preview with errors", "/portal/preview?reference=1&dossier=nothing&bank=no"),
    ):
        page.goto(studio.at(path))
        yield name
        if page.locator("details").count():
            unfold(page)
            yield f"{name}, unfolded"


def _colleague(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Come in by an invitation, and ask for what the role does not allow."""
    colleagues = studio.services.for_office(ANNE.office_id).colleagues
    colleagues.invite_colleague("lea@dupont.example", "Léa Renard", Role.READER, ANNE)
    (invitation,) = colleagues.list_invitations()
    page.goto(studio.services.context.tokens.invitation_url(invitation.public_id))
    yield "invitation of a colleague"
    press(page, "main form button")
    page.goto(studio.at("/portal/caro/orders"))
    yield "the role does not allow this"


def previews(page: Page, studio: AlbumServer, language: str) -> Iterator[str]:
    """Look at every page and mail of the preview, at a bank with a link and at one with an app."""
    sign_in(page, studio, ACCOUNTANT)
    for bank in ("belfius", "kbc"):
        page.goto(studio.at(f"/portal/preview?bank={bank}&language={language}"))
        yield f"preview, at {bank}"
        links = page.locator("main section a").all()
        for address in [link.get_attribute("href") or "" for link in links]:
            page.goto(studio.at(address))
            yield f"preview of {address.partition(f'/{language}/')[2]}, at {bank}"


def _step(page: Page, step: str) -> None:
    press(page, f"main button[name=step][value={step}]")

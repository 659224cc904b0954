"""Links that do not open, pages that belong to no door, and everything that can go wrong with a request."""

from collections.abc import Iterator

from playwright.sync_api import Page

from app.domain.banks import APP_BANKS
from app.domain.message_rules import OfficeMessage
from app.domain.states import LinkCondition
from app.domain.terms import FIRST_VERSION, NEWEST_VERSION
from app.tokens import LinkClaims
from app.web.errors import PAGES
from e2e.album.album_server import REFUSES, AlbumServer
from e2e.album.wizard import press, send

#: Where nobody lives: a page there is made up by the browser that opens it.
ELSEWHERE = "http://elsewhere.example/"
#: More than any form of ours takes.
TOO_MUCH = 20_000


def site(page: Page, studio: AlbumServer, language: str) -> Iterator[str]:
    """Walk through the public pages."""
    page.goto(studio.at("/"))
    yield "home"
    page.goto(studio.at("/how-to-activate"))
    yield "banks with an app"
    for bank in APP_BANKS:
        page.goto(studio.at(f"/how-to-activate/{bank}"))
        yield f"how to activate at {bank}"
    page.goto(studio.at(f"/terms/{NEWEST_VERSION}/{language}"))
    yield "conditions"
    page.goto(studio.at(f"/terms/{FIRST_VERSION}/{language}"))
    yield "conditions of before"


def links(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Open a link in each condition; the locked card page belongs to the wizard's walk."""
    for condition, address in _links(studio).items():
        page.goto(address)
        yield f"link {condition}"
    yield from _messages(page, studio)


def _messages(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Tell the office something by each button, once more, and from a page that has grown old."""
    link = _minted(studio, studio.activation_factory.create_expired())
    for number, message in enumerate(OfficeMessage):
        page.goto(link)
        press(page, f"button[name=message] >> nth={number}")
        yield f"message sent, {message}"
    page.goto(link)
    press(page, "button[name=message]")
    yield "message sent already"
    page.goto(link)
    studio.clock.advance(hours=1)
    press(page, "button[name=message]")
    yield "message from an old page"


def _links(studio: AlbumServer) -> dict[LinkCondition, str]:
    activation_factory, services = studio.activation_factory, studio.services
    replaced = activation_factory.create_invited()
    old = studio.link(replaced)
    services.invitations.replace_link(replaced, "studio")
    return {
        LinkCondition.ALTERED: studio.at("/a/nothing"),
        LinkCondition.UNKNOWN: services.context.tokens.activation_url(
            LinkClaims(activation_factory.create_at_kbc(), 1)
        ),
        LinkCondition.MISSING: studio.at(f"/activation/{activation_factory.create_invited()}/card"),
        LinkCondition.ACTIVE: _minted(studio, activation_factory.create_active()),
        LinkCondition.WITHDRAWN: _minted(studio, activation_factory.create_cancelled()),
        LinkCondition.STOPPED: _minted(studio, activation_factory.create_revoked()),
        LinkCondition.REPLACED: old,
        LinkCondition.EXPIRED: _minted(studio, activation_factory.create_expired()),
    }


def _minted(studio: AlbumServer, public_id: str) -> str:
    return studio.services.context.tokens.activation_url(LinkClaims(public_id, 1))


def errors(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Meet every status, under either roof."""
    for roof in ("", "/portal"):
        for status in PAGES:
            page.goto(studio.at(f"{roof}/{REFUSES}/{status}"))
            yield f"error {status}{' in the portal' if roof else ''}"


def real_errors(page: Page, studio: AlbumServer) -> Iterator[str]:
    """Do what people do: come too late, type too much, send a form that is none of ours."""
    page.goto(studio.link(studio.activation_factory.create_invited()))
    home = page.url.rpartition("/")[0]
    page.goto(f"{home}/check")
    yield "a form's address, opened by hand"
    page.goto(f"{home}/welcome")
    page.locator("[name=terms_version]").evaluate(f"field => {{ field.value = 'x'.repeat({TOO_MUCH}) }}")
    send(page, "welcome")
    yield "too much was sent"
    page.goto(f"{home}/welcome")
    page.locator("main [name=csrf_token]").first.evaluate("field => { field.value = 'old' }")
    send(page, "welcome")
    yield "the page was open too long"
    _open_foreign_form(page, f"{home}/welcome")
    press(page, "button")
    yield "a form of another website"


def _open_foreign_form(page: Page, action: str) -> None:
    """Open a page of another website that has a form which leads to us."""
    form = f'<!doctype html><form method="post" action="{action}"><button>Go</button></form>'
    page.route(ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto(ELSEWHERE)

"""Walk through the whole album in one language, and stop at each page."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page

from app.i18n import LANGUAGE_TABLE
from app.web.routes import SKINS
from e2e.album.album_server import AlbumServer, open_studio
from e2e.album.bank import bank, open_bank
from e2e.album.closed import errors, links, real_errors, site
from e2e.album.portal_pages import portal_pages, previews
from e2e.album.testers import testers
from e2e.album.wizard import without_script_of_ours, wizard
from e2e.mail_gallery import every_mail
from e2e.own_server import own_server


class AlbumSection(StrEnum):
    """Whose page it is."""

    CARDHOLDER = "cardholder"
    ERROR = "error"
    BANK = "bank"
    PORTAL = "portal"
    PREVIEW = "preview"
    TESTERS = "testers"
    DESIGN = "design"
    MAIL = "mail"


@dataclass(frozen=True)
class AlbumPage:
    """One page in one state, as it stands in the browser at this moment."""

    door: AlbumSection
    name: str
    page: Page

    @property
    def html(self) -> str:
        """The page as the browser has it."""
        return self.page.content()


@dataclass(frozen=True)
class Album:
    """The browser in which the pages are shown, and the folder for what the servers write."""

    browser: Browser
    language: str
    folder: Path
    looks: Mapping[str, Any]
    watch: Callable[[Page], object]

    def stops(self, doors: frozenset[AlbumSection] = frozenset(AlbumSection)) -> Iterator[AlbumPage]:
        """Walk through these doors and stop at each page."""
        for door in AlbumSection:
            if door in doors:
                for name, page in _WALKS[door](self):
                    yield AlbumPage(door, name, page)

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Open a browser of somebody who speaks this language, with nothing remembered."""
        # A browser says where it is from; the bank speaks its language.
        locale = LANGUAGE_TABLE[self.language].locale.replace("_", "-")
        with self.browser.new_context(**self.looks, locale=locale) as context:
            page = context.new_page()
            self.watch(page)
            yield page

    @contextmanager
    def studio(self) -> Iterator[AlbumServer]:
        """Open a studio of its own."""
        with TemporaryDirectory(dir=self.folder) as folder, open_studio(Path(folder)) as studio:
            yield studio

    @contextmanager
    def visit(self) -> Iterator[tuple[Page, AlbumServer]]:
        """Open a studio, and a browser that has chosen the language there."""
        with self.studio() as studio, self.page() as page:
            page.goto(studio.at(f"/?lang={self.language}"))
            yield page, studio


def _unwatched(_page: Page) -> None:
    """Look at nothing that a page does."""


def open_album(
    browser: Browser, language: str, folder: Path, watch: Callable[[Page], object] = _unwatched, **looks: Any
) -> Album:
    """Return the album in a language; a look is what a browser's context takes."""
    return Album(browser, language, folder, looks, watch)


def _cardholder(album: Album) -> Iterator[tuple[str, Page]]:
    with album.visit() as (page, studio), album.page() as stilled:
        without_script_of_ours([stilled])
        stilled.goto(studio.at(f"/?lang={album.language}"))
        for name in site(page, studio, album.language):
            yield name, page
        yield from wizard(page, stilled, studio)
        for name in links(page, studio):
            yield name, page


def _error(album: Album) -> Iterator[tuple[str, Page]]:
    with album.visit() as (page, studio):
        for walk in (errors, real_errors):
            for name in walk(page, studio):
                yield name, page


def _portal(album: Album) -> Iterator[tuple[str, Page]]:
    with album.visit() as (page, studio):
        for name in portal_pages(page, studio):
            yield name, page


def _preview(album: Album) -> Iterator[tuple[str, Page]]:
    with album.visit() as (page, studio):
        for name in previews(page, studio, album.language):
            yield name, page


def _bank(album: Album) -> Iterator[tuple[str, Page]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=album.folder)))
        opened = stack.enter_context(open_bank(folder, album.language))
        page = stack.enter_context(album.page())
        without_script_of_ours([page])
        for name in bank(page, opened):
            yield name, page


def _testers(album: Album) -> Iterator[tuple[str, Page]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(dir=album.folder)))
        own = stack.enter_context(own_server(folder, log_level="CRITICAL"))
        page = stack.enter_context(album.page())
        page.goto(f"{own.product_url}/?lang={album.language}")
        for name in testers(page, own):
            yield name, page


def _design(album: Album) -> Iterator[tuple[str, Page]]:
    with album.visit() as (page, studio):
        for skin in SKINS:
            page.goto(studio.at(f"/design/{skin}"))
            yield f"components, {skin}", page


def _mail(album: Album) -> Iterator[tuple[str, Page]]:
    with album.page() as page:
        for name, html in every_mail(album.language):
            page.set_content(html)
            yield name, page


_WALKS = {
    AlbumSection.CARDHOLDER: _cardholder,
    AlbumSection.ERROR: _error,
    AlbumSection.BANK: _bank,
    AlbumSection.PORTAL: _portal,
    AlbumSection.PREVIEW: _preview,
    AlbumSection.TESTERS: _testers,
    AlbumSection.DESIGN: _design,
    AlbumSection.MAIL: _mail,
}

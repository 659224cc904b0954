"""Draw every page in every state, at each width, by day and by night, side by side on one sheet."""

import argparse
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from html import escape
from itertools import groupby, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import sync_playwright

from app.i18n import LANGUAGES
from e2e.album import AlbumPage, AlbumSection, open_album
from e2e.album.browsers import launch

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 390, 768, 1280)
#: As high as a phone; what does not fit is drawn too.
HEIGHT = 844

_SHEET = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>
body {{ margin: 16px; font: 14px system-ui, sans-serif; background: #e8ecef; color: #14323a; }}
section {{ margin-block: 24px; }} h2 {{ position: sticky; top: 0; padding: 4px; background: #e8ecef; }}
div {{ display: flex; gap: 12px; align-items: start; overflow-x: auto; }}
figure {{ margin: 0; flex: none; }} figcaption {{ font-size: 12px; }}
img {{ display: block; max-width: 640px; height: auto; border: 1px solid #9aa7ad; }}
</style><h1>{title}</h1>{body}</html>"""


@dataclass(frozen=True)
class Picture:
    """One page in one state, as one screen shows it."""

    language: str
    door: AlbumSection
    name: str
    width: int
    scheme: Scheme

    @property
    def file(self) -> str:
        """Where it lies."""
        slug = re.sub(r"[^a-z0-9_]+", "-", self.name.lower()).strip("-")
        return f"{self.language}/{self.door}/{slug}-{self.width}-{self.scheme}.png"


@dataclass(frozen=True)
class ScreenshotRequest:
    """What is to be drawn."""

    doors: frozenset[AlbumSection]
    widths: Sequence[int]
    only: str

    def has(self, stop: AlbumPage) -> bool:
        """Tell whether this page is to be drawn."""
        return self.only.casefold() in stop.name.casefold()


def draw(folder: Path, language: str, wanted: ScreenshotRequest) -> Sequence[Picture]:
    """Draw the pages in one language."""
    with TemporaryDirectory() as servers, sync_playwright() as driver:
        browser = launch(driver)
        album = open_album(browser, language, Path(servers), viewport={"width": 390, "height": HEIGHT})
        stops = (stop for stop in album.stops(wanted.doors) if wanted.has(stop))
        pictures = [picture for stop in stops for picture in _take(folder, language, stop, wanted.widths)]
        browser.close()
        return pictures


def _take(folder: Path, language: str, stop: AlbumPage, widths: Sequence[int]) -> Iterator[Picture]:
    for width, scheme in product(widths, SCHEMES):
        picture = Picture(language, stop.door, stop.name, width, scheme)
        stop.page.set_viewport_size({"width": width, "height": HEIGHT})
        stop.page.emulate_media(color_scheme=scheme)
        stop.page.screenshot(path=folder / picture.file, full_page=True)
        yield picture
    stop.page.emulate_media(color_scheme="light")


def sheet(pictures: Sequence[Picture]) -> str:
    """Return a page that shows the pictures of each state side by side."""
    rows = groupby(pictures, key=lambda one: (one.language, one.door, one.name))
    body = "".join(
        f"<section><h2>{escape(' · '.join(key))}</h2><div>{''.join(map(_figure, row))}</div></section>"
        for key, row in rows
    )
    return _SHEET.format(title="Every page in every state", body=body)


def _figure(picture: Picture) -> str:
    image = f'<img loading="lazy" alt="" src="{picture.file}" width="{picture.width}">'
    caption = f"{picture.width} px, {picture.scheme}"
    return f'<figure><figcaption>{caption}</figcaption><a href="{picture.file}">{image}</a></figure>'


def main() -> None:
    """Draw French and German, the languages with the longest words, unless told otherwise."""
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=["fr", "de"])
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    parser.add_argument(
        "--doors", nargs="+", type=AlbumSection, choices=[*AlbumSection], default=[*AlbumSection]
    )
    parser.add_argument("--only", default="", help="pages whose names have these words in them")
    options = parser.parse_args()
    wanted = ScreenshotRequest(frozenset(options.doors), options.widths, options.only)
    with ProcessPoolExecutor(max_workers=2) as pool:
        walks = [pool.submit(draw, options.folder, language, wanted) for language in options.languages]
        pictures = [picture for walk in walks for picture in walk.result()]
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "index.html").write_text(sheet(pictures))
    print(f"{len(pictures)} pictures; look at {options.folder / 'index.html'}")


if __name__ == "__main__":
    main()

"""Draw the walk on a phone: the README's picture, or with a folder the walk in every engine that is here."""

import sys
from base64 import b64encode
from collections.abc import Iterator
from itertools import product as combined
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from app.simulation.scenarios import SCENARIOS
from e2e.browser import is_here, launch_args
from e2e.devices import PHONE, context_args
from e2e.engines import COLOURS, EnginePhone, open_phone
from e2e.pages import CardPage, FailurePage, SigningPage, SuccessPage, WelcomePage
from e2e.product import PlacedActivation, Product, own_product
from e2e.walks import GOOD_CARD, to_card

_SHEET = """<!doctype html><html lang="en"><title>Walk</title><style>
body {{ margin: 0; padding: 24px; display: inline-flex; gap: 24px; align-items: start; background: #dfe7e6; }}
img {{ width: {width}px; border: 6px solid #14323a; border-radius: 26px; }}
</style>{pictures}"""
LANGUAGES, WIDTHS = ("fr", "de"), (390, 320)
#: As high as the longest page, since Debian's WebKit draws no more than its window.
TALL = 2800
#: The button as it is while the bank is asked, on a page that stays.
_BUSY = """() => {
  document.querySelector("main form").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector("main form button.main").click();
  document.querySelector("main form button.main").scrollIntoView();
}"""


def draw(target: Path) -> None:
    """Walk through the product on a phone and write the picture of it."""
    with TemporaryDirectory() as folder, own_product(Path(folder)) as product, sync_playwright() as driver:
        browser = driver.chromium.launch(**(launch_args() or {}))
        page = browser.new_context(**context_args(PHONE, "chromium", "fr")).new_page()
        _mount(browser, list(_walk(page, product, product.order())), target)
        browser.close()


def _walk(page: Page, product: Product, order: PlacedActivation) -> Iterator[bytes]:
    page.goto(order.link)
    yield page.screenshot()
    card = to_card(page, order)
    yield page.screenshot()
    signing = card.submit(GOOD_CARD, product.expiry(), SigningPage)
    yield page.screenshot()
    signing.sign(SuccessPage)
    yield page.screenshot()


def draw_engines(folder: Path) -> None:
    """Walk over TLS in each engine, language, width and kind of colours, and write a sheet of each walk."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as servers,
        own_product(Path(servers), trustme.CA()) as product,
        sync_playwright() as driver,
    ):
        for engine in filter(is_here, COLOURS):
            for language, width, colours in combined(LANGUAGES, WIDTHS, COLOURS[engine]):
                phone = EnginePhone(engine, language, width, colours, TALL)
                _draw_one(driver, product, phone, folder / f"{engine}-{language}-{width}-{colours}.png")


def _draw_one(driver: Playwright, product: Product, phone: EnginePhone, target: Path) -> None:
    with open_phone(driver, phone) as page:
        pictures = list(_long_walk(page, product, product.order(phone.language)))
    browser = driver.chromium.launch(**(launch_args() or {}))
    _mount(browser, pictures, target, phone.width)
    browser.close()


def _long_walk(page: Page, product: Product, order: PlacedActivation) -> Iterator[bytes]:
    """Stop at each kind of page, with errors, with the focus somewhere, and while the bank is asked."""
    WelcomePage.open(page, order)
    for _ in range(3):
        page.keyboard.press("Tab")
    yield page.screenshot()
    welcome = WelcomePage.open(page, order).press("Next", WelcomePage)
    yield page.screenshot()
    card = welcome.accept(order).submit("4111", product.expiry(), CardPage, code="")
    yield page.screenshot()
    card = card.reload(CardPage).fill(GOOD_CARD, product.expiry())
    page.evaluate(_BUSY)
    yield page.screenshot()
    wrong = SCENARIOS["wrong_card"].cards[0]
    failed = card.reload(CardPage).submit(wrong, product.expiry(), FailurePage)
    yield page.screenshot()
    signing = failed.try_again().submit(GOOD_CARD, product.expiry(), SigningPage)
    yield page.screenshot()
    signing.sign(SuccessPage)
    yield page.screenshot()


def _mount(browser: Browser, pictures: list[bytes], target: Path, width: int = 260) -> None:
    sheet = browser.new_page(viewport={"width": 1200, "height": 640})
    images = (f'<img alt="" src="data:image/png;base64,{b64encode(one).decode()}">' for one in pictures)
    sheet.set_content(_SHEET.format(pictures="".join(images), width=width))
    sheet.locator("body").screenshot(path=target)


if __name__ == "__main__":
    if sys.argv[1] == "--engines":
        draw_engines(Path(sys.argv[2]))
    else:
        draw(Path(sys.argv[1]))

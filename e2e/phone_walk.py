"""Draw the README's picture: the walk on a phone, from the link to the active service."""

import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from e2e.browser import launch_args
from e2e.devices import PHONE, context_args
from e2e.pages import SigningPage, SuccessPage
from e2e.product import PlacedActivation, Product, own_product
from e2e.walks import GOOD_CARD, to_card

_SHEET = """<!doctype html><html lang="en"><title>Walk</title><style>
body {{ margin: 0; padding: 24px; display: inline-flex; gap: 24px; background: #dfe7e6; }}
img {{ width: 260px; border: 6px solid #14323a; border-radius: 26px; }}
</style>{pictures}"""


def draw(target: Path) -> None:
    """Walk through the product on a phone and write the picture of it."""
    with TemporaryDirectory() as folder, own_product(Path(folder)) as product, sync_playwright() as driver:
        browser = driver.chromium.launch(**(launch_args() or {}))
        page = browser.new_context(**context_args(PHONE, "chromium", "fr")).new_page()
        pictures = list(_walk(page, product, product.order()))
        _mount(browser, pictures, target)
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


def _mount(browser: Browser, pictures: list[bytes], target: Path) -> None:
    sheet = browser.new_page(viewport={"width": 1200, "height": 640})
    images = (f'<img alt="" src="data:image/png;base64,{b64encode(one).decode()}">' for one in pictures)
    sheet.set_content(_SHEET.format(pictures="".join(images)))
    sheet.locator("body").screenshot(path=target)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))

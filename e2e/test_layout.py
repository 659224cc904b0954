"""No page scrolls sideways on the narrowest phone; nothing is fetched from elsewhere."""

import pytest
from playwright.sync_api import Locator, Page, expect

from app.i18n import LANGUAGES
from e2e.gallery import gallery
from e2e.portal_gallery import portal_gallery
from e2e.product import Product

NARROWEST = 320
#: How much of a page a usual phone shows, in CSS pixels.
PHONE = 844
#: French is test_album's, and all four are the audit's.
WORDY = ("de",)


#: The words that two lines share. Where a browser knows no hyphens of a language, the longest must fit too.
_TORN_WORDS = """() => {
  document.body.style.hyphens = "manual";
  const nodes = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), torn = [];
  for (let node; (node = nodes.nextNode());) {
    for (const word of node.data.matchAll(/(?<![^\\s„(])\\p{L}{8,}(?=[\\s.,:?!)“]|$)/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (range.getClientRects().length > 1) torn.push(word[0]);
    }
  }
  return torn;
}"""


@pytest.mark.parametrize("language", WORDY)
def test_narrow_phone_never_scrolls_sideways_nor_tears_words(
    language: str, page: Page, scriptless: Page, product: Product
) -> None:
    for phone in (page, scriptless):
        phone.set_viewport_size({"width": NARROWEST, "height": 640})
    too_wide, torn = {}, {}
    for name, shown in gallery(page, scriptless, product, language):
        if (width := shown.evaluate("document.documentElement.scrollWidth")) > NARROWEST:
            too_wide[name] = width
        if words := shown.evaluate(_TORN_WORDS):
            torn[name] = words
    assert not too_wide
    assert not torn


@pytest.mark.parametrize("language", WORDY)
def test_narrow_phone_never_scrolls_sideways_in_the_portal(
    language: str, page: Page, other_phone: Page, product: Product
) -> None:
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    too_wide = {
        name: width
        for name in portal_gallery(page, other_phone, product, language)
        if (width := page.evaluate("document.documentElement.scrollWidth")) > NARROWEST
    }
    assert not too_wide


def test_nothing_comes_from_elsewhere_in_the_portal(page: Page, other_phone: Page, product: Product) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    for _ in portal_gallery(page, other_phone, product, "fr"):
        pass
    assert asked
    assert not [url for url in asked if not url.startswith((product.product_url, "about:"))]
    assert not [line for line in complaints if "Content Security Policy" in line]


def test_nothing_comes_from_elsewhere(page: Page, scriptless: Page, product: Product) -> None:
    asked: list[str] = []
    for phone in (page, scriptless):
        phone.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    for _ in gallery(page, scriptless, product, "fr"):
        pass
    ours = (product.product_url, product.bank_url)
    assert not [url for url in asked if not url.startswith(ours)]
    assert not [line for line in complaints if "Content Security Policy" in line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_to_be_done_is_in_sight_on_a_phone(language: str, page: Page, product: Product) -> None:
    """The first box lies within a screen and a half, the first field within a screen, with errors too."""
    page.set_viewport_size({"width": 390, "height": PHONE})
    page.goto(product.order(language).link)
    boxes = page.get_by_role("checkbox")
    assert _top(boxes.first) < PHONE * 1.5
    for box in boxes.all():
        box.check()
    page.locator("main form button").last.click()
    first_field = page.get_by_role("textbox").first
    assert _top(first_field) < PHONE
    page.locator("main form button").last.click()
    expect(first_field).to_have_attribute("aria-invalid", "true")
    page.evaluate("scrollTo(0, 0)")
    assert _top(first_field) < PHONE


def _top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]

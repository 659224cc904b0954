"""Where things lie: what must be in sight at once, and a check that finds what lies where it must not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.i18n import LANGUAGES
from e2e.audit.reading import LAYOUT
from e2e.product import Product

#: How much of a page a usual phone shows, in CSS pixels.
PHONE = 844
PICTURE = '<svg viewBox="0 0 9 9" width="{}" height="90"></svg>'
#: One page for each kind of fault; what all of them lack is in none of them wrong.
BROKEN = {
    "wider than its column": f"<div style='width: 200px'>{PICTURE.format(300)}</div>",
    "wider than its column: svg": (
        f"<div style='display: grid; grid-template-columns: 50px 1fr'>{PICTURE.format(90)}<p>Text</p></div>"
    ),
    "text on a picture": f"<div style='height: 20px'>{PICTURE.format(90)}</div><p>Text</p>",
    "text on text": "<p style='height: 5px'>Text<br>and more</p><p>Other text</p>",
    "text cut off": "<p style='white-space: nowrap; width: 50px; overflow: hidden'>More than fits</p>",
    "sticks out of its box": "<div style='width: 100px'><p style='width: 200px'>Text</p></div>",
    "targets on each other": "<div style='height: 5px'><button>One</button></div><button>Other</button>",
    "neighbours touch": "<button style='display: block'>One</button><p style='margin: 0'>Text</p>",
}
SOUND = """<p>Text with a <a href="#">link that is so long that it goes on below</a>, and more.</p>
  <div style="overflow: auto; width: 90px"><p style="width: 200px">Scrolled</p></div>
  <label>Name <input value="More than there is room for in this field"></label>
  <p><button>One</button> <button>Other</button></p>"""


def broken(body: str) -> str:
    return (
        f"<!doctype html><style>* {{ box-sizing: border-box }}</style><body style='font: 16px serif'>{body}"
    )


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Iterator[Page]:
    """A page for whatever is to be shown."""
    with browser.new_context(viewport={"width": 390, "height": PHONE}) as context:
        yield context.new_page()


@pytest.mark.parametrize("kind", BROKEN)
def test_what_lies_where_it_must_not_is_found(sheet: Page, kind: str) -> None:
    sheet.set_content(broken(BROKEN[kind]))
    found = sheet.evaluate(LAYOUT)
    assert [one for one in found if one.startswith(kind)], found


def test_nothing_is_found_where_all_lies_well(sheet: Page) -> None:
    sheet.set_content(broken(SOUND))
    assert sheet.evaluate(LAYOUT) == []


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
    for mistakes in (
        ("", "", ""),
        ("4242 4242 4242 4241", "01/20", "1"),
        ("4242 4242 42", "13/2", "12345"),
    ):
        for field, mistake in zip(page.get_by_role("textbox").all(), mistakes, strict=True):
            field.fill(mistake)
        page.locator("main form button").last.click()
        expect(page.get_by_role("alert").get_by_role("link")).to_have_count(3)
        page.evaluate("scrollTo(0, 0)")
        assert _top(first_field) < PHONE


def _top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]

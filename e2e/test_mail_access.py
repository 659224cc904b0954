"""Every mail can be read by everybody: no axe violation, no scrolling sideways, a button for a thumb."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from app.domain.history import MailKind
from e2e.audit.colours import forced_colours
from e2e.mail_gallery import SCHEMES, every_mail
from tests.support.mail_parts import letter_in, name_in, part, writing

pytestmark = pytest.mark.own_server("reads mails that are written here")

NARROWEST = 320
#: One word of sixty letters, which no narrow screen holds.
LONG = "Boekhoud" * 7 + "BVBA"


@pytest.fixture
def narrow(page: Page) -> Page:
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    return page


def with_long_names() -> Iterator[tuple[str, str]]:
    with writing() as compose:
        for kind in MailKind:
            letter = name_in(letter_in("fr", kind), LONG)
            yield f"{kind} with long names", part(compose(letter), "html")


def test_axe_finds_nothing_in_any_mail(narrow: Page) -> None:
    found: dict[str, str] = {}
    for name, html in every_mail("fr"):
        narrow.set_content(html)
        for scheme in SCHEMES:
            narrow.emulate_media(color_scheme=scheme)
            results = Axe().run(narrow, options={"resultTypes": ["violations"]})
            if results.violations_count:
                found[f"{name}, {scheme}"] = results.generate_report()
    assert not found, "\n".join(f"{name}: {report}" for name, report in found.items())


def test_every_mail_is_read_in_forced_colours(narrow: Page) -> None:
    found = {}
    for name, html in every_mail("fr"):
        narrow.set_content(html)
        found[name] = [*forced_colours(narrow, "fr")]
    assert not {name: faults for name, faults in found.items() if faults}


def test_no_mail_scrolls_sideways(narrow: Page) -> None:
    too_wide = {}
    for name, html in (*every_mail("fr"), *with_long_names()):
        narrow.set_content(html)
        width = narrow.evaluate("document.documentElement.scrollWidth")
        if width > NARROWEST:
            too_wide[name] = width
    assert not too_wide


def test_no_mail_fetches_anything(narrow: Page) -> None:
    asked: list[str] = []
    narrow.on("request", lambda request: asked.append(request.url))
    for _, html in every_mail("fr"):
        narrow.set_content(html)
    assert not asked


def test_the_button_is_large_enough_for_a_thumb(narrow: Page) -> None:
    narrow.set_content(dict(every_mail("fr"))[MailKind.INVITATION])
    box = narrow.get_by_role("link").first.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["width"] >= 44

"""For those who hear the page, steer it by keys, or look at it in colours of their own."""

from base64 import b64encode
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.domain.bank_results import RegisterRefusal
from e2e.album.album_server import AlbumServer, open_studio
from e2e.album.portal_pages import sign_in
from e2e.album.wizard import send, without_script_of_ours
from e2e.audit.colours import unseen_states
from e2e.audit.reading import PHONE
from e2e.keys import expect_every_action_is_reached, tab_to, write
from tests.support.office import ACCOUNTANT

pytestmark = pytest.mark.own_server("makes every state in a studio of its own")

CARD = {"card_number": "4000024329596391", "expiry": "0529", "security_code": "123"}
AS_SHOWN = ["4000 0243 2959 6391", "0529", "123"]

#: How many different colours a picture has: in a box that cannot be seen it is one.
_COLOURS = """async (picture) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, image.width, image.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""

#: What sets one link off from another, its colour apart.
_SET_OFF = """link => {
  const { backgroundColor, borderBottomColor, borderBottomWidth, fontWeight } = getComputedStyle(link);
  return [backgroundColor, borderBottomColor, borderBottomWidth, fontWeight].join();
}"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlbumServer]:
    with open_studio(tmp_path_factory.mktemp("studio")) as opened:
        yield opened


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    """A browser of somebody who reads French."""
    with browser.new_context(viewport=PHONE, locale="fr-BE") as context:
        yield context.new_page()


@pytest.fixture
def canvas(browser: Browser) -> Iterator[Page]:
    """A blank page, for looking at pictures."""
    with browser.new_context() as context:
        yield context.new_page()


def at_card(page: Page, studio: AlbumServer) -> str:
    """Open the card page and return the public id of its activation."""
    public_id = studio.activation_factory.create_cardholder().public_id
    page.goto(studio.link(public_id))
    return public_id


def test_failure_and_retry_by_keyboard_alone(reader: Page, studio: AlbumServer) -> None:
    at_card(reader, studio)
    studio.bank.answer = RegisterRefusal.NOT_LINKED
    type_card(reader)
    expect(reader.locator("main[data-state=failed]")).to_be_visible()
    studio.bank.answer = None
    tab_to(reader, reader.locator("main .actions a.button").last)
    reader.keyboard.press("Enter")
    reader.wait_for_url("**/card")
    # Whoever tries again types all three: nothing of a card is kept.
    assert [field.input_value() for field in fields(reader)] == ["", "", ""]
    without_script_of_ours([reader])
    reader.reload()
    type_card(reader)
    expect(reader.locator("main[data-state=handoff]")).to_be_visible()


def type_card(page: Page) -> None:
    """Type a card with the keyboard and send it."""
    for name, text in CARD.items():
        write(page, page.locator(f"[name={name}]"), text)
    page.keyboard.press("Enter")


def fields(page: Page) -> list[Locator]:
    return [page.locator(f"[name={name}]") for name in CARD]


def test_error_leads_to_its_field_by_keyboard(reader: Page, studio: AlbumServer) -> None:
    at_card(reader, studio)
    send(reader, "card")
    expect(reader.get_by_role("alert")).to_be_focused()
    reader.keyboard.press("Tab")
    reader.keyboard.press("Tab")
    reader.keyboard.press("Enter")
    expect(reader.locator("[name=expiry]")).to_be_focused()
    description = reader.locator("[name=expiry]").evaluate(
        "field => field.getAttribute('aria-describedby').split(' ')"
        ".map(id => document.getElementById(id).innerText).join(' ')"
    )
    assert "05/29" in description
    assert "Erreur" in description


def test_digits_are_grouped_and_kept_by_keyboard(reader: Page, studio: AlbumServer) -> None:
    at_card(reader, studio)
    for name, text in CARD.items():
        write(reader, reader.locator(f"[name={name}]"), text)
    typed = [field.input_value() for field in fields(reader)]
    assert typed[0] == AS_SHOWN[0]
    assert ["".join(filter(str.isdigit, text)) for text in typed[1:]] == AS_SHOWN[1:]


def test_news_is_announced(reader: Page, studio: AlbumServer) -> None:
    public_id = at_card(reader, studio)
    home = studio.at(f"/activation/{public_id}")
    reader.goto(f"{home}/welcome")
    notice = "Vous avez déjà confirmé votre référence client et accepté les conditions."
    expect(reader.get_by_role("status").filter(has_text=notice)).to_be_visible()
    without_script_of_ours([reader])
    type_card(reader)
    expect(reader.get_by_role("status")).to_contain_text("Belfius")
    studio.clock.advance(seconds=40)
    reader.goto(f"{home}/result")
    expect(reader.get_by_role("status")).to_contain_text("Belfius")


def test_every_action_of_the_wizard_is_reached_in_the_order_of_reading(
    reader: Page, studio: AlbumServer
) -> None:
    reader.goto(studio.link(studio.activation_factory.create_invited()))
    home = reader.url.rpartition("/")[0]
    expect_every_action_is_reached(reader)
    send(reader, "welcome")
    reader.goto(f"{home}/not-mine")
    expect_every_action_is_reached(reader)
    at_card(reader, studio)
    expect_every_action_is_reached(reader)
    reader.goto(studio.at("/a/nothing"))
    expect_every_action_is_reached(reader)


def test_own_colours_leave_everything_visible(reader: Page, canvas: Page, studio: AlbumServer) -> None:
    reader.emulate_media(forced_colors="active")
    reader.goto(studio.link(studio.activation_factory.create_invited()))
    for shown in (
        ".progress .bar",
        "main form button",
        "[type=checkbox] >> nth=0",
        ".languages [aria-current]",
    ):
        assert colours(reader.locator(shown), canvas) > 1, f"{shown} cannot be seen"
    tick = reader.locator("[type=checkbox]").first
    before = tick.screenshot()
    tick.check()
    assert tick.screenshot() != before
    at_card(reader, studio)
    for field in fields(reader):
        assert colours(field, canvas) > 1
    send(reader, "card")
    assert colours(reader.locator(".summary"), canvas) > 1


def test_states_of_a_form_are_told_by_more_than_its_colours(reader: Page, studio: AlbumServer) -> None:
    at_card(reader, studio)
    reader.locator("[name=expiry]").fill("05/29")
    send(reader, "card")
    assert [*unseen_states(reader)] == []


def test_steps_that_are_done_differ_in_own_colours(reader: Page, studio: AlbumServer) -> None:
    reader.emulate_media(forced_colors="active")
    reader.goto(studio.link(studio.activation_factory.create_invited()))
    first = reader.locator(".progress .bar").screenshot()
    at_card(reader, studio)
    assert reader.locator(".progress .bar").screenshot() != first


def test_what_is_chosen_differs_in_own_colours(reader: Page, studio: AlbumServer) -> None:
    reader.emulate_media(forced_colors="active")
    sign_in(reader, studio, ACCOUNTANT)
    for menu in (".languages", ".menu", ".filters"):
        chosen, other = (
            reader.locator(f"{menu} a{which}").first for which in ("[aria-current]", ":not([aria-current])")
        )
        assert chosen.evaluate(_SET_OFF) != other.evaluate(_SET_OFF), f"{menu} does not show what is chosen"


def colours(shown: Locator, canvas: Page) -> int:
    """Count the colours in the picture of something, its edge included."""
    return int(canvas.evaluate(_COLOURS, b64encode(shown.screenshot()).decode()))

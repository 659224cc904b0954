"""The keyboard in the hands of somebody who uses nothing else."""

import pytest
from playwright.sync_api import Locator, Page

#: More presses of the Tab key than any page has stops.
STOPS = 60

#: Each thing on a page that can be acted upon, and whether the keyboard's place is seen on it.
_PLACE = """() => {
  const all = [...document.querySelectorAll(
    "a[href], button, summary, select, textarea, pre[tabindex], "
    + "input:not([type=hidden], [type=radio]:not(:checked))"
  )].filter((one) => one.checkVisibility());
  const {outlineStyle, outlineWidth} = getComputedStyle(document.activeElement);
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return [all.indexOf(document.activeElement), all.length, seen];
}"""


def tab_to(page: Page, target: Locator) -> None:
    """Press the Tab key until the target has the focus."""
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"The Tab key never reaches {target}.")


def write(page: Page, target: Locator, text: str) -> None:
    """Go to a field and type."""
    tab_to(page, target)
    page.keyboard.type(text)


def expect_every_action_is_reached(page: Page) -> None:
    """Expect the Tab key to visit all there is to act upon, in the order of reading, and to be seen there."""
    places: list[int] = []
    _, count, _ = page.evaluate(_PLACE)
    while len(places) < count:
        page.keyboard.press("Tab")
        place, _, seen = page.evaluate(_PLACE)
        assert seen
        places.append(place)
    assert places == list(range(count))

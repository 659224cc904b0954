"""Draw what the README shows of a desk: the accountant's list and the testers' page, from a demonstration."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from e2e.browser import launch_args
from e2e.devices import DESK, context_args
from tests.support.installation import Installation

#: What fits beside the text of a README.
_VIEW = {"width": 1280, "height": 800}


def draw(folder: Path) -> None:
    """Start a demonstration, look at both pages in French, and write the pictures."""
    with (
        TemporaryDirectory() as elsewhere,
        Installation(Path(sys.prefix), Path(elsewhere)).demo(CARO_INSTANCE=f"{elsewhere}/instance") as facts,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(**(launch_args() or {}))
        page = browser.new_context(**context_args(DESK | {"viewport": _VIEW}, "chromium", "fr")).new_page()
        page.goto(facts["portal"])
        page.locator("main form button").click()
        _take(page, folder / "portal.png")
        page.goto(facts["qa"])
        page.locator("main form button").first.click()
        page.get_by_role("navigation").get_by_role("link", name="Messages").click()
        _take(page, folder / "qa.png")
        browser.close()


def _take(page: Page, target: Path) -> None:
    page.wait_for_load_state()
    page.screenshot(path=target)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))

"""The browser in which the album is shown."""

from playwright.sync_api import Browser, Playwright

from e2e.browser import FLAGS, NO_BROWSER, find_browser


def why_none() -> str | None:
    """Say what to do where there is no browser; None where there is one."""
    return NO_BROWSER if find_browser() is None else None


def launch(driver: Playwright) -> Browser:
    """Start the browser that is here."""
    return driver.chromium.launch(executable_path=find_browser(), args=[*FLAGS])

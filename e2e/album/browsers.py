"""The browser in which the album is shown."""

from playwright.sync_api import Browser, Playwright

from e2e.browser import launch_args, missing

_KIND = "chromium"


def why_none() -> str | None:
    """Say what to do where there is no browser; None where there is one."""
    return missing(_KIND) if launch_args(_KIND) is None else None


def launch(driver: Playwright) -> Browser:
    """Start the browser that is here."""
    return driver.chromium.launch(**launch_args(_KIND) or {})

"""What a page is expected to become, in Playwright's browsers and in Debian's WebKit alike."""

from typing import Any

from playwright.sync_api import expect as playwright_expect

from e2e.webkit.page import WebKitExpectation, WebKitLocator


def expect(target: Any) -> Any:
    """Expect something of what is on a page; the browser that shows it knows how to wait."""
    return WebKitExpectation(target) if isinstance(target, WebKitLocator) else playwright_expect(target)

"""A finger where the screen feels it, a mouse where it does not."""

from weakref import WeakKeyDictionary

from playwright.sync_api import BrowserContext, Locator

_FELT: WeakKeyDictionary[BrowserContext, bool] = WeakKeyDictionary()


def touch(target: Locator) -> None:
    """Press something on a page, by tap or by click as this browser can."""
    if _feels(target):
        target.tap()
    else:
        target.click()


def _feels(target: Locator) -> bool:
    context = target.page.context
    if context not in _FELT:
        _FELT[context] = target.page.evaluate("navigator.maxTouchPoints > 0")
    return _FELT[context]

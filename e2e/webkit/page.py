"""As much of Playwright's page as the page objects use, told to a browser that speaks WebDriver."""

import re
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from e2e.webkit.driver import ELEMENT, WebDriver, WebDriverError
from tests.support.waiting import wait_until

_FIND = (Path(__file__).parent / "find.js").read_text()
_SHOWN = "one => one.checkVisibility() && one.getClientRects().length > 0"
_WORDS = "one => (one.innerText || one.textContent).replaceAll(/\\s+/g, ' ').trim()"
_PAINTED = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
#: How the protocol writes the keys that print nothing.
_KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "ArrowDown": "\ue015"}
Answer = TypeVar("Answer")


def wait_for(look: Callable[[], Answer], failure: str) -> Answer:
    """Look until there is an answer that is not false; a page that is leaving has none."""
    answers: list[Answer] = []

    def has_answered() -> bool:
        with suppress(WebDriverError):
            answers.append(look())
        return bool(answers and answers[-1])

    try:
        wait_until(has_answered)
    except TimeoutError:
        raise AssertionError(failure) from None
    return answers[-1]


class WebKitLocator:
    """What is meant on a page: found anew each time, as the page may have changed."""

    def __init__(self, page: "WebKitPage", steps: tuple[tuple[Any, ...], ...] = ()) -> None:
        self.page, self.steps = page, steps

    def locator(self, css: str) -> "WebKitLocator":
        return self._then("css", css)

    def get_by_role(
        self, role: str, name: str | None = None, exact: bool = False, level: int = 0
    ) -> "WebKitLocator":
        return self._then("role", role, exact, name, level)

    def get_by_label(self, text: str, exact: bool = False) -> "WebKitLocator":
        return self._then("label", text, exact)

    def get_by_text(self, text: str, exact: bool = False) -> "WebKitLocator":
        return self._then("text", text, exact)

    def nth(self, place: int) -> "WebKitLocator":
        return self._then("nth", place)

    @property
    def first(self) -> "WebKitLocator":
        return self.nth(0)

    def count(self) -> int:
        return len(self.found())

    def evaluate(self, script: str) -> Any:
        return self.page.driver.run(script, self._element())

    def inner_text(self) -> str:
        return str(self.evaluate("one => one.innerText"))

    def input_value(self) -> str:
        return str(self.evaluate("one => one.value"))

    def click(self) -> None:
        self._do("click")

    def check(self) -> None:
        if not self.evaluate("one => one.checked"):
            self.click()

    def fill(self, text: str) -> None:
        self.evaluate("one => { one.value = ''; one.scrollIntoView({block: 'center'}); }")
        if text:
            self._do("value", text=text)

    def found(self) -> list[dict[str, str]]:
        """Return what there is at this moment, as the protocol names it."""
        found: list[dict[str, str]] = self.page.driver.run(_FIND, self.steps)
        return found

    def shown(self) -> list[dict[str, str]]:
        """Return what of it can be seen."""
        return [one for one in self.found() if self.page.driver.run(_SHOWN, one)]

    def _then(self, *step: Any) -> "WebKitLocator":
        return WebKitLocator(self.page, (*self.steps, step))

    def _element(self) -> dict[str, str]:
        return wait_for(self.shown, f"{self.steps} is not to be seen")[0]

    def _do(self, what: str, **how: str) -> None:
        self.page.driver.command("POST", f"/element/{self._element()[ELEMENT]}/{what}", **how)


class WebKitPage(WebKitLocator):
    """The page that is shown, its keyboard, and the way back."""

    def __init__(self, driver: WebDriver) -> None:
        super().__init__(self)
        self.driver = driver
        # A window has one page, and only its own keys.
        self.context = self.keyboard = self

    @property
    def url(self) -> str:
        return str(self.driver.command("GET", "/url"))

    def content(self) -> str:
        return str(self.driver.command("GET", "/source"))

    def goto(self, url: str) -> None:
        self.driver.command("POST", "/url", url=url)

    def reload(self) -> None:
        self.driver.command("POST", "/refresh")

    def go_back(self) -> None:
        self.driver.command("POST", "/back")

    def set_viewport_size(self, size: dict[str, int]) -> None:
        self.driver.command("POST", "/window/rect", **size)

    def evaluate(self, script: str) -> Any:
        made = f"const made = {script}; return made instanceof Function ? made() : made;"
        return self.driver.run(f"() => {{ {made} }}")

    def screenshot(self) -> bytes:
        self.driver.command("POST", "/execute/async", script=_PAINTED, args=[])
        return b64decode(self.driver.command("GET", "/screenshot"))

    def press(self, key: str) -> None:
        self.type(_KEYS[key])

    def type(self, text: str) -> None:
        strokes = [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        self.driver.command("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": strokes}])


class WebKitExpectation:
    """What must come to be true of something on a page."""

    def __init__(self, target: WebKitLocator) -> None:
        self._target = target

    def to_be_visible(self) -> None:
        wait_for(self._target.shown, f"{self._target.steps} is not to be seen")

    def to_have_count(self, count: int) -> None:
        wait_for(lambda: self._target.count() == count, f"{self._target.steps} are not {count}")

    def to_be_focused(self) -> None:
        self._becomes("one => one === document.activeElement", lambda focused: bool(focused))

    def to_have_text(self, words: str | re.Pattern[str]) -> None:
        pattern = words if isinstance(words, re.Pattern) else re.compile(re.escape(" ".join(words.split())))
        self._becomes(_WORDS, lambda text: pattern.search(text) is not None)

    def _becomes(self, script: str, right: Callable[[Any], bool]) -> None:
        wait_for(lambda: right(self._target.evaluate(script)), f"{self._target.steps}: not {script}")

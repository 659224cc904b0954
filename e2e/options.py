"""The options of the browser tests: which server, browsers and device, and whose words."""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Error, Playwright, sync_playwright

from app.i18n import DEFAULT_LANGUAGE, LANGUAGES
from e2e.browser import chosen_args, is_here, kind_of, missing
from e2e.devices import DEVICES, own_device
from e2e.engines import why_left_out, why_not_played

ALL = "all"
OWN_SERVER = "needs a server of its own"
_UNSET = (None, False, "off")


@dataclass(frozen=True)
class RunOptions:
    """What was chosen for this run; without an address the tests start servers of their own."""

    base_url: str
    browsers: Sequence[str]
    languages: Sequence[str]
    device: dict[str, Any]

    def __str__(self) -> str:
        """Say in a line what was chosen."""
        return ", ".join((self.base_url or "servers of its own", *self.browsers, *self.languages))

    def against(self, item: pytest.Item) -> str | None:
        """Return why a test has no place in this run, None where it has one."""
        own, chromium, engine = (
            item.get_closest_marker(name) for name in ("own_server", "chromium", "engine")
        )
        given: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        browser = given.get("browser_name", self.browsers[0])
        if own and self.base_url:
            return f"{OWN_SERVER}: {own.args[0]}"
        if chromium and browser != "chromium":
            return f"needs Chromium: {chromium.args[0]}"
        if engine:
            return why_left_out(engine.args[0])
        return why_not_played("webkit") if given.get("browser_name") == "webkit" else None


RUN = pytest.StashKey[RunOptions]()


def add_options(parser: pytest.Parser) -> None:
    """Offer the options beside those of pytest-playwright, which hold as its own pages say."""
    group = parser.getgroup("e2e", "browser tests of the product")
    group.addoption(
        "--languages",
        default=DEFAULT_LANGUAGE,
        help=f"Language of stories that tell none: {', '.join(LANGUAGES)}, several of them, or {ALL}.",
    )
    group.addoption(
        "--html-report", metavar="FILE", help="Write the run as a page, with pictures and traces."
    )
    group.addoption("--scenario-report", metavar="FILE", help="Tell at the end how each scenario went.")


def read_options(config: pytest.Config) -> RunOptions:
    """Read the options; raise UsageError where one makes no sense."""
    asked: str = config.getoption("--languages")
    languages = list(LANGUAGES) if asked == ALL else re.split(r"[,\s]+", asked.strip())
    strange = [one for one in languages if one not in LANGUAGES]
    if strange:
        raise pytest.UsageError(f"--languages: {', '.join(strange)} is none of {', '.join(LANGUAGES)}.")
    browsers = list(dict.fromkeys(config.getoption("--browser"))) or ["chromium"]
    device = _read_device(config.getoption("--device") or "phone")
    return RunOptions(config.getoption("--base-url") or "", browsers, languages, device)


def refuse_what_is_not_here(config: pytest.Config) -> None:
    """Say in one line what each test would stumble over: a browser, a channel, a screen, a camera."""
    tried = _to_be_tried(config)
    wanted = config.getoption("--browser") or (["chromium"] if tried else [])
    for kind in (kind_of(browser, config.getoption("--headed")) for browser in wanted):
        if not config.getoption("--browser-channel") and not is_here(kind):
            raise pytest.UsageError(missing(kind))
    if tried:
        with sync_playwright() as driver:
            for browser in wanted:
                _try(driver, browser, config)


def _to_be_tried(config: pytest.Config) -> Sequence[str]:
    """Return the options of this run of which only a browser that starts can tell whether they hold."""
    return [
        name for name in ("--browser-channel", "--headed", "--video") if config.getoption(name) not in _UNSET
    ]


def _try(driver: Playwright, browser: str, config: pytest.Config) -> None:
    """Start a browser as the tests will; one that the system steers in a way of its own is not tried."""
    headed, filmed = config.getoption("--headed"), config.getoption("--video") != "off"
    found = chosen_args(browser, config.getoption("--browser-channel"), headed)
    if found is None:
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            started = getattr(driver, browser).launch(**found, headless=not headed)
            started.new_context(**({"record_video_dir": folder} if filmed else {})).new_page()
            started.close()
    except Error as error:
        lines = [line.strip(" ║") for line in error.message.splitlines() if line.startswith("║")]
        why = (lines or error.message.partition(": ")[2].splitlines())[0]
        raise pytest.UsageError(f"{' '.join(_to_be_tried(config))}: {browser} cannot. {why}") from None


def _read_device(name: str) -> dict[str, Any]:
    """Return one of our devices, else one of Playwright's."""
    found = own_device(name)
    if found is None:
        with sync_playwright() as driver:
            found = driver.devices.get(name)
    if found is None:
        known = f"{', '.join(DEVICES)}, a size like 320x640, nor a device of Playwright's like Pixel 7"
        raise pytest.UsageError(f"--device: {name} is neither {known}.")
    return found

"""A phone in each engine that cardholders have, for the few stories that are told in all of them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from playwright.sync_api import Page, Playwright

from e2e.browser import is_here, launch_args, missing
from e2e.devices import PHONE, context_args
from e2e.webkit.driver import open_webkit
from e2e.webkit.page import WebKitPage

#: Those that an engine can be told to show.
COLOURS = {"chromium": ("light", "dark", "forced"), "webkit": ("light", "dark"), "firefox": ("light",)}
_COLOURS: Mapping[str, dict[str, str]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active", "color_scheme": "dark"},
}


@dataclass(frozen=True)
class EnginePhone:
    """Which engine, whose language, how large, and in which colours."""

    engine: str
    language: str = "fr"
    width: int = 390
    colours: str = "light"
    height: int = 844


@cache
def why_left_out(engine: str) -> str | None:
    """Say what to do where an engine is not here; None where it is, and where none may be missing."""
    return None if is_here(engine) or os.environ.get("CI") == "true" else missing(engine)


def why_not_played(engine: str) -> str | None:
    """Say why most stories cannot be told in an engine that is here, but that Playwright cannot drive."""
    here = is_here(engine) and launch_args(engine) is None
    return f"needs Playwright's own {engine}; the system's tells those of test_engines" if here else None


@contextmanager
def open_phone(driver: Playwright, phone: EnginePhone) -> Iterator[Page]:
    """Open a phone that remembers nothing and trusts the tests' own certificates."""
    found = launch_args(phone.engine)
    if phone.engine == "webkit" and found is None:
        with open_webkit(phone.width, phone.height, f"{phone.language}-BE", phone.colours) as window:
            yield cast(Page, WebKitPage(window))
        return
    assert found is not None, missing(phone.engine)
    browser = getattr(driver, phone.engine).launch(**found)
    screen: dict[str, Any] = PHONE | {"viewport": {"width": phone.width, "height": phone.height}}
    context = context_args(screen, phone.engine, phone.language) | _COLOURS[phone.colours]
    yield browser.new_context(**context, ignore_https_errors=True).new_page()
    browser.close()
